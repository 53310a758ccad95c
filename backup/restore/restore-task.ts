import { mapConcurrently } from '../../base/concurrently';
import { CatalogManager } from '../../catalog/catalog-manager';
import { updateJobProgress } from '../../jobs/job-rows';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import { redactUri } from '../../storage/external/uri';
import type { Connection } from '../../storage/ranges/connection';
import { createPhysicalIndex } from '../../storage/ranges/physical-table';
import {
  insertRanges,
  type NewRange,
  pendingRanges,
  rangeTotalsOfJob,
} from '../../storage/ranges/ranges';
import type { WriteLocker } from '../../storage/ranges/write-lock';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { StagingDirectory } from '../../storage/staging/staging-directory';
import { backupCatalog } from '../backup-catalog';
import { BackupChain, layerUri } from '../chain';
import { compareKeys } from '../format/compare-keys';
import { prettyKey } from '../format/datum/pretty-key';
import type { StoredManifests } from '../stored-manifests';
import { checkCoverage } from './coverage';
import { cutSpan, FIRST_RANGE_BYTES, rangeBytes, storedBytesOfSpan } from './cuts';
import { InlineStager } from './inline-stager';
import { inKeyOrder } from './kernel/kernel-stager';
import { chainOptions, type RestorePayload } from './payload';
import { openSpan, partsOfSpan } from './span-files';
import type { StageTask } from './stage-task';
import { INLINE_BYTES_MAX, type Stagers, StagerThreads } from './stagers';
import { type TableLoad, tableLoad } from './table-load';
import { type RangeWork, writeRanges } from './write-ranges';

export interface RestoreTaskOptions {
  /** This thread's own connection. */
  readonly db: Connection;
  readonly lock: WriteLocker;
  readonly storage: ExternalStorageOptions;
  readonly jobId: bigint;
  readonly payload: RestorePayload;
  readonly manifests?: StoredManifests;
  readonly signal: AbortSignal;
  readonly storeDirectory: string;
  /** That stage ranges; 0: this one does. */
  readonly threads: number;
  /** Those threads, where they were started before. Closed when the ranges are written; the caller closes what was not used. */
  readonly stagers?: StagerThreads | undefined;
  /** Called after each commit. */
  readonly committed?: () => Promise<void>;
}

/** Tables whose files are looked at side by side: a storage takes its time to answer. */
const TABLES_AT_ONCE = 8;

/** Share of the progress that is for data; the rest is for building the indexes. */
const DATA_FRACTION = 0.9;

/**
 * The data phase of a RESTORE: cuts the tables into ranges, writes range by range, builds the indexes. Each range is one
 * transaction that also marks it ready and records the job's progress, so the phase can be interrupted anywhere and be
 * called again.
 * @throws the signal's reason; CorruptionError, SqlError for what is wrong with the backup or the store
 */
export async function runRestoreTask(options: RestoreTaskOptions): Promise<void> {
  const { payload, signal, manifests } = options;
  const storage = { ...options.storage, signal };
  const chain = await BackupChain.open(payload.layers, {
    storage,
    ...chainOptions(payload),
    ...(manifests === undefined ? {} : { manifests }),
  });
  try {
    const backup = backupCatalog(chain.last.manifest, redactUri(layerUri(chain.last.location)));
    const catalog = new CatalogManager(options.db).snapshot();
    const loads = options.payload.tables.flatMap(
      (table) => tableLoad(table, backup, catalog) ?? [],
    );
    const task = new RestoreTask(options, chain, new Map(loads.map((load) => [load.newId, load])));
    await task.planRanges();
    await task.writeRanges();
    await task.buildLastIndexes();
  } finally {
    await chain.close();
  }
}

class RestoreTask {
  private readonly options: RestoreTaskOptions;
  private readonly chain: BackupChain;
  private readonly loads: ReadonlyMap<number, TableLoad>;

  constructor(
    options: RestoreTaskOptions,
    chain: BackupChain,
    loads: ReadonlyMap<number, TableLoad>,
  ) {
    this.options = options;
    this.chain = chain;
    this.loads = loads;
  }

  private get owner(): string {
    return `job ${this.options.jobId}`;
  }

  /** Once a job: later runs find the ranges of the first. */
  async planRanges(): Promise<void> {
    const { db, jobId, lock, signal } = this.options;
    if (rangeTotalsOfJob(db, jobId).rangeCount > 0) return;
    const { verifyData } = this.options.payload;
    const read = [...this.loads.values()].filter(({ newId }) => verifyData || this.hasRows(newId));
    const planned = await mapConcurrently(read, TABLES_AT_ONCE, (load) => {
      signal.throwIfAborted();
      return this.planTable(load);
    });
    const ranges = planned.flat();
    await writeTransaction(lock, db, this.owner, () => insertRanges(db, jobId, ranges), signal);
  }

