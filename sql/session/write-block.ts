import { SqlError } from '../../base/errors';
import type { EngineContext } from '../engine-context';
import type { Writer } from '../execute/snapshots';
import type { Statement } from '../parse/ast';
import { BlockDefinitions } from './block-definitions';
import type { BlockSnapshot } from './block-snapshot';
import type { TransactionState } from './transaction';

/**
 * A block that writes. Its first write takes the write lock, which it keeps to its end; from then on its statements run in
 * one SQLite transaction, whose savepoints are the block's.
 */
export interface OpenWriter {
  readonly writer: Writer;
  /** Tables that the block has written. */
  readonly written: Set<number>;
  /** The catalog as the block has made it. */
  readonly definitions: BlockDefinitions;
  /** The block's changes are kept, or an error says why not; it is over either way. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

type Transaction = TransactionState<BlockSnapshot>;

/**
 * The block's write transaction; begun when it has none.
 * @throws SqlError serializationFailure (40001) when something the block has read was changed since; the signal's reason
 */
export async function openWriter(
  engine: EngineContext,
  transaction: Transaction,
  signal: AbortSignal,
): Promise<OpenWriter> {
  const held = transaction.snapshot;
  if (held?.writing !== undefined) return held.writing;
  const lease = await engine.writeLock.acquire('transaction', signal);
  let writer: Writer | undefined;
  try {
    checkUnchanged(engine, held);
    writer = await engine.queries.openWriter(transaction.savepointCount);
    signal.throwIfAborted();
  } catch (error) {
    if (writer !== undefined) await writer.end('ROLLBACK').catch(() => undefined);
    lease.release();
    throw error;
  }
  const definitions = new BlockDefinitions(engine, transaction.savepointCount);
  const writing = makeWriting(engine, writer, definitions, () => lease.release());
  transaction.snapshot = {
    rows: writer,
    get catalog() {
      return definitions.catalog;
    },
    position: engine.tableWrites.position,
    reads: held?.reads ?? new Set(),
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
  writer: Writer,
  definitions: BlockDefinitions,
  release: () => void,
): OpenWriter {
  const written = new Set<number>();
  // A thread that is lost has rolled back; nobody should wait for this block to notice.
  void writer.lost.then(release);
  return {
    writer,
    written,
    definitions,
    async commit() {
      try {
        await writer.end('COMMIT');
      } finally {
        definitions.close();
        engine.tableWrites.note(written);
        release();
      }
    },
    async rollback() {
      definitions.close();
      if (writer.closed) return;
      try {
        await writer.end('ROLLBACK');
      } finally {
        release();
      }
    },
  };
}

/** What the block has read must still be so: then it is as if it read it now. */
function checkUnchanged(engine: EngineContext, held: BlockSnapshot | undefined): void {
  if (held === undefined || held.reads.size === 0) return;
  const changed = engine.tableWrites.writtenSince(held.position, held.reads);
  const schema = engine.catalog.snapshot().version !== held.catalog.version;
  if (changed === undefined && !schema) return;
  const name = changed === undefined ? undefined : held.catalog.tableById(changed)?.name;
  const conflict =
    name === undefined ? 'the schema was changed' : `committed value in table ${name}`;
  throw new SqlError(
    'serializationFailure',
    `restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: retry txn (RETRY_SERIALIZABLE - failed preemptive refresh due to a conflict: ${conflict})`,
    { hint: 'Roll back and run the transaction again.' },
  );
}

/** Does to the rows what a statement of transaction control is about to do to the block. */
export async function applyToWriter(statement: Statement, transaction: Transaction): Promise<void> {
  const writing = transaction.snapshot?.writing;
  if (writing === undefined) return;
  const { writer, definitions } = writing;
  switch (statement.kind) {
    case 'Commit':
      if (transaction.status === 'E') return await writing.rollback();
      return await writing.commit();
    case 'Rollback':
      return await writing.rollback();
    case 'Savepoint':
      await writer.savepoint('SAVEPOINT', transaction.savepointCount);
      return definitions.savepoint();
    case 'ReleaseSavepoint': {
      const depth = transaction.savepointDepth(statement.name);
      await writer.savepoint('RELEASE', depth);
      return definitions.release(depth);
    }
    case 'RollbackToSavepoint': {
      const depth = transaction.savepointDepth(statement.name);
      await writer.savepoint('ROLLBACK TO', depth);
      return definitions.rollbackTo(depth);
    }
    default:
      return;
  }
}
