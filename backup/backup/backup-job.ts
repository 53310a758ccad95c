import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { create } from '@bufbuild/protobuf';
import { defined } from '../../base/invariant';
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
import type { Lease, WriteLock } from '../../storage/ranges/write-lock';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { withStorage } from '../chain';
import { withOpenedKey } from '../encryption-secret';
import { RowCountSchema } from '../format/gen/backup_pb';
import { FILE, joinPath } from '../format/layout';
import { runInJobThread } from '../job-thread';
import type { BackupTotals } from './backup-task';
import { deleteDataFiles } from './layer/data-files';
import { deleteCheckpoint } from './layer/destination';
import { LayerStorages } from './layer/layer-storages';
import { finishPublication, publishedLayer } from './layer/publication';
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

/** Runs the backup in a thread; what it has written goes when it fails. */
export class BackupResumer implements Resumer {
  private readonly environment: BackupEnvironment;
  private readonly payload: BackupPayload;
  private readonly jobId: bigint;
  /** Of the layer. */
  private endTime: bigint | undefined;

  constructor(environment: BackupEnvironment, job: JobRecord) {
    this.environment = environment;
    this.payload = decodeBackupPayload(job.payload);
    this.jobId = job.id;
  }

  async resume(context: JobContext): Promise<JobResultRow> {
    const { db, lock, backupSnapshots } = this.environment;
    const { id } = context.job;
    const { rows, indexEntries, dataSize } = await this.backUp(context).finally(() =>
      backupSnapshots.tell(id),
    );
    backupSnapshots.forget(id);
    return await writeTransaction(lock, db, `complete job ${id}`, () => {
      completeJob(db, id);
      if (this.endTime !== undefined) noteLayerEnd(db, this.endTime);
      return [id, 'succeeded', 1, rows, indexEntries, dataSize];
    });
  }

  /** Undefined: the backup is of the moment of its snapshot. */
  private get asOf(): bigint | undefined {
    const { asOf } = this.payload;
    if (asOf !== undefined) return BigInt(asOf);
    return this.environment.backupSnapshots.timeOf(this.jobId);
  }

  /** Settles when nothing of the thread writes any more. */
  private async backUp(context: JobContext): Promise<BackupTotals> {
    const { store, storage, lock, backupThreads } = this.environment;
    const isOfCommit = this.payload.asOf === undefined && this.asOf !== undefined;
    const payload: BackupPayload = {
      ...(await withOpenedKey(this.payload, { options: storage })),
      ...(isOfCommit && { asOf: String(this.asOf), isOfCommit }),
    };
    const published = context.job.numRuns > 1 ? await this.takeUp(payload, context) : undefined;
    if (published !== undefined) return published;
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
    const send: Send = (request, transfer = []) => worker.postMessage(request, transfer);
    const snapshot = new SnapshotLease();
    const progress = new ProgressRecorder(context);
    try {
      const { totals } = await runInJobThread<BackupThreadReply>(worker, {
        signal: context.signal,
        start: () =>
          send(
            { kind: 'start', data },
            channels.map(({ port2 }) => port2),
          ),
        interrupt: () => send({ kind: 'interrupt' }),
        onReply: (reply) => {
          if (reply.kind === 'ready') void this.begin(send, context, snapshot);
          else if (reply.kind === 'begun') {
            snapshot.end();
            this.environment.backupSnapshots.tell(context.job.id);
          } else if (reply.kind === 'progress') progress.record({ fraction: reply.fraction });
          else progress.record({ checkpoint: reply.checkpoint });
        },
      });
      backupThreads.giveBack(worker);
      return totals;
    } finally {
      snapshot.end();
      await progress.settle();
      for (const { port1 } of channels) port1.close();
    }
  }

  /** An earlier run may have written the whole layer, and no more than its last files be missing. */
  private async takeUp(
    payload: BackupPayload,
    { job, signal }: JobContext,
  ): Promise<BackupTotals | undefined> {
    const { storage: options, lock } = this.environment;
    const opening = { ...options, user: job.user, writeLock: lock, signal };
    return await withStorage(payload.uri, opening, async (storage) => {
      const manifest = await publishedLayer(storage, payload);
      if (manifest === undefined) return undefined;
      this.endTime = manifest.endTime?.wallTime;
      await finishPublication(storage, payload);
      return manifest.entryCounts ?? create(RowCountSchema);
    });
  }

  /** Nobody writes while the thread takes its snapshot: so all that is in it is older than its time, and all else younger. */
  private async begin(
    send: Send,
    { job, signal }: JobContext,
    snapshot: SnapshotLease,
  ): Promise<void> {
    const { lock, clock } = this.environment;
    try {
      snapshot.hold(await lock.acquire(`job ${job.id} snapshot`, signal));
      const { asOf } = this;
      if (asOf !== undefined) await clock.settle(asOf);
      this.endTime = asOf ?? clock.next();
      send({ kind: 'begin', endTime: this.endTime });
    } catch {
      send({ kind: 'interrupt' });
    }
  }

  /** Leaves no trace of the job, unless the backup was complete before the job was told to stop: then all of it stays. */
  async onFailOrCancel({ job }: JobContext): Promise<void> {
    const { directory, key, kmsKey, base } = this.payload;
    const { storage: options, lock, backupSnapshots } = this.environment;
    backupSnapshots.forget(job.id);
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

type Send = (request: BackupThreadRequest, transfer?: readonly MessagePort[]) => void;

/** The write lock, held while a snapshot is taken. */
class SnapshotLease {
  private lease: Lease | undefined;
  private isOver = false;

  hold(lease: Lease): void {
    // The thread may have ended while the lock was waited for.
    if (this.isOver) lease.release();
    else this.lease = lease;
  }

  end(): void {
    this.isOver = true;
    this.lease?.release();
    this.lease = undefined;
  }
}

/** Records how far the job is, and what it has written. */
class ProgressRecorder {
  private readonly context: JobContext;
  private recording: Promise<void> = Promise.resolve();

  constructor(context: JobContext) {
    this.context = context;
  }

  record(progress: JobProgress): void {
    this.recording = this.recording
      .then(() => this.context.updateProgress(progress))
      // The job was told to stop, and will.
      .catch(() => undefined);
  }

  async settle(): Promise<void> {
    await this.recording;
  }
}
