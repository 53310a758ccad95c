import type { SnapshotWaits } from '../backup/backup/snapshot-waits';
import type { BackupThreads } from '../backup/backup/threads/backup-threads';
import type { RestoreThreads } from '../backup/restore/restore-threads';
import type { Logger } from '../base/logger';
import type { CatalogHistory } from '../catalog/catalog-history';
import type { CatalogManager } from '../catalog/catalog-manager';
import type { JobRegistry } from '../jobs/registry';
import type { Scheduler } from '../jobs/schedules/scheduler';
import type { ExternalStorageOptions } from '../storage/external/storage-options';
import type { WriteClock } from '../storage/ranges/clock';
import type { Connection } from '../storage/ranges/connection';
import type { Store } from '../storage/ranges/store';
import type { WriteLocker } from '../storage/ranges/write-lock';
import type { InlineQueries } from './execute/inline-queries';
import type { InlineWrites } from './execute/inline-writes';
import type { QueryPool } from './execute/query-pool';
import type { TableWrites } from './execute/table-writes';
import type { PreparedWrite } from './session/compile-query';
import type { LiveSessions } from './session/live-sessions';
import type { Onlookers } from './session/onlookers';
import type { ParsedTexts } from './session/parsed-texts';
import type { QueryCache } from './session/query-cache';

/** What all sessions of a server share. */
export interface EngineContext {
  readonly store: Store;
  /** The main thread's connection: short statements only. */
  readonly db: Connection;
  readonly writeLock: WriteLocker;
  readonly catalog: Pick<CatalogManager, 'snapshot'>;
  /** The catalog as it was. */
  readonly past: CatalogHistory;
  readonly jobs: JobRegistry;
  readonly restoreThreads: RestoreThreads;
  readonly backupThreads: BackupThreads;
  /** Undefined for schedules: nobody is answered. */
  readonly backupSnapshots: SnapshotWaits | undefined;
  readonly schedules: Scheduler;
  readonly queries: QueryPool;
  /** Short queries, in the main thread. */
  readonly inline: InlineQueries;
  /** Short writes, in the main thread. */
  readonly inlineWrites: InlineWrites;
  readonly parsed: ParsedTexts;
  readonly queryCache: QueryCache;
  readonly writeCache: QueryCache<PreparedWrite>;
  readonly tableWrites: TableWrites;
  readonly sessions: LiveSessions;
  readonly onlookers: Onlookers;
  /** Of rows that are written. */
  readonly clock: WriteClock;
  readonly storage: ExternalStorageOptions;
  readonly logger: Logger;
}
