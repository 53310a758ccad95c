import { notSupported } from '../../base/errors';
import {
  type CatalogChange,
  privateVersion,
  readRoles,
  withChange,
} from '../../catalog/catalog-reader';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { type Connection, connectStore } from '../../storage/ranges/connection';
import type { Lease, WriteLocker } from '../../storage/ranges/write-lock';
import type { MetaTable } from '../ddl/definition';
import { coverMetaTables, ROLE_TABLES, uncoverMetaTables } from '../ddl/meta-tables';
import type { EngineContext } from '../engine-context';
import type { PreparedWrite } from './compile-query';
import { QueryCache } from './query-cache';

/** The catalog as a block has made it, at one moment of the block. */
interface BlockCatalog {
  readonly catalog: CatalogSnapshot;
  /** Tables of the store whose rows differ from what others see, by name. */
  readonly metaTables: ReadonlyMap<string, MetaTable>;
}

const QUERIES_CACHED_MAX = 200;

/**
 * What a writing block has done to the catalog. Others see it when the block commits and the store's own version moves on; until
 * then the block binds against this, keeps what it compiles here, and reads small tables of the store through a connection
 * that shows its own rows.
 */
export class BlockDefinitions {
  private readonly engine: EngineContext;
  private current: BlockCatalog;
  /** As it was when each of the block's savepoints was made. */
  private readonly savepoints: BlockCatalog[];
  private view: EngineContext;
  private db: Connection | undefined;

  /** @param savepoints how many the block has made so far */
  constructor(engine: EngineContext, savepoints: number) {
    this.engine = engine;
    this.current = { catalog: engine.catalog.snapshot(), metaTables: new Map() };
    this.savepoints = new Array<BlockCatalog>(savepoints).fill(this.current);
    this.view = { ...engine, writeLock: NO_LOCK };
  }

  get catalog(): CatalogSnapshot {
    return this.current.catalog;
  }

  /** The engine as the block's statements see it. */
  get engineView(): EngineContext {
    return this.view;
  }

  note(change: CatalogChange, metaTables: readonly MetaTable[]): void {
    const tables = new Map(this.current.metaTables);
    for (const table of metaTables) tables.set(table.name, table);
    const db = this.cover(tables);
    const isOfRoles = metaTables.some(({ name }) => ROLE_TABLES.has(name));
    const roles = isOfRoles ? readRoles(db) : this.catalog.roles;
    const catalog = withChange(this.catalog, change, privateVersion(), roles);
    this.set({ catalog, metaTables: tables });
  }

  savepoint(): void {
    this.savepoints.push(this.current);
  }

  release(depth: number): void {
    this.savepoints.length = depth;
  }

  rollbackTo(depth: number): void {
    const kept = this.savepoints[depth];
    this.savepoints.length = depth + 1;
    if (kept === undefined || kept === this.current) return;
    this.cover(kept.metaTables);
    this.set(kept);
  }

  /** @returns a connection that shows the store with these tables in place of its own */
  private cover(tables: BlockCatalog['metaTables']): Connection {
    if (tables.size > 0) {
      this.db ??= connectStore(this.engine.store.directory, { readonly: true });
    }
    if (this.db === undefined) return this.engine.db;
    uncoverMetaTables(this.db, this.current.metaTables.keys());
    coverMetaTables(this.db, tables.values());
    return this.db;
  }

  private set(made: BlockCatalog): void {
    this.current = made;
    this.view = {
      ...this.engine,
      db: this.db ?? this.engine.db,
      writeLock: NO_LOCK,
      catalog: { snapshot: () => this.catalog },
      queryCache: new QueryCache(QUERIES_CACHED_MAX),
      writeCache: new QueryCache<PreparedWrite>(QUERIES_CACHED_MAX),
    };
  }

  close(): void {
    this.db?.close();
    this.db = undefined;
  }
}

/** Whoever waited for the lock would wait for its own block. */
const NO_LOCK: WriteLocker = {
  tryAcquire: () => undefined,
  acquire(owner): Promise<Lease> {
    throw notSupported(`${owner} after a write in the same transaction`, 'Run it outside of it.');
  },
};