  private hasRows(tableId: number): boolean {
    const { schemaOnly, cluster } = this.options.payload;
    return !schemaOnly || cluster?.system.tables.some(({ id }) => id === tableId) === true;
  }

  private async planTable(load: TableLoad): Promise<NewRange[]> {
    const { dataBytes = 0 } = this.options.payload;
    const manifests = this.chain.layers.map((layer) => layer.manifest);
    checkCoverage(manifests, load.requiredSpans, prettyKey);
    const files = await openSpan(this.chain, load.span);
    try {
      // A table without rows has one range all the same: what was restored can be seen.
      const isKeyed = load.source.rows?.keyedSql !== undefined;
      const isCopied = isKeyed && inKeyOrder(files.spans) !== undefined;
      const bytes = rangeBytes(dataBytes);
      const firstBytes = isCopied ? FIRST_RANGE_BYTES : bytes;
      const cut = await cutSpan(load.span, files.spans, bytes, firstBytes);
      return cut.map(({ start, end }) => ({
        tableId: load.newId,
        startKey: start,
        endKey: end,
        source: files.description,
        plannedBytes: storedBytesOfSpan({ start, end }, files.spans),
      }));
    } finally {
      await files.close();
    }
  }

  async writeRanges(): Promise<void> {
    const { db, jobId, lock, signal, storeDirectory } = this.options;
    const pending = this.pendingWork();
    const plannedBytes = pending.reduce((sum, { range }) => sum + range.sizeBytes, 0);
    const stagers = this.stagersFor(plannedBytes);
    try {
      const directory = new StagingDirectory(storeDirectory, jobId);
      try {
        const taskOf = (work: RangeWork): StageTask => this.taskOf(work, directory);
        const fractionAtEnd = DATA_FRACTION;
        const shared = { db, jobId, lock, signal, stagers, directory };
        const { committed = async () => undefined } = this.options;
        const tableWritten = (load: TableLoad) => this.buildIndexes([load], () => undefined);
        const told = { committed, tableWritten };
        await writeRanges(pending, { ...shared, taskOf, fractionAtEnd, ...told });
      } finally {
        await stagers.close();
        directory.clear();
      }
    } finally {
      await stagers.close();
    }
  }

  private stagersFor(plannedBytes: number): Stagers {
    const { threads, stagers, storage, payload } = this.options;
    if (threads === 0 || plannedBytes < INLINE_BYTES_MAX) return new InlineStager(this.chain);
    return (stagers ?? new StagerThreads(threads)).open({
      storage,
      key: chainOptions(payload).key,
    });
  }

  private pendingWork(): RangeWork[] {
    const { db, jobId } = this.options;
    return pendingRanges(db, jobId).flatMap((range) => {
      const load = this.loads.get(range.tableId);
      return load === undefined ? [] : [{ range, load, isKept: this.hasRows(range.tableId) }];
    });
  }

  private taskOf({ range, load }: RangeWork, directory: StagingDirectory): StageTask {
    const span = { start: range.startKey, end: range.endKey };
    return {
      table: load.source,
      parts: partsOfSpan(this.chain, span),
      asOf: this.chain.asOf,
      isFirst:
        compareKeys(span.start, span.start.length, load.span.start, load.span.start.length) === 0,
      path: directory.path(range.rangeId),
    };
  }

  /** Those of the last table, and of any other after whose last range the process has ended. */
  async buildLastIndexes(): Promise<void> {
    const { db, jobId } = this.options;
    await this.buildIndexes([...this.loads.values()], (done) =>
      updateJobProgress(db, jobId, { fraction: DATA_FRACTION + (1 - DATA_FRACTION) * done }),
    );
  }

  /**
   * After a table's data: one pass over sorted input instead of a search a row. Threads stage the next tables meanwhile.
   * @param progress called in the transaction of each index with the share of them that is done
   */
  private async buildIndexes(
    loads: readonly TableLoad[],
    progress: (done: number) => void,
  ): Promise<void> {
    const { db, lock, signal } = this.options;
    const existing = new Set(
      db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'index'`).pluck().all(),
    );
    const missing = loads.flatMap(({ physical }) =>
      (physical?.indexes ?? []).flatMap((index) =>
        physical === undefined || existing.has(index.name) ? [] : [{ physical, index }],
      ),
    );
    for (const [i, { physical, index }] of missing.entries()) {
      signal.throwIfAborted();
      const done = (i + 1) / (missing.length + 1);
      await writeTransaction(
        lock,
        db,
        `${this.owner} index ${index.name}`,
        () => {
          createPhysicalIndex(db, physical, index);
          progress(done);
        },
        signal,
      );
    }
  }
}
