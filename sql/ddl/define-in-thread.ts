import { notSupported } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { CatalogReader } from '../../catalog/catalog-reader';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import type { Notice } from '../engine';
import type { EngineContext } from '../engine-context';
import type { SelectStatement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import type { PgNode } from '../parse/pg-tree';
import { loadParser } from '../parse/postgres';
import { bindContext, compileQuery } from '../session/compile-query';
import type { NameContext } from '../session/name-resolution';
import { readAll } from '../session/read-all';
import { SequenceValues } from '../session/sequence-values';
import { refuseSettings } from '../session/set-config';
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

/** Inside the connection's write transaction. @throws SqlError */
export async function defineInThread(
  db: Connection,
  definition: Definition,
): Promise<DefinitionResult> {
  await loadParser();
  const catalog = reader.read(db);
  const before = readMetaTables(db);
  const notices: Notice[] = [];
  const reads = new Set<number>();
  const context = threadContext(db, catalog, definition, { notices, reads });
  const tag = await runInThread(definition, context);
  const change = reader.refresh(db);
  const metaTables = changedMetaTables(before, readMetaTables(db));
  return { tag, notices, change, metaTables, reads: [...reads] };
}

async function runInThread(definition: Definition, context: StatementContext): Promise<string> {
  const { pending } = definition;
  if (pending !== undefined) {
    const body = (run: DdlRun): void => runPending(pending, run);
    return await context.definer.run({ what: 'SCHEMA CHANGE', body });
  }
  const statement = parseStatement(definition.sql);
  const handler = handlerOf(statement);
  invariant(handler?.kind === 'command', `${statement.kind} is run by its text`);
  return await handler.run(statement, context);
}

function threadContext(
  db: Connection,
  catalog: CatalogSnapshot,
  definition: Definition,
  { notices, reads }: { readonly notices: Notice[]; readonly reads: Set<number> },
): StatementContext {
  const { sql, user, session } = definition;
  const settings = new SessionSettings(() => undefined);
  for (const [name, value] of definition.settings) settings.setInternal(name, value);
  const names: NameContext = { catalog, settings, user };
  const engine = threadEngine(db, catalog);
  const notice = (told: Notice): void => {
    notices.push(told);
  };
  const definer = {
    run: async (body: DefinitionBody) =>
      runBody(body, {
        db,
        names,
        session,
        notice,
        bindContext: () => bindContext(names, session, [], new Map(), engine),
        rowsMax: undefined,
        finishesChanges: definition.pending !== undefined,
        onRead: (id) => reads.add(id),
      }),
  };
  const select = async (statement: SelectStatement): Promise<Repr[][]> => {
    const query = compileQuery(statement, names, session, [], new Map(), engine);
    refuseSettings(query.settings);
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
    savepoints: () => notHere('SHOW SAVEPOINT STATUS'),
    evaluate: (expression) => select(loneExpression(expression)),
    text: (value) => (value.kind === 'string' ? value.value : notHere('a placeholder')),
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

/** What there is of the engine in this thread; the rest says that it is not here. */
function threadEngine(db: Connection, catalog: CatalogSnapshot): EngineContext {
  const known = { db, catalog: { snapshot: () => catalog } };
  return new Proxy(known, {
    get(target, name) {
      if (name in target) return target[name as keyof typeof target];
      return notHere(String(name));
    },
  }) as unknown as EngineContext;
}
