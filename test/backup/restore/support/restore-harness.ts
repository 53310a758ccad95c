import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ChainSource, locateLayers } from '../../../../backup/chain';
import type { RestorePayload } from '../../../../backup/restore/payload';
import type { RestoreOptions, RestoreTargets } from '../../../../backup/restore/request';
import {
  RESTORE_JOB_TYPE,
  type RestoreEnvironment,
  RestoreResumer,
} from '../../../../backup/restore/restore-job';
import { runRestoreTask } from '../../../../backup/restore/restore-task';
import { RestoreThreads } from '../../../../backup/restore/restore-threads';
import { createRestoreJob, prepareRestore } from '../../../../backup/restore/start-restore';
import { initCompression } from '../../../../base/compression';
import { createLogger } from '../../../../base/logger';
import { CatalogManager, initializeCatalog } from '../../../../catalog/catalog-manager';
import { dropDatabase } from '../../../../catalog/drop-database';
import type { JobRecord } from '../../../../jobs/job';
import type { RetryPolicy } from '../../../../jobs/job-retry';
import { JobRegistry } from '../../../../jobs/registry';
import type { JobContext, JobResultRow } from '../../../../jobs/resumer';
import { WriteClock } from '../../../../storage/ranges/clock';
import type { Connection } from '../../../../storage/ranges/connection';
import { listPhysicalTables } from '../../../../storage/ranges/physical-table';
import { openStore, type Store } from '../../../../storage/ranges/store';
import { WriteLock } from '../../../../storage/ranges/write-lock';
import { writeTransaction } from '../../../../storage/ranges/write-transaction';

/** What can be done to a harness's restores. */
export interface HarnessOptions {
  readonly lock?: WriteLock;
  readonly retryPolicy?: () => RetryPolicy;
  /** See `createRestoreJob`. */
  readonly checkTarget?: (id: number) => void;
  /** Called with the connection of each data phase. */
  readonly onDataPhase?: (db: Connection) => void;
}

/** The data phase in this thread: no start of a worker a restore, and an error's class survives. */
class InlineRestoreResumer extends RestoreResumer {
  private readonly options: HarnessOptions;

  constructor(environment: RestoreEnvironment, job: JobRecord, options: HarnessOptions) {
    super(environment, job);
    this.options = options;
  }

  protected override async loadData(context: JobContext, payload: RestorePayload): Promise<void> {
    const { store, lock, storage } = this.environment;
    const db = store.connect();
    try {
      this.options.onDataPhase?.(db);
      const { job, signal } = context;
      const storeDirectory = store.directory;
      const shared = { db, lock, storage, payload, signal, storeDirectory };
      await runRestoreTask({ ...shared, jobId: job.id, threads: 0 });
    } finally {
      db.close();
    }
  }
}

const NO_OPTIONS: RestoreOptions = {
  skipMissingForeignKeys: false,
  skipMissingSequences: false,
  skipMissingSequenceOwners: false,
  skipMissingViews: false,
};

/** A store of its own in which whole RESTOREs run, planned and executed as the statement does it. */
export class RestoreHarness {
  private registry: JobRegistry;
  readonly catalog: CatalogManager;
  private environment: RestoreEnvironment;
  private readonly directory: string;
  private readonly store: Store;
  private readonly options: HarnessOptions;

  private constructor(directory: string, externalIoDir: string, options: HarnessOptions) {
    this.directory = directory;
    this.options = options;
    this.store = openStore(directory, { durability: 'none', initialize: initializeCatalog });
    const lock = options.lock ?? new WriteLock();
    this.registry = this.newRegistry(lock);
    const storage = { externalIoDir, nodeId: 1 };
    const db = this.store.connect();
    const clock = new WriteClock();
    const shared = { db, lock, clock, storage, threads: new RestoreThreads() };
    this.environment = { store: this.store, ...shared, jobs: this.registry };
    this.catalog = new CatalogManager(this.environment.db);
  }

  private newRegistry(lock: WriteLock): JobRegistry {
    const { retryPolicy } = this.options;
    const registry = new JobRegistry({
      db: this.store.connect(),
      lock,
      log: createLogger('silent'),
      nodeId: 1,
      ...(retryPolicy === undefined ? {} : { retryPolicy }),
    });
    registry.register(
      RESTORE_JOB_TYPE,
      (job) => new InlineRestoreResumer(this.environment, job, this.options),
    );
    return registry;
  }

