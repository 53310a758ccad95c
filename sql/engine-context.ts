import type { Logger } from '../base/logger';
import type { CatalogManager } from '../catalog/catalog-manager';
import type { JobRegistry } from '../jobs/registry';
import type { ExternalStorageOptions } from '../storage/external/open-storage';
import type { Connection } from '../storage/ranges/connection';
import type { Store } from '../storage/ranges/store';
import type { WriteLock } from '../storage/ranges/write-lock';
import type { QueryPool } from './execute/query-pool';
import type { QueryCache } from './session/query-cache';

/** What all sessions of a server share. */
export interface EngineContext {
  readonly store: Store;
  /** The main thread's connection: short statements only. */
  readonly db: Connection;
  readonly writeLock: WriteLock;
  readonly catalog: CatalogManager;
  readonly jobs: JobRegistry;
  readonly queries: QueryPool;
  readonly queryCache: QueryCache;
  readonly storage: ExternalStorageOptions;
  readonly logger: Logger;
}
