import { defined } from '../../../base/invariant';
import { sqliteColumnName, sqliteTableName } from '../../../catalog/build-table-info';
import type { Repr } from '../../../catalog/types/sql-type';
import type { PageFile } from '../../../storage/pages/page-file';
import type { PageRun } from '../../../storage/pages/page-run';
import {
  NO_SLOT,
  type RecordLayout,
  StoredRecordReader,
} from '../../../storage/pages/stored-record-reader';
import { TreeCursor } from '../../../storage/pages/tree-cursor';
import { type TreeShape, treeShape } from '../../../storage/pages/tree-shape';
import type { Connection } from '../../../storage/ranges/connection';
import { TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import { ChunkedRows, type RowSource } from './row-scan';
import type { TableEncoding } from './table-encoding';

/** The tables of a snapshot whose rows are read from the pages of the store. */
export class PageTables {
  private readonly file: PageFile;
  private readonly db: Connection;
  private readonly tables = new Map<number, PageTable | undefined>();

  /** @param file has all that the snapshot sees @param db with its read transaction */
  constructor(file: PageFile, db: Connection) {
    this.file = file;
    this.db = db;
  }

  /** @param encoding the same each time @returns undefined when SQLite has to read it */
  of(tableId: number, encoding: TableEncoding): PageTable | undefined {
    if (this.tables.has(tableId)) return this.tables.get(tableId);
    const shape = treeShape(this.db, sqliteTableName(tableId));
    const layout = shape && layoutOf(shape, encoding);
    const table = shape && layout && new PageTable(this.file, shape, layout, encoding);
    this.tables.set(tableId, table);
    return table;
  }
}

/** A table whose rows are read from the pages of the store. */
export class PageTable {
  private readonly file: PageFile;
  private readonly shape: TreeShape;
  readonly layout: RecordLayout;
  private readonly encoding: TableEncoding;

  constructor(file: PageFile, shape: TreeShape, layout: RecordLayout, encoding: TableEncoding) {
    this.file = file;
    this.shape = shape;
    this.layout = layout;
    this.encoding = encoding;
  }

  /** @returns a reader for rows of this table: a slot for each column of the encoding, NULL for virtual ones, and the time */
  reader(): StoredRecordReader {
    return new StoredRecordReader(this.encoding.rows.columns.length + 1, this.layout);
  }

  /** @param from key of the first row; undefined: the table's first */
  cursor(from: readonly Repr[] | undefined): TreeCursor {
    const { file, shape, layout, encoding } = this;
    const cursor = new TreeCursor(file, shape, layout);
    if (from === undefined) return cursor;
    const { primaryKey } = encoding.rows;
    cursor.seek(this.reader(), (row) => {
      for (const [i, slot] of encoding.keySlots.entries()) {
        const order = compareValues(row.value(slot), from[i] ?? null);
        if (order !== 0) return primaryKey[i]?.descending === true ? -order : order;
      }
      return 0;
    });
    return cursor;
  }
}

/** As SQLite orders values: NULL, numbers, texts by their bytes, blobs. */
function compareValues(a: Repr, b: Repr): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0 || a === null || b === null) return rank;
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  // JavaScript compares a bigint with a number exactly.
  return a < b ? -1 : a > b ? 1 : 0;
}

function rankOf(value: Repr): number {
  if (value === null) return 0;
  if (typeof value === 'string') return 2;
  return value instanceof Uint8Array ? 3 : 1;
}

function layoutOf(shape: TreeShape, encoding: TableEncoding): RecordLayout | undefined {
  const { columns, primaryKey } = encoding.rows;
  const slotOf = new Map<string, number>([[TIMESTAMP_COLUMN, columns.length]]);
  for (const [slot, { id }] of columns.slice(0, encoding.storedCount).entries())
    slotOf.set(sqliteColumnName(id), slot);
  const isOrdered =
    primaryKey.length === shape.key.length &&
    primaryKey.every(({ columnId, descending }, i) => {
      const key = shape.key[i];
      return key?.column === sqliteColumnName(columnId) && key.descending === descending;
    });
  const isComplete = [...slotOf.keys()].every((name) => shape.columns.includes(name));
  if (!isOrdered || !isComplete) return undefined;
  const key = defined(shape.key[0], 'a key').column;
  return {
    slots: Uint16Array.from(shape.columns, (name) => slotOf.get(name) ?? NO_SLOT),
    rowidSlot: shape.isRowid ? slotOf.get(key) : undefined,
  };
}

/** Rows of a table in the order of its primary key, from any row on: what `RowScan` reads, where nothing is computed. */
export class PageScan extends ChunkedRows<StoredRecordReader, PageRun> implements RowSource {
  readonly row: StoredRecordReader;
  readonly layout: RecordLayout;
  private readonly cursor: TreeCursor;
  private rowsLeft: number;

  /** @param from key of the first row; undefined: the table's first @param rowsMax at most so many rows */
  constructor(table: PageTable, from: readonly Repr[] | undefined, rowsMax: number) {
    super();
    this.row = table.reader();
    this.layout = table.layout;
    this.cursor = table.cursor(from);
    this.rowsLeft = rowsMax;
  }

  nextChunk(): PageRun | undefined {
    this.chunk = this.cursor.takeRun(this.rowsLeft);
    this.rowsLeft -= this.chunk?.rowCount ?? 0;
    return this.chunk;
  }

  close(): void {
    this.chunk = undefined;
  }
}
