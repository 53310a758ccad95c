import { MessageChannel, type Worker } from 'node:worker_threads';
import { fromTransferredError } from '../../base/error-transfer';
import { defined, InvariantError } from '../../base/invariant';
import type { JobRecord } from '../../jobs/job';
import { completeJob, type JobProgress } from '../../jobs/job-rows';
import type { JobContext, JobResultRow, Resumer } from '../../jobs/resumer';
import { fileExists } from '../../storage/external/external-storage';
import { type ExternalStorageOptions, plainOptions } from '../../storage/external/storage-options';
import type { WriteClock } from '../../storage/ranges/clock';
import type { Connection } from '../../storage/ranges/connection';
import { noteLayerEnd } from '../../storage/ranges/layer-ends';
import { serveWriteLock } from '../../storage/ranges/remote-write-lock';
import type { Store } from '../../storage/ranges/store';
import type { WriteLock } from '../../storage/ranges/write-lock';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { withOpenedKey } from '../encryption-secret';
import { FILE, joinPath } from '../format/layout';
import type { BackupTotals } from './backup-task';
import { deleteDataFiles } from './layer/data-files';
import { deleteCheckpoint } from './layer/destination';
import { LayerStorages } from './layer/layer-storages';
import { type BackupPayload, decodeBackupPayload } from './payload';
import type { SnapshotWaits } from './snapshot-waits';
import type {
  BackupThreadData,
  BackupThreadReply,
  BackupThreadRequest,
} from './threads/backup-thread-messages';
import { type BackupThreads, THREADS_MAX } from './threads/backup-threads';

export const BACKUP_JOB_TYPE = 'BACKUP';

/** What a BACKUP job needs of the server that runs it. */
export interface BackupEnvironment {
  readonly store: Store;
  /** The main thread's connection. */
  readonly db: Connection;
  readonly lock: WriteLock;
  readonly clock: WriteClock;
  readonly storage: ExternalStorageOptions;
  readonly backupThreads: BackupThreads;
  readonly backupSnapshots: SnapshotWaits;
}

const PROGRESS_INTERVAL_MS = 1_000;

/** Runs the backup in a thread; what it has written goes when it fails. */
export class BackupResumer implements Resumer {
  private readonly environment: BackupEnvironment;
  private readonly payload: BackupPayload;
  /** Of the layer. */
  private endTime: bigint | undefined;

  constructor(environment: BackupEnvironment, job: JobRecord) {
    this.environment = environment;
    this.payload = decodeBackupPayload(job.payload);
  }

  async resume(context: JobContext): Promise<JobResultRow> {
    const { db, lock, backupSnapshots } = this.environment;
    const { id } = context.job;
    const { rows, indexEntries, dataSize } = await this.backUp(context).finally(() =>
      backupSnapshots.tell(id),
    );
    return await writeTransaction(lock, db, `complete job ${id}`, () => {
      completeJob(db, id);
      if (this.endTime !== undefined) noteLayerEnd(db, this.endTime);
      return [id, 'succeeded', 1, rows, indexEntries, dataSize];
    });
  }

  /** Settles when nothing of the thread writes any more. */
  private async backUp(context: JobContext): Promise<BackupTotals> {
    const { store, storage, lock, backupThreads } = this.environment;
    const payload = await withOpenedKey(this.payload, { options: storage });
    const channels = Array.from({ length: THREADS_MAX }, () => new MessageChannel());
    for (const { port1 } of channels) serveWriteLock(port1, lock);
    const [lockPort, ...lockPorts] = channels.map(({ port2 }) => port2);
    const data: BackupThreadData = {
      progress: context.job.progress,
      storeDirectory: store.directory,
      storeFd: store.fd(),
      durability: store.durability,
      storage: { ...plainOptions(storage), user: context.job.user },
      lockPort: defined(lockPort, 'port of the write lock'),
      lockPorts,
      jobId: context.job.id,
      payload,
      counter: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    };
    const worker = backupThreads.take();
    const send = (request: BackupThreadRequest): void => worker.postMessage(request);
    worker.postMessage(
      { kind: 'start', data } satisfies BackupThreadRequest,
      channels.map(({ port2 }) => port2),
    );
    const interrupt = (): void => send({ kind: 'interrupt' });
    context.signal.addEventListener('abort', interrupt, { once: true });
    if (context.signal.aborted) interrupt();
    try {
      const totals = await this.converse(worker, send, context);
      backupThreads.giveBack(worker);
      return totals;
    } finally {
      context.signal.removeEventListener('abort', interrupt);
      for (const { port1 } of channels) port1.close();
    }
  }

