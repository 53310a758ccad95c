import { parentPort, workerData } from 'node:worker_threads';
import { initCompression } from '../../base/compression';
import { toTransferredError } from '../../base/error-transfer';
import { defined } from '../../base/invariant';
import { JobInterrupted } from '../../jobs/job-errors';
import { connectStore } from '../../storage/ranges/connection';
import { RemoteWriteLock } from '../../storage/ranges/remote-write-lock';
import { runBackupTask } from './backup-task';
import type {
  BackupThreadData,
  BackupThreadReply,
  BackupThreadRequest,
} from './backup-thread-messages';
import type { OpenTableSource } from './table-source';

/** Of the snapshot's connection: it reads each page once. */
const CACHE_BYTES = 16 << 20;

/** What a backup thread does; its entry point is in a layer that knows SQL. */
export function serveBackupThread(openSource: OpenTableSource): void {
  const port = defined(parentPort, 'parent port: this is a thread');
  const reply = (message: BackupThreadReply): void => port.postMessage(message);
  const controller = new AbortController();
  const begun = new Promise<bigint>((resolve, reject) => {
    port.on('message', (request: BackupThreadRequest) => {
      if (request.kind === 'begin') return resolve(request.endTime);
      const interruption = new JobInterrupted('cancel');
      controller.abort(interruption);
      reject(interruption);
    });
  });
  // An interruption may come before anybody waits for the beginning.
  begun.catch(() => undefined);
  const data = workerData as BackupThreadData;
  void run(data, { begun, signal: controller.signal, openSource, reply }).then((last) => {
    reply(last);
    port.close();
  });
}

interface Run {
  readonly begun: Promise<bigint>;
  readonly signal: AbortSignal;
  readonly openSource: OpenTableSource;
  readonly reply: (message: BackupThreadReply) => void;
}

async function run(data: BackupThreadData, context: Run): Promise<BackupThreadReply> {
  const { begun, signal, openSource, reply } = context;
  const { storeDirectory, lockPort, jobId, payload } = data;
  const db = connectStore(storeDirectory, { readonly: true, cacheBytes: CACHE_BYTES });
  try {
    await initCompression();
    reply({ kind: 'ready' });
    const endTime = await begun;
    db.exec('BEGIN');
    // SQLite takes its snapshot at the first read.
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    reply({ kind: 'begun' });
    const totals = await runBackupTask({
      db,
      endTime,
      storage: { ...data.storage, writeLock: new RemoteWriteLock(lockPort), signal },
      jobId,
      payload,
      openSource,
      signal,
      onProgress: (fraction) => reply({ kind: 'progress', fraction }),
    });
    const { rows, indexEntries, dataSize } = totals;
    return { kind: 'done', totals: { rows, indexEntries, dataSize } };
  } catch (error) {
    if (error instanceof JobInterrupted) return { kind: 'interrupted' };
    return { kind: 'failed', error: toTransferredError(error) };
  } finally {
    db.close();
    lockPort.close();
  }
}
