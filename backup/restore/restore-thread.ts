import { availableParallelism } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { toTransferredError } from '../../base/error-transfer';
import { defined } from '../../base/invariant';
import { giveWay } from '../../base/thread-priority';
import { JobInterrupted } from '../../jobs/job-errors';
import { BulkCommits } from '../../storage/ranges/bulk-commits';
import { connectStore } from '../../storage/ranges/connection';
import { RemoteWriteLock } from '../../storage/ranges/remote-write-lock';
import { StoredManifests } from '../stored-manifests';
import { runRestoreTask } from './restore-task';
import {
  INTERRUPT,
  type RestoreThreadData,
  type RestoreThreadResult,
} from './restore-thread-messages';
import { StagerThreads, stagesInThreads } from './stagers';

/**
 * Entry point of the thread that does a RESTORE's data phase. It may be started while the restore is still being planned: it loads its
 * modules, then waits to be told what to do. The threads that stage for it load theirs while it reads the manifests.
 */

/** Enough for the inner pages of a large index; the WAL keeps the rest. */
const CACHE_BYTES = 64 << 20;

/** More only wait for the one that writes. */
const STAGING_THREADS_MAX = 4;

async function run(data: RestoreThreadData, signal: AbortSignal): Promise<void> {
  const { storeDirectory, durability, storage, jobId, payload } = data;
  const manifests = new StoredManifests(data.manifests);
  const stagers = stagesInThreads(payload) ? new StagerThreads(threads) : undefined;
  const db = connectStore(storeDirectory, { durability, cacheBytes: CACHE_BYTES });
  const commits = new BulkCommits(db, storeDirectory, durability);
  try {
    const lock = new RemoteWriteLock(data.lockPort);
    const task = { db, lock, storage, jobId, payload, signal, storeDirectory, threads, stagers };
    await runRestoreTask({ ...task, manifests, committed: () => commits.committed() });
    await commits.durable();
    tell({ kind: 'done' });
    await commits.checkpoint();
  } catch (error) {
    if (error instanceof JobInterrupted) tell({ kind: 'interrupted' });
    else tell({ kind: 'failed', error: toTransferredError(error) });
  } finally {
    await stagers?.close();
    await commits.close();
    db.close();
    data.lockPort.close();
  }
}

const tell = (result: RestoreThreadResult): void => port.postMessage(result);

giveWay();
const port = defined(parentPort, 'parent port: this file is a thread');
const controller = new AbortController();
const threads = Math.min(availableParallelism(), STAGING_THREADS_MAX);
port.on('message', (message: RestoreThreadData | typeof INTERRUPT) => {
  if (message === INTERRUPT) controller.abort(new JobInterrupted('cancel'));
  else void run(message, controller.signal).then(() => port.close());
});
