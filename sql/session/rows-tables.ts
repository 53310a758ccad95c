import type { Repr } from '../../catalog/types/sql-type';
import type { MaterializedTable } from '../bind/catalog-view';
import type { RowsTable } from '../execute/messages';

type Rows = readonly (readonly Repr[])[];

/** Columns cut out of rows that outlive a query: by the rows, and the numbers of the columns. */
const known = new WeakMap<Rows, Map<string, Rows>>();

/**
 * The rows that go with a query, with the columns that its SQL names: a system table has dozens of which a query wants three.
 * @param sql as emitted: `FROM m1 AS s1 … s1.o3`; none: all columns
 */
export function rowsTables(
  materialized: ReadonlyMap<string, MaterializedTable>,
  sql?: string,
): RowsTable[] {
  return [...materialized].map(([name, { columns, rows, keyColumns }]) => {
    const all = Array.isArray(rows) ? (rows as Rows) : [...rows];
    if (sql === undefined || keyColumns !== undefined) {
      const names = columns.map((_, i) => `o${i + 1}`);
      return { name, names, rows: all, ...(keyColumns === undefined ? {} : { keyColumns }) };
    }
    const used = usedColumns(name, sql, columns.length);
    return { name, names: used.map((i) => `o${i + 1}`), rows: cut(all, used, columns.length) };
  });
}

/** Indexes of the columns that any alias of the table is asked for. */
function usedColumns(name: string, sql: string, count: number): number[] {
  const used = new Set<number>();
  for (const [, alias = ''] of sql.matchAll(new RegExp(`\\b${name}"? AS (\\w+)`, 'g'))) {
    for (const [, number] of sql.matchAll(new RegExp(`\\b${alias}\\.o(\\d+)\\b`, 'g'))) {
      used.add(Number(number) - 1);
    }
  }
  // count(*) names none, and a table needs one.
  if (used.size === 0) used.add(0);
  return [...used].filter((i) => i < count).sort((a, b) => a - b);
}

function cut(rows: Rows, used: readonly number[], count: number): Rows {
  if (used.length === count) return rows;
  let cuts = known.get(rows);
  if (cuts === undefined) {
    cuts = new Map();
    known.set(rows, cuts);
  }
  const key = used.join();
  let made = cuts.get(key);
  if (made === undefined) {
    made = rows.map((row) => used.map((i) => row[i] ?? null));
    cuts.set(key, made);
  }
  return made;
}
