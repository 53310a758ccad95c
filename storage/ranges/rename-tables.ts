import { invariant } from '../../base/invariant';
import type { Connection } from './connection';
import { quoteName } from './physical-table';

/**
 * Other names for tables and their indexes, in the caller's transaction. ALTER TABLE … RENAME reads each object of the schema three
 * times over, in case it names the table: some 70 µs for each. Nothing of ours does; so the names are written where SQLite keeps them.
 */

interface SchemaObject {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string;
}

/**
 * Those who are reading the tables on this connection go on doing so: their pages stay where they are.
 * @param names new ones by old ones, of tables. An index that is named after its table stays so.
 * @returns the statements that make tables and indexes like them, by their old names
 */
export function renameTables(db: Connection, names: ReadonlyMap<string, string>): string[] {
  const marks = [...names].map(() => '?').join(', ');
  const objects = db
    .prepare(
      `SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema
       WHERE tbl_name IN (${marks}) AND sql IS NOT NULL ORDER BY rowid`,
    )
    .all(...names.keys()) as SchemaObject[];
  const taken = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?');
  for (const name of names.values())
    invariant(taken.get(name) === undefined, `there is a ${name} already`);
  const update = 'UPDATE sqlite_schema SET name = ?, tbl_name = ?, sql = ? WHERE name = ?';
  writingSchema(db, () => {
    const statement = db.prepare(update);
    for (const { type, name, table, sql } of objects) {
      const renamed = names.get(table) ?? table;
      const own = type === 'table' ? renamed : renamed + name.slice(table.length);
      const head = type === 'table' ? quoteName(own) : `${quoteName(own)} ON ${quoteName(renamed)}`;
      const [match, create] = HEAD.exec(sql) ?? [];
      invariant(match !== undefined, `the schema says of ${name}: ${sql}`);
      statement.run(own, renamed, `${create}${head}${sql.slice(match.length)}`, name);
    }
  });
  return objects.map(({ sql }) => sql);
}

/** The statement up to its names, which SQLite keeps as they were given. */
const HEAD = /^(CREATE (?:TABLE|(?:UNIQUE )?INDEX) )(?:"[^"]*"|\w+)(?: ON (?:"[^"]*"|\w+))?/;

/** Everything is read anew afterwards: by this connection, by the others as soon as it is committed. */
function writingSchema(db: Connection, write: () => void): void {
  const allow = 'PRAGMA writable_schema = ON';
  db.exec(allow);
  // Connections that are made for one thing after another are on their guard against it.
  const isGuarded = Number(db.pragma('writable_schema', { simple: true })) === 0;
  if (isGuarded) db.unsafeMode(true);
  try {
    if (isGuarded) db.exec(allow);
    write();
    db.exec('PRAGMA writable_schema = RESET');
    // As after each change of a schema: so SQLite knows that it has to read it once more when this is rolled back.
    const version = Number(db.pragma('schema_version', { simple: true }));
    db.pragma(`schema_version = ${(version + 1) | 0}`);
  } catch (error) {
    db.exec('PRAGMA writable_schema = RESET');
    throw error;
  } finally {
    if (isGuarded) db.unsafeMode(false);
  }
}
