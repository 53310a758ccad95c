import { join } from 'node:path';
import { BACKUP_JOB_TYPE, BackupResumer } from '../backup/backup/backup-job';
import { SnapshotWaits } from '../backup/backup/snapshot-waits';
import { BackupThreads } from '../backup/backup/threads/backup-threads';
import {
  RESTORE_JOB_TYPE,
  type RestoreEnvironment,
  RestoreResumer,
} from '../backup/restore/restore-job';
import { RestoreThreads } from '../backup/restore/restore-threads';
import { SCHEMA_CHANGE_JOB_TYPE, TYPE_CHANGE_JOB_TYPE } from '../backup/restore/schema-changes';
import { BACKUP_EXECUTOR } from '../backup/schedule/backup-schedule';
import { wallNanos } from '../base/clock';
import { initCompression } from '../base/compression';
import { SqlError } from '../base/errors';
import type { Logger } from '../base/logger';
import { workerPath } from '../base/worker-path';
import { CatalogHistory } from '../catalog/catalog-history';
import { CatalogManager, initializeCatalog } from '../catalog/catalog-manager';
import { HistorySweeper } from '../catalog/history-sweeper';
import { ADMIN_ROLE, PUBLIC_ROLE, type RoleGraph } from '../catalog/roles';
import { NO_TOPOLOGY, type Topology, writeTopology } from '../catalog/topology';
import { moveDefaultPrivileges } from '../catalog/upgrade-store';
import { JobRegistry } from '../jobs/registry';
import { Scheduler } from '../jobs/schedules/scheduler';
import {
  endObjectThread,
  hostObjectThread,
} from '../storage/external/object-thread/object-thread-host';
import type { ExternalStorageOptions } from '../storage/external/storage-options';
import { WriteClock } from '../storage/ranges/clock';
import type { Connection } from '../storage/ranges/connection';
import { latestTime } from '../storage/ranges/history-collection';
import { openStore, type Store } from '../storage/ranges/store';
import { getUser } from '../storage/ranges/user-rows';
import { WriteLock } from '../storage/ranges/write-lock';
import { clusterSettingValue } from './cluster-settings/cluster-settings';
import { HOST_RULES_SETTING, type HostRules, parseHostRules } from './cluster-settings/host-rules';
import {
  cloudTimeoutMs,
  customCa,
  jobRetentionPolicy,
  jobRetryPolicy,
  schedulerPolicy,
} from './cluster-settings/setting-reads';
import { SchemaChangeResumer } from './ddl/change-job';
import { dropTemporarySchemas } from './ddl/drop-temporary';
import type { Engine, Login, Session, SessionListener, SessionOptions } from './engine';
import type { EngineContext } from './engine-context';
import { Checkpoints } from './execute/checkpoints';
import { InlineHost } from './execute/inline-host';
import { InlineQueries } from './execute/inline-queries';
import { InlineWrites } from './execute/inline-writes';
import { QueryPool } from './execute/query-pool';
import { TableWrites } from './execute/table-writes';
import { loadParser } from './parse/postgres';
import { normalizeRole } from './privileges/role-names';
import { expiryMs } from './privileges/role-options';
import { backupExecutor } from './schedules/backup-executor';
import { LiveSessions } from './session/live-sessions';
import { Onlookers } from './session/onlookers';
import { ParsedTexts } from './session/parsed-texts';
import { QueryCache } from './session/query-cache';
import { SqlSession } from './session/session';

export interface EngineOptions {
  readonly storeDir: string;
  /** Where `nodelocal` URLs lead; undefined: nowhere. */
  readonly externalIoDir: string | undefined;
  /** No `http` URLs, and no endpoints of the user's own. */
  readonly externalIoDisableHttp?: boolean;
  /** No `AUTH=implicit`. */
  readonly externalIoDisableImplicitCredentials?: boolean;
  readonly logger: Logger;
  /** Whether overwritten and deleted rows are kept for a while (AS OF SYSTEM TIME); yes when left out. */
  readonly history?: boolean;
  /** The store is removed when the process ends: nothing needs to reach the disk. */
  readonly ephemeral: boolean;
  /** Where this node is, and the cluster's regions; none when left out. */
  readonly topology?: Topology;
}

const NODE_ID = 1;
const CONNECTIONS_MAX = 'server.max_connections_per_gateway';
const QUERIES_CACHED_MAX = 1_000;

