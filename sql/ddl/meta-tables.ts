import type { Connection } from '../../storage/ranges/connection';
import { quoteName } from '../../storage/ranges/physical-table';
import type { MetaTable } from './definition';

/**
 * What catalogs show beside descriptors, and schema changes write: a block that has changed them sees its own rows. The tables
 * are small, so they go as a whole.
 */
const SHOWN = [
  'comments',
  'role_members',
  'role_options',
  'role_settings',
  'scheduled_jobs',
  'settings',
  'users',
  'zones',
] as const;

/** Those that the catalog's roles are made of. */
export const ROLE_TABLES: ReadonlySet<string> = new Set(['role_members', 'role_options', 'users']);

export function readMetaTables(db: Connection): MetaTable[] {
  const marks = SHOWN.map(() => '?').join(', ');
  const existing = db
    .prepare(`SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name IN (${marks})`)
    .pluck()
    .all(...SHOWN) as string[];
  return existing.map((name) => {
    const select = db.prepare(`SELECT * FROM main.${quoteName(name)}`).raw(true);
    const columns = select.columns().map((column) => column.name);
    return { name, columns, rows: select.all() as unknown[][] };
  });
}

/** Those of `after` that are not as they were. */
export function changedMetaTables(
  before: readonly MetaTable[],
  after: readonly MetaTable[],
): MetaTable[] {
  const known = new Map(before.map((table) => [table.name, table]));
  return after.filter((table) => !sameRows(known.get(table.name)?.rows ?? [], table.rows));
}

type Rows = MetaTable['rows'];

function sameRows(a: Rows, b: Rows): boolean {
  return (
    a.length === b.length &&
    a.every((row, i) => row.every((value, column) => sameValue(value, b[i]?.[column])))
  );
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b;
}

/** Covers tables of the connection's store with rows of a block that has not committed. */
export function coverMetaTables(db: Connection, tables: Iterable<MetaTable>): void {
  for (const { name, columns, rows } of tables) {
    const table = `temp.${quoteName(name)}`;
    db.exec(`DROP TABLE IF EXISTS ${table}`);
    db.exec(`CREATE TEMP TABLE ${quoteName(name)} (${columns.map(quoteName).join(', ')})`);
    const insert = db.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(...row);
  }
}

export function uncoverMetaTables(db: Connection, names: Iterable<string>): void {
  for (const name of names) db.exec(`DROP TABLE IF EXISTS temp.${quoteName(name)}`);
}
