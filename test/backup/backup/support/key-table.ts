import { create } from '@bufbuild/protobuf';
import Database from 'better-sqlite3';
import type { WrittenTable } from '../../../../backup/backup/rows/written-table';
import { RowEncoder } from '../../../../backup/format/datum/row-encoder';
import { TableDescriptorSchema } from '../../../../catalog/descriptor/gen/table_pb';
import type { Repr } from '../../../../catalog/types/sql-type';
import { INT8 } from '../../../../catalog/types/table';
import { prepareForChunks } from '../../../../storage/ranges/row-chunks';
import { createMetaTables } from '../../../../storage/ranges/store-schema';

/** Tables of integers, without a catalog. */

export const TABLE = 104;

type Key = readonly bigint[];

/** A table with a key of as many columns as there are directions, and one more column. One column that ascends is the rowid. */
export function makeTable(keys: readonly Key[], descending: readonly boolean[], path = ':memory:') {
  const db = new Database(path);
  db.defaultSafeIntegers(true);
  // Small pages make deep trees.
  db.pragma('page_size = 512');
  db.pragma('synchronous = OFF');
  db.pragma('journal_mode = MEMORY');
  createMetaTables(db, 'cluster', 0);
  const names = descending.map((_, i) => `c${i + 1}`);
  const order = names.map((name, i) => `${name}${descending[i] ? ' DESC' : ''}`).join(', ');
  const columns = names.map((name) => `${name} INTEGER NOT NULL`).join(', ');
  const isRowid = descending.length === 1 && descending[0] === false;
  const options = isRowid ? 'STRICT' : 'STRICT, WITHOUT ROWID';
  db.exec(
    `CREATE TABLE t${TABLE} (${columns}, c9 INTEGER, _ts ANY, PRIMARY KEY (${order})) ${options}`,
  );
  db.exec(`CREATE TABLE h${TABLE} (${columns}, c9 INTEGER, _ts ANY, _end INTEGER NOT NULL) STRICT`);
  const insert = db.prepare(
    `INSERT OR IGNORE INTO t${TABLE} VALUES (${names.map(() => '?').join(', ')}, ?, ?)`,
  );
  db.transaction(() => {
    for (const [i, key] of keys.entries()) insert.run(...key, BigInt(i), i % 3 === 0 ? null : 5n);
  })();
  const ids = [...names.map((_, i) => i + 1), 9];
  const rows = {
    tableId: TABLE,
    columns: ids.map((id) => ({ id, type: INT8 })),
    primaryId: 1,
    primaryKey: names.map((_, i) => ({ columnId: i + 1, descending: descending[i] === true })),
    families: [{ id: 0, columnIds: ids, defaultColumnId: 0 }],
  };
  const keySlots = names.map((_, i) => i);
  const encoding = { rows, storedCount: ids.length, virtualIds: [], keySlots, indexes: [] };
  const table = {
    descriptor: create(TableDescriptorSchema, { id: TABLE, name: 't' }),
    encoding,
    rows: new RowEncoder(rows),
    primaryId: 1,
    indexes: [],
  } as unknown as WrittenTable;
  prepareForChunks(db);
  db.exec('BEGIN');
  const expected = db
    .prepare(`SELECT ${names.join(', ')}, c9, ifnull(_ts, 77) FROM t${TABLE} ORDER BY ${order}`)
    .raw()
    .all() as Repr[][];
  return { db, table, encoding, expected };
}
