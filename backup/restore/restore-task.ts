import { CatalogManager } from '../../catalog/catalog-manager';
import { updateJobProgress } from '../../jobs/job-rows';
import type { ExternalStorageOptions } from '../../storage/external/open-storage';
import { redactUri } from '../../storage/external/uri';
import type { Connection } from '../../storage/ranges/connection';
import { createPhysicalIndex } from '../../storage/ranges/physical-table';
import {
  insertRanges,
  markRangeReady,
  type NewRange,
  pendingRanges,
  type RangeContents,
  type RangeRecord,
  rangeTotalsOfJob,
} from '../../storage/ranges/ranges';
import { toStorageError } from '../../storage/ranges/sqlite-errors';
import type { WriteLocker } from '../../storage/ranges/write-lock';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import { backupCatalog } from '../backup-catalog';
import { BackupChain, layerUri } from '../chain';
import { prettyKey } from '../format/datum/pretty-key';
import { readVersions } from '../format/mvcc/read-versions';
import { checkCoverage } from './coverage';
import { cutSpan } from './cuts';
import { chainOptions, type RestorePayload } from './payload';
import { openSpan } from './span-files';
import { type TableLoad, tableLoad } from './table-load';

export interface RestoreTaskOptions {
  /** This thread's own connection. */
  readonly db: Connection;
  readonly lock: WriteLocker;
  readonly storage: ExternalStorageOptions;
  readonly jobId: bigint;
  readonly payload: RestorePayload;
  readonly signal: AbortSignal;
}

const NO_CONTENTS: RangeContents = { rowCount: 0, indexEntries: 0, sizeBytes: 0 };

/** Share of the progress that is left for building the indexes. */
const DATA_FRACTION = 0.9;

/**
 * The data phase of a RESTORE: cuts the tables into ranges, writes range by range, builds the indexes. Each range is one
 * transaction that also marks it ready and records the job's progress, so the phase can be interrupted anywhere and be
 * called again.
 * @throws the signal's reason; CorruptionError, SqlError for what is wrong with the backup or the store
 */
export async function runRestoreTask(options: RestoreTaskOptions): Promise<void> {
  const { payload, storage } = options;
  const chain = await BackupChain.open(payload.layers, {
    storage,
    ...chainOptions(payload),
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
    await task.buildIndexes();
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
    const ranges: NewRange[] = [];
    for (const load of this.loads.values()) {
      signal.throwIfAborted();
      if (!this.hasRows(load.newId) && !this.options.payload.verifyData) continue;
      await this.planTable(load, ranges);
    }
    await writeTransaction(lock, db, this.owner, () => insertRanges(db, jobId, ranges), signal);
  }

  private hasRows(tableId: number): boolean {
    const { schemaOnly, cluster } = this.options.payload;
    return !schemaOnly || cluster?.system.tables.some(({ id }) => id === tableId) === true;
  }

  private async planTable(load: TableLoad, ranges: NewRange[]): Promise<void> {
    const manifests = this.chain.layers.map((layer) => layer.manifest);
    checkCoverage(manifests, load.requiredSpans, prettyKey);
    const files = await openSpan(this.chain, load.span);
    try {
      // A table without rows has one range all the same: what was restored can be seen.
      for (const { start, end } of await cutSpan(load.span, files.spans)) {
        ranges.push({
          tableId: load.newId,
          startKey: start,
          endKey: end,
          source: files.description,
        });
      }
    } finally {
      await files.close();
    }
  }

  async writeRanges(): Promise<void> {
    const { db, jobId, signal } = this.options;
    for (const range of pendingRanges(db, jobId)) {
      signal.throwIfAborted();
      const load = this.loads.get(range.tableId);
      if (load !== undefined) await this.writeRange(range, load);
    }
  }

  private async writeRange(range: RangeRecord, load: TableLoad): Promise<void> {
    const { db, jobId, lock, signal } = this.options;
    const files = await openSpan(this.chain, { start: range.startKey, end: range.endKey });
    try {
      const lease = await lock.acquire(`${this.owner} range ${range.rangeId}`, signal);
      try {
        db.exec('BEGIN IMMEDIATE');
        const writer = load.open(db);
        for await (const versions of readVersions(files.spans, this.chain.asOf)) {
          signal.throwIfAborted();
          writer.take(versions, files.description);
        }
        const contents = writer.finish();
        if (this.hasRows(range.tableId)) markRangeReady(db, range.rangeId, contents);
        else {
          db.exec('ROLLBACK'); // what was only to be verified
          db.exec('BEGIN IMMEDIATE');
          markRangeReady(db, range.rangeId, NO_CONTENTS);
        }
        const { readyCount, rangeCount } = rangeTotalsOfJob(db, jobId);
        updateJobProgress(db, jobId, { fraction: (DATA_FRACTION * readyCount) / rangeCount });
        db.exec('COMMIT');
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK');
        throw toStorageError(error, db.name);
      } finally {
        lease.release();
      }
    } finally {
      await files.close();
    }
  }

  /** After the data: one pass over sorted input instead of a search a row. */
  async buildIndexes(): Promise<void> {
    const { db, jobId, lock, signal } = this.options;
    const existing = new Set(
      db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'index'`).pluck().all(),
    );
    for (const { physical } of this.loads.values()) {
      for (const index of physical?.indexes ?? []) {
        if (physical === undefined || existing.has(index.name)) continue;
        signal.throwIfAborted();
        await writeTransaction(
          lock,
          db,
          `${this.owner} index ${index.name}`,
          () => {
            createPhysicalIndex(db, physical, index);
            updateJobProgress(db, jobId, { fraction: DATA_FRACTION });
          },
          signal,
        );
      }
    }
  }
}
