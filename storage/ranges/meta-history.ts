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
  const trigger = `SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?`;
  const begins = on && db.prepare(trigger).get(triggerName('users', 'insert')) === undefined;
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
    const hasGrown = addColumns(db, history, shape);
    for (const event of EVENTS) {
      const name = triggerName(table, event);
      const body = triggerBody(event, table, shape);
      if (!on || hasGrown) db.exec(`DROP TRIGGER IF EXISTS ${name}`);
      if (!on) continue;
      db.exec(`CREATE TRIGGER IF NOT EXISTS ${name} BEFORE ${event} ON ${table} BEGIN ${body} END`);
    }
  }
  return begins;
}

/** Those that a later program has given to the table. */
function addColumns(db: Connection, history: string, { columns, types }: MetaShape): boolean {
  const find = db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?');
  let hasGrown = false;
  for (const [i, column] of columns.entries()) {
    if (find.get(history, column) !== undefined) continue;
    db.exec(`ALTER TABLE ${history} ADD COLUMN ${quoteName(column)} ${types[i]}`);
    hasGrown = true;
  }
  return hasGrown;
}

/** What one transaction makes of a row more than once is nobody's past: the first state counts. */
function triggerBody(
  event: (typeof EVENTS)[number],
  table: MetaTable,
  { columns, keys }: MetaShape,
): string {
  const history = metaHistoryName(table);
  const unlessKept = (of: string): string =>
    `NOT EXISTS (SELECT 1 FROM ${history} AS e WHERE ${sameKey(keys, 'e', of)} AND e.${END_COLUMN} = write_time())`;
  const keep = (of: string): string =>
    `INSERT INTO ${history} (${list(columns)}, ${END_COLUMN}, ${THERE_COLUMN}) ` +
    `SELECT ${list(columns, `${of}.`)}, write_time(), 1`;
  const differs = columns
    .map((column) => `OLD.${quoteName(column)} IS NOT NEW.${quoteName(column)}`)
    .join(' OR ');
  const none =
    `INSERT INTO ${history} (${list(keys)}, ${END_COLUMN}, ${THERE_COLUMN}) ` +
    `SELECT ${list(keys, 'NEW.')}, write_time(), 0 WHERE ${unlessKept('NEW')};`;
  if (event === 'delete') return `${keep('OLD')} WHERE ${unlessKept('OLD')};`;
  if (event === 'update') return `${keep('OLD')} WHERE (${differs}) AND ${unlessKept('OLD')};`;
  // INSERT OR REPLACE fires no other trigger for what it replaces.
  const replaced = `${keep('r')} FROM ${table} AS r WHERE ${sameKey(keys, 'r', 'NEW')} AND ${unlessKept('NEW')};`;
  return `${replaced} ${none}`;
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