  private async converse(
    worker: Worker,
    send: (request: BackupThreadRequest) => void,
    context: JobContext,
  ): Promise<BackupTotals> {
    let endSnapshot = (): void => undefined;
    const ended = new Promise<BackupTotals>((resolve, reject) => {
      let last: BackupThreadReply | undefined;
      worker.on('message', (reply: BackupThreadReply) => {
        last = reply;
        if (reply.kind === 'ready') void this.begin(send, context, (end) => (endSnapshot = end));
        if (reply.kind === 'begun') {
          endSnapshot();
          this.environment.backupSnapshots.tell(context.job.id);
        }
        if (reply.kind === 'done') resolve(reply.totals);
        if (reply.kind === 'progress') progress.note(reply.fraction);
        if (reply.kind === 'checkpoint') progress.keep(reply.checkpoint);
      });
      worker.on('error', reject);
      worker.on('exit', (code) => {
        if (last?.kind === 'failed') reject(fromTransferredError(last.error));
        else if (last?.kind === 'interrupted') reject(context.signal.reason);
        else reject(new InvariantError(`backup thread ended with code ${code}`));
      });
    });
    const progress = new Progress(context);
    try {
      return await ended;
    } finally {
      endSnapshot();
      await progress.settle();
    }
  }

  /** Nobody writes while the thread takes its snapshot: so all that is in it is older than its time, and all else younger. */
  private async begin(
    send: (request: BackupThreadRequest) => void,
    { job, signal }: JobContext,
    onLease: (end: () => void) => void,
  ): Promise<void> {
    const { lock, clock } = this.environment;
    try {
      const lease = await lock.acquire(`job ${job.id} snapshot`, signal);
      let held = true;
      onLease(() => {
        if (held) lease.release();
        held = false;
      });
      const { asOf } = this.payload;
      if (asOf !== undefined) await clock.settle(BigInt(asOf));
      this.endTime = asOf === undefined ? clock.next() : BigInt(asOf);
      send({ kind: 'begin', endTime: this.endTime });
    } catch {
      send({ kind: 'interrupt' });
    }
  }

  /** Leaves no trace of the job, unless the backup was complete before the job was told to stop: then all of it stays. */
  async onFailOrCancel({ job }: JobContext): Promise<void> {
    const { directory, key, kmsKey, base } = this.payload;
    const { storage: options, lock } = this.environment;
    const opening = { ...options, user: job.user, writeLock: lock };
    const storages = await LayerStorages.open(this.payload, opening);
    const storage = storages.of('');
    try {
      if (!(await fileExists(storage, joinPath(directory, FILE.manifest)))) {
        for (const each of storages.all()) await deleteDataFiles(each, directory, job.id);
        await storages.deleteParts(directory);
        await storage.delete(joinPath(directory, FILE.statistics));
        const ownKey = (key ?? kmsKey) !== undefined && base === undefined;
        if (ownKey) await storage.delete(joinPath(directory, FILE.encryptionInfo));
      }
      await deleteCheckpoint(storage, directory);
    } finally {
      await storages.close();
    }
  }
}

/** Records how far the job is, once in a while. */
class Progress {
  private readonly context: JobContext;
  private lastMillis = Date.now();
  private fraction = 0;
  private recording: Promise<void> = Promise.resolve();

  constructor(context: JobContext) {
    this.context = context;
  }

  note(fraction: number): void {
    this.fraction = fraction;
    const now = Date.now();
    if (now - this.lastMillis < PROGRESS_INTERVAL_MS) return;
    this.lastMillis = now;
    this.record({ fraction });
  }

  keep(checkpoint: Uint8Array): void {
    this.record({ fraction: this.fraction, checkpoint });
  }

  private record(progress: JobProgress): void {
    this.recording = this.recording
      .then(() => this.context.updateProgress(progress))
      // The job was told to stop, and will.
      .catch(() => undefined);
  }

  async settle(): Promise<void> {
    await this.recording;
  }
}
