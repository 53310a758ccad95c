import { MessageChannel } from 'node:worker_threads';
import { fromBinary } from '@bufbuild/protobuf';
import { InvariantError } from '../../base/invariant';
import { CatalogManager, removeDescriptor, writeDescriptor } from '../../catalog/catalog-manager';
import { type Descriptor, DescriptorSchema } from '../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { dropTableData } from '../../catalog/drop-database';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { JobRecord, NewJob } from '../../jobs/job';
import { JobInterrupted } from '../../jobs/job-errors';
import { completeJob, requestPause } from '../../jobs/job-rows';
import type { JobRegistry } from '../../jobs/registry';
import type { JobContext, JobResultRow, Resumer } from '../../jobs/resumer';
import { type ExternalStorageOptions, plainOptions } from '../../storage/external/storage-options';
import { leaveCheckpoint, takeCheckpoints } from '../../storage/ranges/bulk-commits';
import type { WriteClock } from '../../storage/ranges/clock';
import type { Connection } from '../../storage/ranges/connection';
import { deleteDescriptor } from '../../storage/ranges/descriptor-rows';
import { deleteRangesOfJob, rangeTotalsOfJob } from '../../storage/ranges/ranges';
import { serveWriteLock } from '../../storage/ranges/remote-write-lock';
import type { Store } from '../../storage/ranges/store';
import type { WriteLock } from '../../storage/ranges/write-lock';
import { setWriteTime } from '../../storage/ranges/write-time';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { withOpenedKey } from '../encryption-secret';
import { runInJobThread } from '../job-thread';
import { decodePayload, type RestorePayload } from './payload';
import {
  INTERRUPT,
  type RestoreThreadData,
  type RestoreThreadResult,
} from './restore-thread-messages';
import type { RestoreThreads } from './restore-threads';
import { createChangeJobs } from './schema-changes';
import { takeOverSystemTables } from './system-tables';

export const RESTORE_JOB_TYPE = 'RESTORE';

/** What a RESTORE job needs of the server that runs it. */
export interface RestoreEnvironment {
  readonly store: Store;
  /** The main thread's connection. */
  readonly db: Connection;
  readonly lock: WriteLock;
  /** Of what becomes visible when it has ended. */
  readonly clock: WriteClock;
  readonly storage: ExternalStorageOptions;
  readonly threads: RestoreThreads;
  /** Runs what a restore leaves to be done. */
  readonly jobs: Pick<JobRegistry, 'create' | 'start' | 'wait'>;
}

/** Runs the data phase in a thread, then makes the restored descriptors public; or removes them. */
export class RestoreResumer implements Resumer {
  protected readonly environment: RestoreEnvironment;
  private readonly payload: RestorePayload;

  constructor(environment: RestoreEnvironment, job: JobRecord) {
    this.environment = environment;
    this.payload = decodePayload(job.payload);
  }

  async resume(context: JobContext): Promise<JobResultRow> {
    try {
      return await this.restore(context);
    } catch (error) {
      if (!this.payload.pauseOnError || context.signal.aborted) throw error;
      context.log.warn({ err: error }, 'restore pauses');
      const { db, lock } = this.environment;
      const { id } = context.job;
      await writeTransaction(lock, db, `pause job ${id}`, () => {
        const cause = error instanceof Error ? error.message : String(error);
        const reason = `pausing due to error; use RESUME JOB to try to proceed once the issue is resolved, or CANCEL JOB to rollback: ${cause}`;
        requestPause(db, id, reason);
      });
      throw new JobInterrupted('pause');
    }
  }

  private async restore(context: JobContext): Promise<JobResultRow> {
    await this.loadData(context, this.payload);
    context.signal.throwIfAborted();
    const { db, lock } = this.environment;
    const { id, user } = context.job;
    const publish = () => {
      leaveCheckpoint(db); // to the thread, which is at it
      const jobIds = this.publish(db, user);
      completeJob(db, id);
      const { rowCount, indexEntries, sizeBytes } = rangeTotalsOfJob(db, id);
      const counts = [rowCount, indexEntries, sizeBytes].map((count) => BigInt(count));
      return [[id, 'succeeded', 1, ...counts], jobIds] as const;
    };
    const name = `publish job ${id}`;
    const [result, changes] = await writeTransaction(lock, db, name, publish).finally(() =>
      takeCheckpoints(db),
    );
    await this.finishChanges(changes);
    return result;
  }

  /** The restore has succeeded; whoever waits for it finds the schema changes of the backup ended as well, in whatever way. */
  private async finishChanges(jobIds: readonly bigint[]): Promise<void> {
    const { jobs } = this.environment;
    for (const id of jobIds) jobs.start(id);
    await Promise.allSettled(jobIds.map((id) => jobs.wait(id)));
  }

