import { CATALOG_TABLE_ID } from '../../storage/ranges/pushed-writes';
import { transact } from '../../storage/ranges/write-transaction';
import type { SessionValues } from '../builtins/repr';
import type { Definition, DefinitionResult } from '../ddl/definition';
import { type Definer, type DefinitionBody, runBody, TooManyRows } from '../ddl/run';
import type { Notice } from '../engine';
import type { EngineContext } from '../engine-context';
import type { Writer } from '../execute/snapshots';
import type { BlockSnapshot } from './block-snapshot';
import { bindContext } from './compile-query';
import type { NameContext } from './name-resolution';
import type { SessionSettings } from './settings';
import type { StatementRun } from './statement-run';
import type { TransactionState } from './transaction';
import { type OpenWriter, openWriter } from './write-block';

/** Schema changes of a session's statements, as the main thread has them made. */

/** A table's rows that the main thread goes through itself; a change of more is made in a thread. */
const ROWS_IN_PLACE_MAX = 10_000;

interface DefinerAbout {
  readonly engine: EngineContext;
  readonly run: StatementRun;
  /** The statement as a thread would run it. */
  readonly definition: (text?: string) => Omit<Definition, 'nowNanos'>;
  readonly names: () => Omit<NameContext, 'catalog'>;
  readonly notice: (notice: Notice) => void;
  /** @throws SqlError readOnlySqlTransaction (25006) */
  readonly checkWritable: (what: string) => void;
}

/** A session, as far as its statements change schemas. */
export interface DefinerOwner {
  readonly engine: EngineContext;
  readonly settings: SessionSettings;
  readonly user: string;
  readonly transaction: TransactionState<BlockSnapshot>;
  readonly sessionValues: () => SessionValues;
  readonly notice: (notice: Notice) => void;
  readonly checkWritable: (what: string) => void;
}

/** In a transaction of the statement's own, or in the block's. */
export function definerOf(
  owner: DefinerOwner,
  statement: Pick<DefinerAbout, 'run'> & Required<Pick<Definition, 'sql' | 'parameters'>>,
): Definer {
  const { sql, run, parameters } = statement;
  const { engine, settings, user, transaction, sessionValues, notice, checkWritable } = owner;
  const about: DefinerAbout = {
    engine,
    run,
    definition: (text = sql) => ({
      sql: text,
      user,
      settings: settings.all(),
      session: sessionValues(),
      parameters,
      storage: engine.storage,
    }),
    names: () => ({ settings, user }),
    notice,
    checkWritable,
  };
  return transaction.status === 'I'
    ? definerAlone(about)
    : definerInBlock(about, () => openWriter(engine, transaction, run));
}

/** In a write transaction of its own. */
function definerAlone(about: DefinerAbout): Definer {
  const { engine, run: statement } = about;
  return {
    async run(body) {
      about.checkWritable(body.what);
      await body.prepare?.();
      statement.signal.throwIfAborted();
      const lease = await statement.lock(engine.writeLock, body.what);
      try {
        const { tag, notices } = here(about, body) ?? (await inThread(about));
        for (const notice of notices) about.notice(notice);
        return tag;
      } finally {
        lease.release();
      }
    },
  };
}

type Told = Pick<DefinitionResult, 'tag' | 'notices'>;

/** Undefined: it would take long. */
function here(about: DefinerAbout, body: DefinitionBody): Told | undefined {
  const { engine } = about;
  const names = { ...about.names(), catalog: engine.catalog.snapshot() };
  const { session } = about.definition();
  const notices: Notice[] = [];
  try {
    const nowNanos = engine.clock.next();
    const tag = transact(
      engine.db,
      (db) =>
        runBody(body, {
          db,
          names,
          session,
          nowNanos,
          notice(told) {
            notices.push(told);
          },
          bindContext: () => bindContext(names, session, [], new Map(), engine),
          rowsMax: ROWS_IN_PLACE_MAX,
        }),
      nowNanos,
    );
    return { tag, notices };
  } catch (error) {
    if (error instanceof TooManyRows) return undefined;
    throw error;
  }
}

async function inThread({ engine, run, definition }: DefinerAbout): Promise<Told> {
  const nowNanos = engine.clock.next();
  const writer = await engine.queries.openWriter(0, nowNanos);
  try {
    const result = await engine.queries.define(writer, { ...definition(), nowNanos }, run.signal);
    await commitDefinition(engine, writer, nowNanos, result);
    return result;
  } catch (error) {
    if (!writer.closed) await writer.end('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Commits a schema change that was made in a transaction of its own. */
export async function commitDefinition(
  { clock }: Pick<EngineContext, 'clock'>,
  writer: Writer,
  first: bigint,
  { change }: Pick<DefinitionResult, 'change'>,
): Promise<void> {
  const { timestamp: last, end } = clock.commit(first, false);
  const ids = [...change.changed.map(({ id }) => id), ...change.removed];
  const pushed = { tableIds: [CATALOG_TABLE_ID, ...ids], first, last };
  try {
    await writer.end('COMMIT', last === first ? undefined : pushed);
  } finally {
    end();
  }
}

/** In the block's transaction. @param open begins it when there is none */
function definerInBlock(about: DefinerAbout, open: () => Promise<OpenWriter>): Definer {
  return {
    async run({ what, text }) {
      about.checkWritable(what);
      const writing = await open();
      await writing.willDefine();
      const { writer, definitions, touched, timestamp: nowNanos } = writing;
      const { engine, run: statement } = about;
      const { signal } = statement;
      const definition = { ...about.definition(text), nowNanos };
      const result = await engine.queries.define(writer, definition, signal);
      definitions.note(result.change, result.metaTables);
      touched.noteReads(result.reads);
      touched.noteWritten(result.change.changed.map(({ id }) => id));
      touched.noteWritten(result.change.removed);
      for (const notice of result.notices) about.notice(notice);
      return result.tag;
    },
  };
}
