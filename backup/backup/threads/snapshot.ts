import { isAllInFile, PageFile } from '../../../storage/pages/page-file';
import { type Connection, connectStore, type Durability } from '../../../storage/ranges/connection';
import { prepareForChunks } from '../../../storage/ranges/row-chunks';
import { PageTables } from '../rows/page-scan';

/** Of a snapshot's connection: it reads each page once. */
const CACHE_BYTES = 4 << 20;

/** A connection to take a snapshot with. */
export function connectForSnapshot(storeDirectory: string): Connection {
  const db = connectStore(storeDirectory, { readonly: true, cacheBytes: CACHE_BYTES });
  prepareForChunks(db);
  return db;
}

/**
 * To be called before snapshots are taken, while nobody writes.
 * @returns whether the store's file has all that they will see, for as long as they are there
 */
export function bringInForSnapshot(storeDirectory: string, durability: Durability): boolean {
  const db = connectStore(storeDirectory, { durability, cacheBytes: CACHE_BYTES });
  try {
    return isAllInFile(db);
  } catch {
    // Then SQLite reads, which knows what is where.
    return false;
  } finally {
    db.close();
  }
}

/**
 * Several connections that take theirs while nobody writes have the same.
 * @param isInFile see `bringInForSnapshot` @returns tables of the store's file, where it can be read in the place of SQLite
 */
export function takeSnapshot(
  { db, storeFd }: { readonly db: Connection; readonly storeFd: number },
  isInFile: boolean,
): PageTables | undefined {
  db.exec('BEGIN');
  // SQLite takes its snapshot at the first read.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
  return isInFile ? new PageTables(new PageFile(storeFd, db), db) : undefined;
}
