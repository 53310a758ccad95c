import { type Connection, wideStatement } from './connection';
import { END_COLUMN, quoteName } from './physical-table';

/**
 * Earlier states of the meta tables that are tables of CockroachDB's system database, and of sequences. Their rows carry no times; so
 * each has a history table, `h_users`, to which triggers append what is overwritten: the row as it was until `_end`, or that there was
 * none (`_there` = 0). From it and the table the state of any time is computed backwards (`meta-history-reads.ts`).
 */

/** Those with a history. */
export const META_TABLES = [
  'users',
  'role_options',
  'role_members',
  'settings',
  'comments',
  'zones',
  'locations',
  'ui',
  'scheduled_jobs',
  'role_settings',
  'sequences',
] as const;

export type MetaTable = (typeof META_TABLES)[number];

/** In place of a table's id: all of them. */
export const META_TABLE_ID = 1;

export const THERE_COLUMN = '_there';

export const metaHistoryName = (table: MetaTable): string => `h_${table}`;

export interface MetaShape {
  readonly columns: readonly string[];
  /** SQLite's, of the columns. */
  readonly types: readonly string[];
  readonly keys: readonly string[];
}

export function metaShape(db: Connection, table: MetaTable): MetaShape {
  const rows = wideStatement(db, 'SELECT name, type, pk FROM pragma_table_info(?, ?)').all(
    table,
    'main',
  ) as { readonly name: string; readonly type: string; readonly pk: bigint }[];
  return {
    columns: rows.map(({ name }) => name),
    types: rows.map(({ type }) => type),
    keys: rows.filter(({ pk }) => pk > 0n).map(({ name }) => name),
  };
}

const list = (names: readonly string[], prefix = ''): string =>
  names.map((name) => `${prefix}${quoteName(name)}`).join(', ');

export const sameKey = (keys: readonly string[], a: string, b: string): string =>
  keys.map((key) => `${a}.${quoteName(key)} = ${b}.${quoteName(key)}`).join(' AND ');

const EVENTS = ['insert', 'update', 'delete'] as const;

const triggerName = (table: MetaTable, event: (typeof EVENTS)[number]): string =>
  `${metaHistoryName(table)}_${event}`;

/** When the store is opened. @returns whether a history begins */
export function switchMetaHistory(db: Connection, on: boolean): boolean {
  const find = db.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?`);
  const made = (name: string): unknown => find.pluck().get(name);
  const begins = on && made(triggerName('users', 'insert')) === undefined;
  for (const table of META_TABLES) {
    const shape = metaShape(db, table);
    const history = metaHistoryName(table);
    // With the types of the table: SQLite looks up by an index only what it takes for the same.
    const columns = shape.columns.map((column, i) => `${quoteName(column)} ${shape.types[i]}`);
    db.exec(
      `CREATE TABLE IF NOT EXISTS ${history} (${columns.join(', ')},
         ${END_COLUMN} INTEGER NOT NULL, ${THERE_COLUMN} INTEGER NOT NULL,
         PRIMARY KEY (${list(shape.keys)}, ${END_COLUMN})) STRICT, WITHOUT ROWID`,
    );
    if (begins || !on) db.exec(`DELETE FROM ${history}`);
    addColumns(db, history, shape);
    const kept = columnNames(db, history);
    for (const event of EVENTS) {
      const name = triggerName(table, event);
      const sql = triggerSql(event, table, shape, kept);
      if (on && made(name) === sql) continue;
      db.exec(`DROP TRIGGER IF EXISTS ${name}`);
      if (on) db.exec(sql);
    }
  }
  return begins;
}

function columnNames(db: Connection, table: string): string[] {
  return db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(table) as string[];
}

/** Those that a later program has given to the table. */
function addColumns(db: Connection, history: string, { columns, types }: MetaShape): void {
  const known = new Set(columnNames(db, history));
  for (const [i, column] of columns.entries()) {
    if (known.has(column)) continue;
    db.exec(`ALTER TABLE ${history} ADD COLUMN ${quoteName(column)} ${types[i]}`);
  }
}

/**
 * What one transaction makes of a row more than once is nobody's past: the first state counts. Short, because each connection reads
 * all triggers again when a schema changes.
 * @param kept columns of the history, in its order
 */
function triggerSql(
  event: (typeof EVENTS)[number],
  table: MetaTable,
  { columns, keys }: MetaShape,
  kept: readonly string[],
): string {
  const values = (of: string, there: 0 | 1): string =>
    kept
      .map((column) => {
        if (column === END_COLUMN) return 'write_time()';
        if (column === THERE_COLUMN) return there;
        return there === 1 || keys.includes(column) ? `${of}.${quoteName(column)}` : 'NULL';
      })
      .join(', ');
  // Not OR IGNORE, in place of which SQLite takes the OR of the statement that fires the trigger.
  const insert = (rows: string): string =>
    `INSERT INTO ${metaHistoryName(table)} ${rows} ON CONFLICT DO NOTHING;`;
  const head = `CREATE TRIGGER ${triggerName(table, event)} BEFORE ${event} ON ${table}`;
  if (event === 'delete') return `${head} BEGIN ${insert(`VALUES (${values('OLD', 1)})`)} END`;
  if (event === 'update') {
    const differs = `(${list(columns, 'OLD.')}) IS NOT (${list(columns, 'NEW.')})`;
    return `${head} WHEN ${differs} BEGIN ${insert(`VALUES (${values('OLD', 1)})`)} END`;
  }
  // INSERT OR REPLACE fires no other trigger for what it replaces.
  const replaced = `SELECT ${values('r', 1)} FROM ${table} AS r WHERE ${sameKey(keys, 'r', 'NEW')}`;
  return `${head} BEGIN ${insert(replaced)} ${insert(`VALUES (${values('NEW', 0)})`)} END`;
}

/** What one transaction has changed. */
export interface MetaChanges {
  /** That it has given to its writes. */
  readonly times: readonly bigint[];
  /** That have been advanced. */
  readonly sequenceIds: readonly number[];
  /** Any table may have been changed. */
  readonly changedSchema: boolean;
}

/** Gives the changes of the caller's transaction another time: they are there from `last` on. */
export function pushMetaChanges(db: Connection, changes: MetaChanges, last: bigint): void {
  const { times, sequenceIds, changedSchema } = changes;
  const ordered = [...times].sort((a, b) => (a < b ? -1 : 1));
  const push = (table: MetaTable, condition: string, values: readonly number[]): void => {
    const own = `${condition} AND ${END_COLUMN} = ?`;
    const history = metaHistoryName(table);
    const update = `UPDATE OR IGNORE ${history} SET ${END_COLUMN} = ? WHERE ${own}`;
    const rest = `DELETE FROM ${history} WHERE ${own}`;
    for (const time of ordered) {
      wideStatement(db, update).run(last, ...values, time);
      wideStatement(db, rest).run(...values, time);
    }
  };
  // A sequence that was dropped is none of those that it has advanced.
  if (changedSchema) for (const table of META_TABLES) push(table, '1', []);
  else for (const id of new Set(sequenceIds)) push('sequences', 'table_id = ?', [id]);
}
