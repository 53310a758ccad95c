import type { Worker } from 'node:worker_threads';
import { fromTransferredError, type TransferredError } from '../base/error-transfer';
import { InvariantError } from '../base/invariant';

/** How a thread that does a job's work ends it: its last message. After all but `done` it exits. */
export type JobThreadEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: TransferredError };

type Done<Reply> = Extract<Reply, { readonly kind: 'done' }>;

export interface JobThreadWork<Reply> {
  /** Of the job. */
  readonly signal: AbortSignal;
  /** Tells the thread what to do. */
  readonly start: () => void;
  /** Tells it to stop. */
  readonly interrupt: () => void;
  /** Called with each of its messages but the last. */
  readonly onReply: (reply: Exclude<Reply, JobThreadEnd>) => void;
}

/**
 * Has a thread do a job's work.
 * @returns its last message, when all went well
 * @throws once it has exited, so that nothing of it writes any more: what it has failed with, or the signal's reason
 */
export async function runInJobThread<Reply extends { readonly kind: string } | JobThreadEnd>(
  worker: Worker,
  { signal, start, interrupt, onReply }: JobThreadWork<Reply>,
): Promise<Done<Reply>> {
  start();
  signal.addEventListener('abort', interrupt, { once: true });
  if (signal.aborted) interrupt();
  try {
    return await new Promise((resolve, reject) => {
      let end: JobThreadEnd | undefined;
      let crash: Error | undefined;
      worker.on('message', (reply: Reply) => {
        if (isEnd(reply)) end = reply;
        else onReply(reply as Exclude<Reply, JobThreadEnd>);
        if (reply.kind === 'done') resolve(reply as Done<Reply>);
      });
      worker.on('error', (error) => {
        crash = error;
      });
      worker.on('exit', (code) => {
        if (end?.kind === 'failed') reject(fromTransferredError(end.error));
        else if (end?.kind === 'interrupted') reject(signal.reason);
        else reject(crash ?? new InvariantError(`thread of a job ended with code ${code}`));
      });
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

const isEnd = (reply: { readonly kind: string }): reply is JobThreadEnd =>
  reply.kind === 'done' || reply.kind === 'interrupted' || reply.kind === 'failed';
