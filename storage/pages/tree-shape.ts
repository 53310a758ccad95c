import { type Connection, wideStatement } from '../ranges/connection';
import { quoteName } from '../ranges/physical-table';

/** How SQLite keeps the rows of a table. Source: sqlite.org/fileformat2.html, "B-tree Pages" and "Record Format". */
export interface TreeShape {
  /** Counted from 1. */
  readonly rootPage: number;
  /** The key is the rowid, and NULL in the record. Otherwise rows lie in an index, in interior pages too. */
  readonly isRowid: boolean;
  /** In the order of the record, of which older rows have fewer: the rest is NULL. */
  readonly columns: readonly string[];
  /** Compared byte by byte where it is text. */
  readonly key: readonly TreeKeyColumn[];
}

export interface TreeKeyColumn {
  readonly column: string;
  readonly descending: boolean;
}

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly pk: bigint;
  readonly dflt_value: string | null;
  readonly hidden: bigint;
}

interface IndexColumn {
  readonly name: string | null;
  readonly desc: bigint;
  readonly coll: string | null;
  readonly key: bigint;
}

/** @returns undefined: there is no such table, or only SQLite can read it */
export function treeShape(db: Connection, table: string): TreeShape | undefined {
  const name = quoteName(table);
  const rootPage = wideStatement(
    db,
    `SELECT rootpage AS root FROM sqlite_schema WHERE type = 'table' AND name = ?`,
  ).get(table) as { root: bigint } | undefined;
  if (rootPage === undefined) return undefined;
  const columns = db.pragma(`table_xinfo(${name})`) as TableColumn[];
  const indexes = db.pragma(`index_list(${name})`) as { name: string; origin: string }[];
  const isPlain = columns.every(({ dflt_value, hidden }) => dflt_value === null && hidden === 0n);
  if (!isPlain) return undefined;
  const primary = indexes.find(({ origin }) => origin === 'pk')?.name;
  const shape = primary === undefined ? rowidShape(columns) : indexShape(db, primary);
  return shape === undefined ? undefined : { rootPage: Number(rootPage.root), ...shape };
}

type RecordShape = Omit<TreeShape, 'rootPage'>;

/** Of a table whose key has no index of its own: it is the rowid, if there is one. */
function rowidShape(columns: readonly TableColumn[]): RecordShape | undefined {
  const key = columns.find(({ pk }) => pk === 1n);
  if (key === undefined) return undefined;
  return {
    isRowid: true,
    columns: columns.map(({ name }) => name),
    key: [{ column: key.name, descending: false }],
  };
}

/** @param primary the index of the key, which is the table WITHOUT ROWID itself */
function indexShape(db: Connection, primary: string): RecordShape | undefined {
  const entries = db.pragma(`index_xinfo(${quoteName(primary)})`) as IndexColumn[];
  const columns: string[] = [];
  const key: TreeKeyColumn[] = [];
  for (const { name, coll, key: isKey, desc } of entries) {
    // Beside a table with rowids it ends with those.
    if (name === null) return undefined;
    columns.push(name);
    if (isKey === 0n) continue;
    if (coll !== 'BINARY') return undefined;
    key.push({ column: name, descending: desc !== 0n });
  }
  return { isRowid: false, columns, key };
}
