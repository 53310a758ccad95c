import { notSupported } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { CatalogReader } from '../../catalog/catalog-reader';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import { insertJob } from '../../jobs/job-rows';
import type { JobMaker } from '../../jobs/registry';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { Connection } from '../../storage/ranges/connection';
import type { Notice } from '../engine';
import type { EngineContext } from '../engine-context';
import type { SelectStatement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import type { PgNode } from '../parse/pg-tree';
import { loadParser } from '../parse/postgres';
import { bindContext, compileQuery } from '../session/compile-query';
import type { NameContext } from '../session/name-resolution';
import { literalText } from '../session/own-parameters';
import { readAll } from '../session/read-all';
import { SequenceValues } from '../session/sequence-values';
import { refuseSessionChanges } from '../session/set-config';
import { SessionSettings } from '../session/settings';
import { handlerOf } from '../statements/registry';
import type { StatementContext } from '../statements/statement-context';
import type { Definition, DefinitionResult } from './definition';
import { runPending } from './finish-change';
import { changedMetaTables, readMetaTables } from './meta-tables';
import { type DdlRun, type DefinitionBody, runBody } from './run';

/** Schema changes in the thread of a write transaction: the statement is run from its text. */

/** Of this thread's one connection that writes. */
const reader = new CatalogReader();

/** What a statement says while it runs. */
interface Told {
  readonly notices: Notice[];
  readonly reads: Set<number>;
  /** Of its schema change. */
  tag: string;
}

/** Inside the connection's write transaction. @throws SqlError */
export async function defineInThread(
  db: Connection,
  definition: Definition,
): Promise<DefinitionResult> {
  await loadParser();
  const catalog = reader.read(db);
  const before = readMetaTables(db);
  const told: Told = { notices: [], reads: new Set(), tag: '' };
  const context = threadContext(db, catalog, definition, told);
  const tag = (await runInThread(definition, context)) ?? told.tag;
  const { notices, reads } = told;
  const change = reader.refresh(db);
  const metaTables = changedMetaTables(before, readMetaTables(db));
  return { tag, notices, change, metaTables, reads: [...reads] };
}

/** @returns the command tag, undefined when the statement answers with rows */
async function runInThread(
  definition: Definition,
  context: StatementContext,
): Promise<string | undefined> {
  const { pending } = definition;
  if (pending !== undefined) {
    const body = (run: DdlRun): void => runPending(pending, run);
    return await context.definer.run({ what: 'SCHEMA CHANGE', body });
  }
  const statement = parseStatement(definition.sql);
  const handler = handlerOf(statement);
  invariant(handler !== undefined, `${statement.kind} is run by its text`);
  const answer = await handler.run(statement, context);
  return typeof answer === 'string' ? answer : undefined;
}

function threadContext(
  db: Connection,
  catalog: CatalogSnapshot,
  definition: Definition,
  told: Told,
): StatementContext {
  const { sql, user, session, nowNanos, parameters = [], storage } = definition;
  const settings = new SessionSettings(() => undefined);
  for (const [name, value] of definition.settings) settings.setInternal(name, value);
  const names: NameContext = { catalog, settings, user };
  const engine = threadEngine(db, catalog, storage);
  const notice = (sent: Notice): void => {
    told.notices.push(sent);
  };
  const definer = {
    async run(body: DefinitionBody) {
      await body.prepare?.();
      told.tag = runBody(body, {
        db,
        names,
        session,
        nowNanos,
        notice,
        bindContext: () => bindContext(names, session, [], new Map(), engine),
        rowsMax: undefined,
        finishesChanges: definition.pending !== undefined,
        onRead: (id) => told.reads.add(id),
      });
      return told.tag;
    },
  };
  const select = async (statement: SelectStatement): Promise<Repr[][]> => {
    const query = compileQuery(statement, names, session, [], new Map(), engine);
    refuseSessionChanges(query);
    return readAll(db, query, session);
  };
  return {
    engine,
    catalog,
    settings,
    user,
    sql,
    inTransactionBlock: true,
    holdsWriteLock: true,
    signal: new AbortController().signal,
    sequences: new SequenceValues(),
    definer,
    sessionValues: () => session,
    notice,
    deallocate: () => false,
    setUser: () => notHere('SET ROLE'),
    select,
    explain: () => notHere('EXPLAIN'),
    afterCommit: () => undefined,
    afterBlock: () => undefined,
    savepoints: () => notHere('SHOW SAVEPOINT STATUS'),
    evaluate: (expression) => select(loneExpression(expression)),
    text: (value) => literalText(value, parameters),
  };
}

const loneExpression = (expression: PgNode): SelectStatement =>
  ({
    kind: 'Select',
    asOf: null,
    tree: { targetList: [{ ResTarget: { val: expression } }], op: 'SETOP_NONE' },
  }) as unknown as SelectStatement;

function notHere(what: string): never {
  throw notSupported(`${what} in a schema change`);
}

/** Jobs can be made here; the registry starts them when the block has committed. */
const jobMaker = (nodeId: number): JobMaker => ({
  create: (db, job) => insertJob(db, job, nodeId),
});

/** What there is of the engine in this thread; the rest says that it is not here. */
export function threadEngine(
  db: Connection,
  catalog: CatalogSnapshot,
  storage?: ExternalStorageOptions,
): EngineContext {
  const known = {
    db,
    catalog: { snapshot: () => catalog },
    ...(storage === undefined ? {} : { storage, jobs: jobMaker(storage.nodeId) }),
  };
  return new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target];
      return notHere(String(name));
    },
  }) as unknown as EngineContext;
}