/**
 * Opens the store, goes on with jobs that an earlier process left, and answers sessions.
 * @throws SqlError, CorruptionError: the store can't be opened
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await Promise.all([loadParser(), initCompression()]);
  const store = openStore(options.storeDir, {
    initialize: initializeCatalog,
    durability: options.ephemeral ? 'none' : 'full',
    history: options.history ?? true,
  });
  try {
    hostObjectThread();
    const db = store.connect();
    db.transaction(() => moveDefaultPrivileges(db, wallNanos()))();
    writeTopology(db, options.topology ?? NO_TOPOLOGY);
    const writeLock = new WriteLock();
    const storage = storageOf(options, store, db);
    const jobs = jobsOf(store, db, writeLock, options.logger);
    const clock = new WriteClock();
    clock.startAfter(latestTime(db));
    const environment = { store, db, lock: writeLock, clock, storage, jobs };
    const threads = registerBackupJobs(environment);
    const queries = new QueryPool(store.directory, store.durability, clock);
    for (const type of [SCHEMA_CHANGE_JOB_TYPE, TYPE_CHANGE_JOB_TYPE]) {
      jobs.register(
        type,
        (job) => new SchemaChangeResumer({ queries, writeLock, jobs, clock }, job),
      );
    }
    const inline = new InlineQueries(store.directory);
    const inlineWrites = inlineWritesOf(store, inline, queries, writeLock);
    queries.inline = new InlineHost(store.directory, inlineWrites);
    queries.warmUp();
    jobs.adoptAll();
    void jobs.keepTidy();
    const sessions = new LiveSessions();
    const tableWrites = new TableWrites();
    const catalog = new CatalogManager(db, writeLock);
    const context: EngineContext = {
      store,
      db,
      writeLock,
      catalog,
      past: new CatalogHistory(db, catalog),
      jobs,
      ...threads,
      schedules: schedulerOf(environment, options.logger, () => context),
      queries,
      inline,
      inlineWrites,
      parsed: new ParsedTexts(),
      queryCache: new QueryCache(QUERIES_CACHED_MAX),
      writeCache: new QueryCache(QUERIES_CACHED_MAX),
      tableWrites,
      sessions,
      onlookers: new Onlookers(sessions, tableWrites),
      clock,
      storage,
      logger: options.logger,
    };
    await dropTemporarySchemas(context, undefined);
    context.schedules.start();
    const sweeper = new HistorySweeper({
      db: store.connect(),
      lock: writeLock,
      clock,
      catalog,
      onError: (error) =>
        options.logger.warn({ reason: String(error) }, 'old versions of rows stay for now'),
    });
    sweeper.start();
    return new SqlEngine(context, sweeper);
  } catch (error) {
    store.close();
    throw error;
  }
}

/** RESTORE and BACKUP. @returns their threads */
function registerBackupJobs(
  environment: Omit<RestoreEnvironment, 'threads'> & { readonly jobs: JobRegistry },
): Pick<EngineContext, 'restoreThreads' | 'backupThreads' | 'backupSnapshots'> {
  const { jobs, db } = environment;
  const restoreThreads = new RestoreThreads();
  const restores = { ...environment, threads: restoreThreads };
  jobs.register(RESTORE_JOB_TYPE, (job) => new RestoreResumer(restores, job));
  const threadFile = workerPath(join(__dirname, 'backup'), 'backup-thread');
  const backupThreads = new BackupThreads(threadFile, db);
  const backupSnapshots = new SnapshotWaits();
  const backups = { ...environment, backupThreads, backupSnapshots };
  jobs.register(BACKUP_JOB_TYPE, (job) => new BackupResumer(backups, job));
  return { restoreThreads, backupThreads, backupSnapshots };
}

function storageOf(options: EngineOptions, store: Store, db: Connection): ExternalStorageOptions {
  return {
    externalIoDir: options.externalIoDir,
    nodeId: NODE_ID,
    httpDisabled: options.externalIoDisableHttp ?? false,
    implicitCredentialsDisabled: options.externalIoDisableImplicitCredentials ?? false,
    storeDirectory: store.directory,
    objectThread: true,
    // As it is when a location is opened.
    get customCa() {
      return customCa(db);
    },
    get timeoutMs() {
      return cloudTimeoutMs(db);
    },
  };
}

function inlineWritesOf(
  { directory, durability }: Store,
  inline: InlineQueries,
  queries: QueryPool,
  lock: WriteLock,
): InlineWrites {
  const checkpoints = new Checkpoints(queries, lock);
  return new InlineWrites(directory, durability, inline, () => checkpoints.start());
}

