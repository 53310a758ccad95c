import { fromTransferredError } from '../../base/error-transfer';
import { SqlError } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import { limits } from '../../base/limits';
import type { DefinitionResult } from '../ddl/definition';
import type { CompiledWrite } from '../emit/compiled-write';
import type { InlineWrites } from './inline-writes';
import { THREAD_ID_SLOT, type ThreadRequest, WRITING_CONNECTION } from './messages';
import type { Batch, ConnectionRequest, QueryHost } from './query-host';
import { QueryRunner } from './query-runner';
import type { UnfinishedWrite } from './write/writing-connection';

/** A block that has written more than this goes on in a thread: what takes long to do again must not be done here. */
const REDO_VALUES_MAX = 10_000;

/**
 * The main thread as one where blocks run, for as long as their statements are short (short-plan.ts): handing each to a thread
 * and its rows back takes longer than all of them. It writes on the connection of the short writes outside of blocks, which use
 * it while nobody holds the write lock or a block makes way.
 */
export class InlineHost implements QueryHost {
  readonly isInline = true;
  readonly isUsable = true;
  private readonly runner: QueryRunner;
  private readonly writes: InlineWrites;
  private readonly used = new Set<number>();
  private readonly writeIds = new WeakMap<CompiledWrite, number>();
  private nextWriteId = 1;

  constructor(storeDirectory: string, writes: InlineWrites) {
    this.writes = writes;
    const cancelFlags = new SharedArrayBuffer((THREAD_ID_SLOT + 1) * 4);
    this.runner = new QueryRunner(
      { storeDirectory, durability: writes.durability, cancelFlags },
      writes,
    );
  }

  /** Nobody knows what commits here are worth: a sync has failed. */
  get isBroken(): boolean {
    return this.writes.isBroken;
  }

  /** Reserves a connection for a read transaction; undefined: all are in use. */
  takeConnection(): number | undefined {
    for (let i = 0; i < limits.inlineBlocksMax; i++)
      if (!this.used.has(i)) {
        this.used.add(i);
        return i;
      }
    return undefined;
  }

  releaseConnection(connection: number): void {
    this.used.delete(connection);
  }

  /** It lives as long as the process. */
  whenGone(): () => void {
    return () => undefined;
  }

  async released(): Promise<void> {}

  introduce(write: CompiledWrite): { readonly writeId: number; readonly write: CompiledWrite } {
    let writeId = this.writeIds.get(write);
    if (writeId === undefined) {
      writeId = this.nextWriteId++;
      this.writeIds.set(write, writeId);
    }
    return { writeId, write };
  }

  async batch(request: Extract<ThreadRequest, { kind: 'run' | 'next' | 'write' }>): Promise<Batch> {
    const reply = this.runner.handle(request);
    if (reply?.kind === 'batch') return reply;
    if (reply?.kind === 'error') throw fromTransferredError(reply.error);
    throw new InvariantError('an answer to a statement');
  }

  async define(): Promise<DefinitionResult> {
    throw new InvariantError('schemas are changed in threads');
  }

  async command(request: ConnectionRequest): Promise<boolean> {
    const reply = this.runner.handle(request);
    if (reply?.kind === 'failed') throw fromTransferredError(reply.error);
    if (request.kind === 'endWrite') this.writes.counted();
    return reply?.kind !== 'stayed';
  }

  tell(request: ThreadRequest): void {
    this.runner.handle(request);
  }

  /** What runs here is over before anybody could ask for its end. */
  cancel(): void {}

  clearCancel(): void {}

  /** When what was committed here is durable. @throws SqlError ioError (58030) */
  async durable(): Promise<void> {
    await this.writes.synced();
  }

  /** The block on the writing connection has written so much that it had better go on elsewhere. */
  get isHeavy(): boolean {
    return this.writes.writing.redoValues > REDO_VALUES_MAX;
  }

  /**
   * Rolls back, and gives what the transaction is to be done again from; open cursors keep their rows.
   * @param timestamp of what stays
   * @throws SqlError: nothing has changed then
   */
  putDown(timestamp: bigint): UnfinishedWrite {
    this.tell({ kind: 'leave', connection: WRITING_CONNECTION });
    const unfinished = this.writes.writing.putDown(timestamp);
    if (unfinished !== undefined) return unfinished;
    throw new SqlError('serializationFailure', 'it has written too much to do it again');
  }

  close(): void {
    this.runner.handle({ kind: 'stop' });
  }
}
