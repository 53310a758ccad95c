import { Worker } from 'node:worker_threads';
import { workerPath } from '../../base/worker-path';
import type { StoredManifests } from '../stored-manifests';

/** A thread that was started for a RESTORE which then failed to be planned is ended after this time. */
const SPARE_MS = 10_000;

/** The threads of data phases. One can be started ahead, so that it loads its modules while the restore is being planned. */
export class RestoreThreads {
  private spare: { readonly worker: Worker; readonly expiry: NodeJS.Timeout } | undefined;
  private read: { readonly jobId: bigint; readonly manifests: StoredManifests } | undefined;

  /** Starts the thread that the next `take` hands out. */
  warmUp(): void {
    if (this.spare !== undefined) {
      this.spare.expiry.refresh();
      return;
    }
    const worker = startThread();
    const expiry = setTimeout(() => void this.close(), SPARE_MS);
    expiry.unref();
    worker.unref();
    // One that can't start is not missed: the data phase then reports what its own has met.
    worker.on('error', () => this.forget(worker));
    worker.on('exit', () => this.forget(worker));
    this.spare = { worker, expiry };
  }

  /** Manifests that the thread of a job, which is about to start, need not read again. */
  remember(jobId: bigint, manifests: StoredManifests): void {
    const read = { jobId, manifests };
    this.read = read;
    const forget = (): void => {
      if (this.read === read) this.read = undefined;
    };
    setTimeout(forget, SPARE_MS).unref();
  }

  /** @returns what was remembered of a job, once */
  recall(jobId: bigint): StoredManifests | undefined {
    const { read } = this;
    if (read?.jobId !== jobId) return undefined;
    this.read = undefined;
    return read.manifests;
  }

  private forget(worker: Worker): void {
    if (this.spare?.worker !== worker) return;
    clearTimeout(this.spare.expiry);
    this.spare = undefined;
  }

  /** @returns a thread that waits for its first message; the caller's from now on */
  take(): Worker {
    const { spare } = this;
    if (spare === undefined) return startThread();
    this.spare = undefined;
    clearTimeout(spare.expiry);
    spare.worker.removeAllListeners();
    spare.worker.ref();
    return spare.worker;
  }

  /** Settles when no thread is left that was not taken. */
  async close(): Promise<void> {
    const { spare } = this;
    this.spare = undefined;
    clearTimeout(spare?.expiry);
    await spare?.worker.terminate();
  }
}

const startThread = (): Worker => new Worker(workerPath(__dirname, 'restore-thread'));
