import type { Awaitable } from '../../base/awaitable';
import { SqlError } from '../../base/errors';
import { LOCK_STRENGTHS } from '../bind/locking';
import type { EngineContext } from '../engine-context';
import type { SelectStmt } from '../parse/pg-tree';
import type { BlockSnapshot } from './block-snapshot';
import type { SessionSettings } from './settings';
import type { StatementRun } from './statement-run';
import type { TransactionState } from './transaction';
import { openWriter } from './write-block';

/** What FOR UPDATE asks for; FOR SHARE asks for nothing, as in v21.2. */
export interface RowLock {
  readonly name: string;
  readonly noWait: boolean;
}

export function rowLockOf(statement: SelectStmt): RowLock | undefined {
  for (const { LockingClause } of statement.lockingClause ?? []) {
    const { strength, waitPolicy } = LockingClause;
    if (strength === 'LCS_FORUPDATE' || strength === 'LCS_FORNOKEYUPDATE')
      return { name: LOCK_STRENGTHS[strength], noWait: waitPolicy === 'LockWaitError' };
  }
  return undefined;
}

/**
 * A block takes the write lock before it reads the first row: what locks rows is not overtaken, and who runs again is not so
 * twice. @throws SqlError lockNotAvailable (55P03): somebody writes, and NOWAIT was asked for
 */
export async function takeTurn(
  lock: RowLock | undefined,
  engine: EngineContext,
  transaction: TransactionState<BlockSnapshot>,
  settings: SessionSettings,
  run: StatementRun,
): Promise<void> {
  if (transaction.snapshot?.writing !== undefined) return;
  const again = transaction.isRetried && settings.get('transaction_read_only') === 'off';
  if (lock === undefined && !again) return;
  if (lock?.noWait === true) requireFree(engine);
  run.startTimer();
  // The query may be short: one that is not goes to a thread while there is nothing to be done again.
  await openWriter(engine, transaction, run, () => true);
}

function requireFree({ writeLock }: EngineContext): void {
  const lease = writeLock.tryAcquire('nowait');
  if (lease === undefined)
    throw new SqlError(
      'lockNotAvailable',
      'could not obtain lock on row: another transaction writes',
    );
  lease.release();
}

/** Before a query runs, what it reads becomes known to who must know. @throws SqlError serializationFailure (40001) */
export function noteReads(
  engine: EngineContext,
  snapshot: BlockSnapshot | undefined,
  reads: ReadonlySet<number>,
  lock: RowLock | undefined,
  run: StatementRun,
): Awaitable<void> {
  if (snapshot?.writing === undefined) {
    for (const id of reads) snapshot?.reads.add(id);
    return engine.onlookers.note(run, reads, snapshot);
  }
  const { touched } = snapshot.writing;
  touched.noteReads(reads);
  if (lock !== undefined) touched.noteWritten(reads);
}
