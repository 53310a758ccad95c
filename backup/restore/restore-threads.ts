import { Worker } from 'node:worker_threads';
import { SpareThread } from '../../base/spare-thread';
import { workerPath } from '../../base/worker-path';
import type { StoredManifests } from '../stored-manifests';

/** What was read for a job that then does not start is forgotten after this time. */
const READ_MS = 10_000;

/** The threads of data phases, and what planning has read for them. */
export class RestoreThreads extends SpareThread {
  private read: { readonly jobId: bigint; readonly manifests: StoredManifests } | undefined;

  constructor() {
    super(() => new Worker(workerPath(__dirname, 'restore-thread')));
  }

  /** Manifests that the thread of a job, which is about to start, need not read again. */
  remember(jobId: bigint, manifests: StoredManifests): void {
    const read = { jobId, manifests };
    this.read = read;
    const forget = (): void => {
      if (this.read === read) this.read = undefined;
    };
    setTimeout(forget, READ_MS).unref();
  }

  /** @returns what was remembered of a job, once */
  recall(jobId: bigint): StoredManifests | undefined {
    const { read } = this;
    if (read?.jobId !== jobId) return undefined;
    this.read = undefined;
    return read.manifests;
  }
}