  static async open(externalIoDir: string, options: HarnessOptions = {}): Promise<RestoreHarness> {
    await initCompression();
    const directory = mkdtempSync(join(tmpdir(), 'ootheca-test-'));
    return new RestoreHarness(directory, externalIoDir, options);
  }

  get jobs(): JobRegistry {
    return this.registry;
  }

  /** As after a restart of the server: another registry goes on with what there is. */
  async restart(): Promise<void> {
    await this.registry.shutdown();
    this.registry = this.newRegistry(this.environment.lock);
    this.environment = { ...this.environment, jobs: this.registry };
    this.registry.adoptAll();
  }

  async close(): Promise<void> {
    await this.jobs.shutdown();
    this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get db() {
    return this.environment.db;
  }

  /** @returns the statement's result row @throws what the statement would */
  async restore(
    targets: RestoreTargets,
    source: ChainSource,
    options: Partial<RestoreOptions> = {},
  ): Promise<JobResultRow> {
    return await this.jobs.wait(await this.start(targets, source, options));
  }

  /** @returns the job's id @throws what the statement would before there is a job */
  async start(
    targets: RestoreTargets,
    source: ChainSource,
    options: Partial<RestoreOptions> = {},
  ): Promise<bigint> {
    const { lock, clock, storage, db } = this.environment;
    const context = { user: 'root', currentDatabase: 'defaultdb', searchPath: ['public'] };
    const layers = await locateLayers(source, storage);
    const all = { ...NO_OPTIONS, ...options };
    const prepared = await prepareRestore(layers, targets, all, context, storage);
    const id = await writeTransaction(lock, db, 'RESTORE', () =>
      createRestoreJob({ db, nowNanos: clock.next() }, prepared, 'RESTORE', this.jobs, (id) =>
        this.options.checkTarget?.(id),
      ),
    );
    this.jobs.start(id);
    return id;
  }

  async restoreDatabase(name: string, source: ChainSource): Promise<JobResultRow> {
    return await this.restore({ kind: 'databases', names: [name] }, source);
  }

  async dropDatabase(name: string): Promise<void> {
    const { lock, clock, db } = this.environment;
    await writeTransaction(lock, db, 'DROP DATABASE', () =>
      dropDatabase(db, this.catalog.snapshot(), name, 'cascade', clock.next()),
    );
  }

  lastJob(): JobRecord | undefined {
    return this.jobs.list({ automatic: false }).sort((a, b) => (a.id < b.id ? 1 : -1))[0];
  }

  /** All that a restore can leave in a store; a restore that failed leaves it as it was. */
  contents(): unknown {
    const { db } = this;
    const all = (sql: string): unknown[] => db.prepare(sql).all();
    return {
      tables: listPhysicalTables(db),
      indexes: all(`SELECT name FROM sqlite_schema WHERE type = 'index' AND name GLOB 't[0-9]*'`),
      descriptors: all('SELECT id, name, descriptor FROM descriptors ORDER BY id'),
      ranges: all('SELECT * FROM ranges'),
      sequences: all('SELECT * FROM sequences'),
      statistics: all('SELECT * FROM table_statistics'),
    };
  }

  /** Pages of the file that hold something. */
  usedPages(): number {
    const pragma = (name: string): number => Number(this.db.pragma(name, { simple: true }));
    return pragma('page_count') - pragma('freelist_count');
  }

  /** Every row of every table of a database, as a hash. */
  rows(database: string): string {
    const snapshot = this.catalog.snapshot();
    const id = snapshot.database(database)?.id ?? -1;
    const hash = createHash('sha256');
    for (const table of snapshot.tables(id)) {
      hash.update(`\n${table.schemaName}.${table.name}`);
      if (table.kind === 'view') continue;
      const [sql, ...parameters] =
        table.kind === 'sequence'
          ? ['SELECT value FROM sequences WHERE table_id = ?', table.id]
          : [`SELECT * FROM ${table.sqliteName}`];
      for (const row of this.db
        .prepare(sql)
        .raw()
        .iterate(...parameters)) {
        hash.update(`\n${(row as unknown[]).map(valueText).join(',')}`);
      }
    }
    return hash.digest('hex');
  }
}

const valueText = (value: unknown): string =>
  Buffer.isBuffer(value) ? value.toString('hex') : `${typeof value} ${String(value)}`;

/** `… FROM LATEST IN 'nodelocal://1/<path>'` */
export const latestIn = (path: string): ChainSource => ({
  kind: 'collection',
  subdirectory: { latest: true },
  collection: `nodelocal://1/${path}`,
});
