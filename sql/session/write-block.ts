import type { SqlError } from '../../base/errors';
import { CATALOG_TABLE_ID, type PushedWrite } from '../../storage/ranges/pushed-writes';
import { ROWS } from '../../storage/ranges/write-lock';
import type { EngineContext } from '../engine-context';
import type { Writer } from '../execute/snapshots';
import type { Statement } from '../parse/ast';
import { BlockDefinitions } from './block-definitions';
import type { BlockSnapshot } from './block-snapshot';
import type { StatementRun } from './statement-run';
import { changedSince, overtaken, TouchedTables } from './touched-tables';
import type { TransactionState } from './transaction';

/**
 * A block that writes. Its first write takes the write lock, which it keeps to its end; from then on its statements run in
 * one SQLite transaction, whose savepoints are the block's.
 */
export interface OpenWriter {
  readonly writer: Writer;
  /** The time of its rows and descriptors. */
  readonly timestamp: bigint;
  /** Another one, for a statement that has to tell its rows from those of the statements before it. */
  furtherTimestamp(): bigint;
  /** Tables that the block has looked at, written, or changed the schema of. */
  readonly touched: TouchedTables;
  /** The catalog as the block has made it. */
  readonly definitions: BlockDefinitions;
  /** Before the first change of a descriptor. */
  willDefine(): Promise<void>;
  /** Called when it has committed. */
  readonly afterCommit: (() => void)[];
  /** Called when it is over, either way. */
  readonly afterEnd: (() => void)[];
  /** The block's changes are kept, or an error says why not; it is over either way. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

type Transaction = TransactionState<BlockSnapshot>;

/**
 * The block's write transaction; begun when it has none.
 * @param isShort the statement that it is for may run in the main thread
 * @throws SqlError serializationFailure (40001) when something the block has read was changed since; the signal's reason
 */
export async function openWriter(
  engine: EngineContext,
  transaction: Transaction,
  run: StatementRun,
  isShort?: () => boolean,
): Promise<OpenWriter> {
  const held = transaction.snapshot;
  if (held?.writing !== undefined) return held.writing;
  held?.awaitTurn?.();
  const lease = await run.lock(engine.writeLock, 'transaction', ROWS);
  const timestamp = engine.clock.next();
  let writer: Writer | undefined;
  try {
    const changed = changedTable(engine, held);
    const conflict = changed === undefined ? undefined : committedIn(changed, held);
    if (conflict !== undefined && held?.seen?.isFinal !== true) throw conflict;
    writer = beginWriter(engine, transaction, timestamp, isShort);
    if (conflict !== undefined && !(await held?.seen?.hold(engine.queries, writer))) throw conflict;
    run.throwIfAborted();
  } catch (error) {
    if (writer !== undefined) await writer.end('ROLLBACK').catch(() => undefined);
    lease.release();
    throw error;
  }
  const definitions = new BlockDefinitions(engine, transaction.savepointCount);
  const touched = new TouchedTables(held?.reads ?? new Set(), () =>
    engine.onlookers.watch(touched),
  );
  const willDefine = async (): Promise<void> => await lease.widen?.();
  const parts = { writer, timestamp, definitions, touched, willDefine };
  const writing = makeWriting(engine, parts, () => lease.release());
  lease.offer?.({
    get isIdle() {
      return writer.isIdle;
    },
    isApart: (claim) => touched.isApart(claim),
    passed: (claim) => touched.passed(claim),
    makeWay: () => writer.makeWay(),
    get wantsBack() {
      return writer.wantsBack;
    },
    comeBack: () => writer.comeBack(),
  });
  transaction.snapshot = {
    rows: writer,
    get catalog() {
      return definitions.catalog;
    },
    position: engine.tableWrites.position,
    era: engine.onlookers.era,
    reads: touched.reads,
    writing,
    close() {
      held?.close();
      writing.rollback().catch(() => undefined);
    },
  };
  return writing;
}

function makeWriting(
  engine: EngineContext,
  parts: Pick<OpenWriter, 'writer' | 'timestamp' | 'definitions' | 'touched' | 'willDefine'>,
  release: () => void,
): OpenWriter {
  const { writer, timestamp, definitions, touched } = parts;
  let hasMoreTimes = false;
  const afterCommit: (() => void)[] = [];
  const afterEnd: (() => void)[] = [];
  const ended = (): void => {
    release();
    for (const action of afterEnd.splice(0)) action();
  };
  // A thread that is lost has rolled back; nobody should wait for this block to notice.
  writer.onLost = () => {
    engine.onlookers.forget(touched);
    ended();
  };
  return {
    ...parts,
    furtherTimestamp() {
      hasMoreTimes = true;
      return engine.clock.next();
    },
    afterCommit,
    afterEnd,
    async commit() {
      touched.checkUncontradicted();
      const visible = engine.clock.commit(timestamp, hasMoreTimes);
      const pushed = pushedWrite(parts, visible.timestamp);
      try {
        await engine.onlookers.commit(touched, writer.end('COMMIT', pushed));
      } finally {
        visible.end();
        definitions.close();
        engine.tableWrites.note(touched.written);
        ended();
      }
      for (const action of afterCommit) action();
      await writer.durable();
    },
    async rollback() {
      definitions.close();
      engine.onlookers.forget(touched);
      if (writer.closed) return;
      try {
        await writer.end('ROLLBACK');
      } catch (error) {
        // A thread that was lost has rolled back.
        if (!writer.isLost) throw error;
      } finally {
        ended();
      }
    },
  };
}

/**
 * Of a transaction that is there later than its rows say.
 * @throws SqlError serializationFailure (40001): it has to come before somebody whom readers of the past see without it
 */
function pushedWrite(
  { timestamp, touched }: Pick<OpenWriter, 'timestamp' | 'touched'>,
  last: bigint,
): PushedWrite | undefined {
  if (last === timestamp) return undefined;
  if (touched.isAhead) throw overtaken();
  return { tableIds: [CATALOG_TABLE_ID, ...touched.written], first: timestamp, last };
}

function beginWriter(
  { queries }: EngineContext,
  transaction: Transaction,
  timestamp: bigint,
  isShort: (() => boolean) | undefined,
): Writer {
  const { snapshot, savepointCount, isInline } = transaction;
  const inline = isInline && (snapshot?.rows.isInline ?? true) && isShort?.() === true;
  const begun = inline
    ? queries.beginInlineWriter(savepointCount, timestamp, () => transaction.goneToThread())
    : undefined;
  return begun ?? queries.beginWriter(savepointCount, timestamp);
}

/**
 * What the block has read must still be so: then it is as if it read it now. @returns a table of which that is not known
 * @throws SqlError serializationFailure (40001): it may have read what is not there any more
 */
function changedTable(engine: EngineContext, held: BlockSnapshot | undefined): number | undefined {
  if (held === undefined || held.reads.size === 0) return undefined;
  const changed = engine.tableWrites.writtenSince(held.position, held.reads);
  if (engine.catalog.snapshot().version === held.catalog.version) return changed;
  throw changed === undefined ? changedSince('the schema was changed') : committedIn(changed, held);
}

const committedIn = (tableId: number, held: BlockSnapshot | undefined): SqlError =>
  changedSince(`committed value in table ${held?.catalog.tableById(tableId)?.name}`);

/** Does something when the block that holds changes is over, or has committed; now when there is none. */
export function atItsEnd(
  { snapshot }: Transaction,
  end: 'afterEnd' | 'afterCommit',
  action: () => void,
): void {
  if (snapshot?.writing === undefined) action();
  else snapshot.writing[end].push(action);
}

/** Does to the rows what a statement of transaction control is about to do to the block. */
export async function applyToBlock(statement: Statement, transaction: Transaction): Promise<void> {
  switch (statement.kind) {
    case 'Commit':
      return await (transaction.status === 'E' ? rollback : commit)(transaction);
    case 'Rollback':
      return await rollback(transaction);
    case 'Savepoint':
      return await addSavepoint(statement.name, transaction);
    case 'ReleaseSavepoint':
      if (transaction.isRestartSavepoint(statement.name)) return await commit(transaction);
      return await applyToSavepoint('RELEASE', statement.name, transaction);
    case 'RollbackToSavepoint':
      if (transaction.isRestartSavepoint(statement.name)) return await rollback(transaction);
      return await applyToSavepoint('ROLLBACK TO', statement.name, transaction);
    default:
      return;
  }
}

async function commit(transaction: Transaction): Promise<void> {
  try {
    await transaction.snapshot?.writing?.commit();
  } finally {
    transaction.release();
  }
}

/** The next statement sees the rows of its own time. */
async function rollback(transaction: Transaction): Promise<void> {
  try {
    await transaction.snapshot?.writing?.rollback();
  } finally {
    transaction.release();
  }
}

async function addSavepoint(name: string, transaction: Transaction): Promise<void> {
  const writing = transaction.snapshot?.writing;
  if (writing === undefined) return;
  transaction.checkSavepoint(name);
  await writing.writer.savepoint('SAVEPOINT', transaction.savepointCount);
  writing.definitions.savepoint();
}

async function applyToSavepoint(
  command: 'RELEASE' | 'ROLLBACK TO',
  name: string,
  transaction: Transaction,
): Promise<void> {
  const writing = transaction.snapshot?.writing;
  if (writing === undefined) return;
  const depth = transaction.savepointDepth(name);
  await writing.writer.savepoint(command, depth);
  if (command === 'RELEASE') writing.definitions.release(depth);
  else writing.definitions.rollbackTo(depth);
}
