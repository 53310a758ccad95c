import { type Connection, statement } from './connection';
import { collectedUntil } from './history-reads';
import { CATALOG_TABLE_ID } from './pushed-writes';

/**
 * The times at which layers of backups ended that were written of this store. A store that was copied aside before such a time went
 * another way since then: what its rows say of the time is not what the layer has.
 */

const PREFIX = 'layer_end_';
/** Of times, so that texts order as they do. */
const DIGITS = 20;

const nameOf = (time: bigint): string => PREFIX + String(time).padStart(DIGITS, '0');

/** In a write transaction. Forgets those from which nobody can go on any more. */
export function noteLayerEnd(db: Connection, time: bigint): void {
  statement(db, 'INSERT OR REPLACE INTO store_info VALUES (?, ?)').run(nameOf(time), '');
  const oldest = nameOf(collectedUntil(db, CATALOG_TABLE_ID));
  statement(db, `DELETE FROM store_info WHERE name > ? AND name < ?`).run(PREFIX, oldest);
}

export function isLayerEnd(db: Connection, time: bigint): boolean {
  const found = statement(db, 'SELECT 1 FROM store_info WHERE name = ?').get(nameOf(time));
  return found !== undefined;
}