  /** The data phase, in a thread. Settles when nothing of it writes rows any more. */
  protected async loadData(context: JobContext, payload: RestorePayload): Promise<void> {
    const { store, lock, storage, threads } = this.environment;
    const opened = await withOpenedKey(payload, { options: storage });
    const { port1, port2 } = new MessageChannel();
    serveWriteLock(port1, lock);
    const data: RestoreThreadData = {
      storeDirectory: store.directory,
      durability: store.durability,
      storage: { ...plainOptions(storage), user: context.job.user },
      lockPort: port2,
      jobId: context.job.id,
      payload: opened,
      manifests: threads.recall(context.job.id)?.byLocation ?? new Map(),
    };
    const worker = threads.take();
    try {
      await runInJobThread<RestoreThreadResult>(worker, {
        signal: context.signal,
        start: () => worker.postMessage(data, [port2]),
        interrupt: () => worker.postMessage(INTERRUPT),
        onReply: () => undefined,
      });
    } finally {
      port1.close();
    }
  }

  /** @returns the jobs that finish the schema changes which the backup was taken in the middle of */
  private publish(db: Connection, user: string): bigint[] {
    const { jobs, clock } = this.environment;
    const catalog = new CatalogManager(db).snapshot();
    const now = clock.next();
    setWriteTime(db, now);
    const { createdIds } = this.payload;
    const temporary = this.publishCluster(db, catalog, now);
    const changes: bigint[] = [];
    const about = {
      user,
      enums: (id: number) => catalog.enumMetadata(id),
      create: (job: NewJob) => jobs.create(db, job),
    };
    for (const id of createdIds) {
      if (temporary.has(id)) continue;
      const descriptor = catalog.entry(id)?.descriptor;
      if (descriptor === undefined) throw new InvariantError(`restored descriptor ${id} is gone`);
      setPublic(descriptor);
      changes.push(...createChangeJobs(descriptor, about));
      writeDescriptor(db, descriptor, now);
    }
    return changes;
  }

  /** System tables are taken over. @returns the ids of what was only made for that */
  private publishCluster(db: Connection, catalog: CatalogSnapshot, now: bigint): Set<number> {
    const temporary = new Set<number>();
    const { cluster } = this.payload;
    if (cluster === undefined) return temporary;
    const { system, overwrites } = cluster;
    takeOverSystemTables(db, catalog, system);
    for (const { id } of system.tables) {
      dropTableData(db, id);
      temporary.add(id);
    }
    for (const id of temporary.add(system.databaseId)) deleteDescriptor(db, id, now);
    for (const bytes of overwrites) {
      const descriptor = decodeDescriptor(bytes);
      setPublic(descriptor);
      writeDescriptor(db, descriptor, now);
    }
    return temporary;
  }

  async onFailOrCancel(context: JobContext): Promise<void> {
    const { db, lock, clock } = this.environment;
    const { id } = context.job;
    await writeTransaction(lock, db, `revert job ${id}`, () => {
      const now = clock.next();
      setWriteTime(db, now);
      this.unlink(db, new CatalogManager(db).snapshot(), now);
      for (const { newId } of this.payload.tables) dropTableData(db, newId);
      for (const created of this.payload.createdIds) removeDescriptor(db, created, now);
      this.bringBack(db, now);
      deleteRangesOfJob(db, id);
    });
  }

  /** The databases that had made room for a cluster's. Their zones stayed. */
  private bringBack(db: Connection, now: bigint): void {
    for (const bytes of this.payload.cluster?.replaced ?? []) {
      writeDescriptor(db, decodeDescriptor(bytes), now);
    }
  }

  /** Takes the restored objects out of descriptors that were there before: a database's schemas, a type's users. */
  private unlink(db: Connection, catalog: CatalogSnapshot, now: bigint): void {
    const created = new Set(this.payload.createdIds);
    for (const { id, descriptor } of catalog.entries()) {
      if (created.has(id)) continue;
      const { union } = descriptor;
      if (union.case === 'database') {
        const kept = union.value.schemas.filter((schema) => !created.has(schema.value?.id ?? 0));
        if (kept.length === union.value.schemas.length) continue;
        union.value.schemas = kept;
      } else if (union.case === 'type') {
        const users = union.value.referencingDescriptorIds;
        const kept = users.filter((user) => !created.has(user));
        if (kept.length === users.length) continue;
        union.value.referencingDescriptorIds = kept;
      } else continue;
      union.value.version += 1;
      writeDescriptor(db, descriptor, now);
    }
  }
}

const decodeDescriptor = (base64: string): Descriptor =>
  fromBinary(DescriptorSchema, Buffer.from(base64, 'base64'));

function setPublic(descriptor: Descriptor): void {
  const { union } = descriptor;
  if (union.case === undefined || union.case === 'function') return;
  union.value.state = DescriptorState.PUBLIC;
  union.value.offlineReason = '';
  union.value.version += 1;
}