function jobsOf(store: Store, db: Connection, lock: WriteLock, log: Logger): JobRegistry {
  return new JobRegistry({
    db: store.connect(),
    lock,
    log,
    nodeId: NODE_ID,
    retryPolicy: () => jobRetryPolicy(db),
    retentionPolicy: () => jobRetentionPolicy(db),
  });
}

function schedulerOf(
  {
    db,
    lock,
    jobs,
    clock,
  }: Pick<EngineContext, 'db' | 'jobs' | 'clock'> & {
    readonly lock: WriteLock;
  },
  log: Logger,
  context: () => EngineContext,
): Scheduler {
  const executors = new Map([[BACKUP_EXECUTOR, backupExecutor(context)]]);
  const policy = () => schedulerPolicy(db);
  const scheduler = new Scheduler({ db, lock, clock, log, policy, executors });
  jobs.onRunEnd(() => scheduler.wake());
  return scheduler;
}

class SqlEngine implements Engine {
  private readonly context: EngineContext;
  private readonly sweeper: HistorySweeper;
  private knownRules: { readonly text: string; readonly rules: HostRules } | undefined;

  constructor(context: EngineContext, sweeper: HistorySweeper) {
    this.context = context;
    this.sweeper = sweeper;
  }

  get holdsProcess(): boolean {
    return this.context.queries.isBusy;
  }

  hostRules(): HostRules {
    const text = clusterSettingValue(this.context.db, HOST_RULES_SETTING);
    if (this.knownRules?.text !== text) this.knownRules = { text, rules: this.rulesOf(text) };
    return this.knownRules.rules;
  }

  /** A restored cluster may bring rules that are not known here: then nobody but root gets in. */
  private rulesOf(text: string): HostRules {
    try {
      return parseHostRules(text);
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const reason = error.message;
      this.context.logger.error({ reason }, `${HOST_RULES_SETTING}: only root may log in`);
      return parseHostRules('host all all all reject');
    }
  }

  login(name: string): Login {
    const user = normalizeRole(name);
    const row = getUser(this.context.db, user);
    const until = this.context.catalog.snapshot().roles.get(user)?.options.get('VALID UNTIL');
    return {
      user,
      hashedPassword: row?.hashedPassword ?? null,
      expiresMs: until === undefined || until === null ? undefined : expiryMs(until),
    };
  }

  async openSession(options: SessionOptions, listener: SessionListener): Promise<Session> {
    const { catalog } = this.context;
    const user = normalizeRole(options.user);
    requireLogin(user, catalog.snapshot().roles);
    const database = options.database === '' ? 'defaultdb' : options.database;
    if (catalog.snapshot().database(database) === undefined) {
      throw new SqlError('invalidCatalogName', `database "${database}" does not exist`);
    }
    this.checkRoom(user);
    return new SqlSession(this.context, { ...options, user, database }, listener);
  }

  /** Admins come in always, and count. @throws SqlError tooManyConnections (53300) */
  private checkRoom(user: string): void {
    const { db, catalog, sessions } = this.context;
    const most = Number(clusterSettingValue(db, CONNECTIONS_MAX));
    if (most < 0 || catalog.snapshot().roles.isAdmin(user)) return;
    if (sessions.list().filter(({ pid }) => pid > 0).length < most) return;
    throw new SqlError('tooManyConnections', 'sorry, too many clients already', {
      hint: `the maximum number of allowed connections is ${most} and can be modified using the ${CONNECTIONS_MAX} config key`,
    });
  }

  async close(): Promise<void> {
    const { jobs, restoreThreads, backupThreads, schedules, queries, inline, inlineWrites, store } =
      this.context;
    await this.sweeper.stop();
    await schedules.stop();
    await jobs.shutdown();
    await restoreThreads.close();
    await backupThreads.close();
    await queries.close();
    inline.close();
    inlineWrites.close();
    await endObjectThread();
    store.close();
  }
}

/** @throws SqlError invalidAuthorizationSpecification (28000) */
function requireLogin(user: string, roles: RoleGraph): void {
  const role = roles.get(user);
  if (role === undefined || user === PUBLIC_ROLE) {
    throw new SqlError(
      'invalidAuthorizationSpecification',
      `password authentication failed for user ${user}`,
      { hint: 'There is no such user: CREATE USER makes one.' },
    );
  }
  if (role.options.has('NOLOGIN') || user === ADMIN_ROLE) {
    throw new SqlError(
      'invalidAuthorizationSpecification',
      `${user} does not have login privilege`,
    );
  }
}
