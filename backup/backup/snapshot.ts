import { type Connection, connectStore } from '../../storage/ranges/connection';
import { prepareForChunks } from '../../storage/ranges/row-chunks';

/** Of a snapshot's connection: it reads each page once. */
const CACHE_BYTES = 4 << 20;

/** A connection to take a snapshot with. */
export function connectForSnapshot(storeDirectory: string): Connection {
  const db = connectStore(storeDirectory, { readonly: true, cacheBytes: CACHE_BYTES });
  prepareForChunks(db);
  return db;
}

/** Several connections that take theirs while nobody writes have the same. */
export function takeSnapshot(db: Connection): void {
  db.exec('BEGIN');
  // SQLite takes its snapshot at the first read.
  db.prepare('SELECT count(*) FROM sqlite_schema').get();
}
