import type { DefinitionResult } from '../ddl/definition';
import type { CompiledWrite } from '../emit/compiled-write';
import type { ThreadReply, ThreadRequest } from './messages';

/** Requests about a connection's transaction. */
export type ConnectionRequest = Extract<
  ThreadRequest,
  {
    kind: 'begin' | 'beginWrite' | 'endWrite' | 'savepoint' | 'makeWay' | 'comeBack' | 'takeUp';
  }
>;

export type Batch = Extract<ThreadReply, { kind: 'batch' }>;

/** Where statements and transactions run: a query thread, or the main thread itself for blocks of short statements. */
export interface QueryHost {
  /** It is the main thread: nothing may run there that could take long. */
  readonly isInline: boolean;
  /** Calls it when it has ended, and with it all transactions there, unless what this gives is called before. */
  whenGone(listener: () => void): () => void;
  /** It has not failed. */
  readonly isUsable: boolean;
  /** When nothing of it can be in a transaction any more: at once, or when it has ended. */
  released(): Promise<void>;
  releaseConnection(connection: number): void;
  /** What it needs to know of a write before it can run it: nothing the second time. */
  introduce(write: CompiledWrite): { readonly writeId: number; readonly write?: CompiledWrite };
  /** @throws SqlError */
  batch(request: Extract<ThreadRequest, { kind: 'run' | 'next' | 'write' }>): Promise<Batch>;
  /** @throws SqlError */
  define(request: Extract<ThreadRequest, { kind: 'define' }>): Promise<DefinitionResult>;
  /** @returns false when it was declined. @throws SqlError */
  command(request: ConnectionRequest): Promise<boolean>;
  /** A request that has no answer. */
  tell(request: ThreadRequest): void;
  /** Ends what runs on a connection. */
  cancel(connection: number, cursor: number): void;
  clearCancel(connection: number): void;
}
