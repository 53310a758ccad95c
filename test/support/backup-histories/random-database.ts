import type { Random } from '../fuzz/random';
import { accessSteps, commentSteps, USERS } from './access-steps';
import { copyRows } from './copy-steps';
import { type Column, type Table, typeNamed } from './random-table';
import { TYPES } from './random-values';
import * as schema from './schema-steps';
import * as writes from './write-steps';

/**
 * A database that is made, written to and changed at random. Statements may fail: what they do is the server's to say, what counts is that
 * backups have it as it is.
 */

const INT8 = typeNamed('INT8');
const PREAMBLE = [
  ...USERS,
  "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
  'CREATE SCHEMA s',
  "CREATE TYPE s.color AS ENUM ('r', 'g', 'b')",
  'CREATE SEQUENCE sq START 7 INCREMENT 3',
];

export class RandomDatabase {
  private readonly random: Random;
  private readonly isRegional: boolean;
  private tables: Table[] = [];
  private made = 0;

  /** @param isRegional its database has regions */
  constructor(random: Random, isRegional: boolean) {
    this.random = random;
    this.isRegional = isRegional;
  }

  /** Statements that make it. */
  create(): string[] {
    const statements = [...PREAMBLE];
    for (let i = 0; i < 2 + this.random.below(3); i++) statements.push(...this.createTable());
    if (this.random.chance(0.1)) statements.push(...this.createLarge());
    if (this.random.chance(0.6)) statements.push(this.createView());
    for (const table of this.tables) {
      statements.push(...this.inserts(table, 6), ...accessSteps(this.random, table));
      statements.push(...commentSteps(this.random, table));
    }
    return statements;
  }

  /** Statements between two layers. */
  change(): string[] {
    return this.random.list(2, 9, () => this.step()).flat();
  }

  /** What a statement has not found is not asked for again. @param error its message */
  missed(error: string): void {
    const [, relation] = /relation "(.*?)" does not exist/.exec(error) ?? [];
    this.tables = this.tables.filter(({ name }) => name !== relation);
    const [, column] = /column "(.*?)" does not exist/.exec(error) ?? [];
    for (const table of this.tables) {
      table.columns = table.columns.filter(({ name }) => name !== column && name !== `"${column}"`);
    }
  }

  private step(): string[] {
    const { random } = this;
    if (this.tables.length === 0 || random.chance(0.06)) {
      const made = this.createTable();
      const table = this.tables.at(-1);
      return table === undefined ? made : [...made, ...this.inserts(table, 3)];
    }
    const table = random.pick(this.tables);
    const kinds: readonly [number, () => string[]][] = [
      [8, () => this.inserts(table, 3)],
      [5, () => [this.update(table)]],
      [4, () => [`DELETE FROM ${table.name} WHERE ${this.some(table)}`]],
      [1, () => [`TRUNCATE ${table.name} CASCADE`]],
      [2, () => [this.createIndex(table)]],
      [1, () => [`DROP INDEX ${table.name}@i${random.below(table.count + 1)} CASCADE`]],
      [3, () => [this.addColumn(table)]],
      [1, () => [this.dropColumn(table)]],
      [1, () => this.changePrimaryKey(table)],
      [1, () => this.dropTable(table)],
      [
        1,
        () => [
          `ALTER TYPE mood ADD VALUE 'm${this.made++}' ${random.pick(['BEFORE', 'AFTER'])} 'ok'`,
        ],
      ],
      [1, () => ["SELECT nextval('sq')"]],
      [1, () => [this.createView()]],
      [1, () => ['REFRESH MATERIALIZED VIEW v0']],
      [1, () => [this.constraint(table)]],
      [2, () => [this.alterColumn(table)]],
      [2, () => this.rename(table)],
      [2, () => [this.other(table)].flat()],
      [1, () => this.dropAndRestore(table)],
      [2, () => schema.moves(random)],
      [2, () => schema.enumSteps(random, table, this.made++)],
      [2, () => schema.sequenceSteps(random, table, this.made++)],
      [3, () => schema.columnSteps(random, table, this.made++)],
      [2, () => schema.indexSteps(random, table)],
      [2, () => schema.tableSteps(random, table, this.made++)],
      [3, () => writes.rewrites(random, table)],
      [1, () => writes.largeRows(random, table)],
      [3, () => writes.block(random, () => this.step())],
      [4, () => copyRows(random, table)],
      [5, () => accessSteps(random, table)],
      [3, () => commentSteps(random, table)],
      [this.isRegional ? 4 : 0, () => [this.regionStep(table)]],
    ];
    return this.weighted(kinds)();
  }

  private weighted<T>(kinds: readonly (readonly [number, T])[]): T {
    const all = kinds.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.random.below(all);
    for (const [weight, kind] of kinds) {
      if (at < weight) return kind;
      at -= weight;
    }
    throw new Error('no kind');
  }

  private createTable(): string[] {
    const { random } = this;
    const name = `${random.chance(0.2) ? 's.' : ''}t${this.made++}`;
    const columns = random.list(2, 8, (i): Column => {
      const type = random.pick(TYPES);
      const isRequired = random.chance(type.isKey ? 0.3 : 0.1);
      return { name: `c${i}`, type, isRequired };
    });
    const required = columns.filter(({ type, isRequired }) => isRequired && type.isKey);
    const keys = required.filter(() => random.chance(0.7)).slice(0, 2);
    const key = keys.map((column) => column.name);
    const table: Table = {
      name,
      columns: [{ name: 'id', type: INT8 }, ...columns],
      key,
      count: 0,
    };
    const lines = [`id ${this.idType()}`];
    for (const { name: column, type, isRequired } of columns) {
      const value = random.chance(0.2) ? ` DEFAULT ${type.value(random)}` : '';
      lines.push(`${column} ${type.name}${isRequired ? ' NOT NULL' : ''}${value}`);
    }
    if (random.chance(0.4)) lines.push(`st INT8 AS (id * 2) STORED`);
    if (random.chance(0.3)) lines.push(`vi INT8 AS (id + 1) VIRTUAL`);
    lines.push(`PRIMARY KEY (${this.keyList([...keys, { name: 'id', type: INT8 }])})`);
    const other =
      this.tables.length > 0 && random.chance(0.3) ? random.pick(this.tables) : undefined;
    if (other !== undefined) {
      lines.push(
        `parent INT8 REFERENCES ${other.name} (id) ${random.pick(['', 'ON DELETE CASCADE', 'ON DELETE SET NULL'])}`,
      );
    }
    // A target of foreign keys.
    if (random.chance(0.5)) lines.push('UNIQUE (id)');
    if (random.chance(0.3)) lines.push('CHECK (id > -1000000)');
    lines.push(...this.families(columns));
    this.tables.push(table);
    const indexes = random.list(0, 4, () => this.createIndex(table));
    const locality = this.isRegional && random.chance(0.6) ? ` LOCALITY ${this.locality()}` : '';
    return [`CREATE TABLE ${name} (${lines.join(', ')})${locality}`, ...indexes];
  }

  /** Enough rows for parts of a table. */
  private createLarge(): string[] {
    const columns = ['id INT8 PRIMARY KEY', 'n INT8', 's STRING', 'FAMILY (id, n)', 'FAMILY (s)'];
    const type = typeNamed('STRING');
    const name = `t${this.made++}`;
    this.tables.push({
      name,
      columns: [
        { name: 'id', type: INT8 },
        { name: 'n', type: INT8 },
        { name: 's', type },
      ],
      key: [],
      count: 0,
    });
    return [
      `CREATE TABLE ${name} (${columns.join(', ')}, INDEX (n) STORING (s))`,
      `INSERT INTO ${name} SELECT i, i % 100, repeat(md5(i::STRING), 10) FROM generate_series(1, ${2000 + this.random.below(5000)}) AS g (i)`,
    ];
  }

  private locality(): string {
    return this.random.pick([
      'GLOBAL',
      'REGIONAL BY TABLE IN PRIMARY REGION',
      'REGIONAL BY TABLE IN "us"',
      'REGIONAL BY ROW',
    ]);
  }

  private regionStep(table: Table): string {
    return this.random.pick([
      `ALTER TABLE ${table.name} SET LOCALITY ${this.locality()}`,
      `UPDATE ${table.name} SET crdb_region = 'us' WHERE id % 2 = 0`,
      `UPDATE ${table.name} SET crdb_region = 'eu', id = id + 1 WHERE id % 3 = 0`,
      'ALTER DATABASE {database} DROP REGION "us"',
      'ALTER DATABASE {database} ADD REGION "us"',
    ]);
  }

  private idType(): string {
    return this.random.pick([
      'INT8',
      'INT8',
      "INT8 DEFAULT nextval('sq')",
      'SERIAL',
      'INT8 DEFAULT unique_rowid()',
    ]);
  }

  private keyList(columns: readonly Column[]): string {
    return columns.map(({ name }) => `${name} ${this.random.pick(['ASC', 'DESC'])}`).join(', ');
  }

  private families(columns: readonly Column[]): string[] {
    const { random } = this;
    if (random.chance(0.6)) return [];
    const apart = columns.filter(() => random.chance(0.5)).map(({ name }) => name);
    const half = Math.floor(apart.length / 2);
    const parts = [apart.slice(0, half), apart.slice(half)];
    // The key need not be in the first family.
    if (random.chance(0.3)) parts.push(['id']);
    return parts.filter((part) => part.length > 0).map((part) => `FAMILY (${part.join(', ')})`);
  }

  private createIndex(table: Table): string {
    const { random } = this;
    const name = `i${table.count++}`;
    const inverted = table.columns.filter(({ type }) => type.isInverted);
    if (inverted.length > 0 && random.chance(0.25)) {
      return `CREATE INVERTED INDEX ${name} ON ${table.name} (${random.pick(inverted).name})`;
    }
    const keys = table.columns.filter(({ type }) => type.isKey || type.isIndexed);
    const chosen = [...new Set(random.list(1, 3, () => random.pick(keys)))];
    const rest = table.columns.filter(
      (column) =>
        !chosen.includes(column) && column.name !== 'id' && !table.key.includes(column.name),
    );
    const storing = rest.filter(() => random.chance(0.2)).map((column) => column.name);
    const unique = random.chance(0.25) ? 'UNIQUE ' : '';
    if (random.chance(0.1)) return `CREATE ${unique}INDEX ${name} ON ${table.name} ((id % 7), id)`;
    if (random.chance(0.1)) {
      return `CREATE INDEX ${name} ON ${table.name} (${chosen[0]?.name}) USING HASH WITH BUCKET_COUNT = ${2 + random.below(6)}`;
    }
    return (
      `CREATE ${unique}INDEX ${name} ON ${table.name} (${this.keyList(chosen)})` +
      (storing.length > 0 ? ` STORING (${storing.join(', ')})` : '') +
      (random.chance(0.2) ? ` WHERE ${this.some(table)}` : '')
    );
  }

  private inserts(table: Table, max: number): string[] {
    const { random } = this;
    return random.list(1, max, () => {
      const given = table.columns.filter(
        ({ name, isRequired }) => isRequired || name === 'id' || random.chance(0.8),
      );
      const rows = random.list(1, 5, () => {
        const values = given.map((column) =>
          column.name === 'id' ? String(random.below(90) - 10) : this.value(column),
        );
        return `(${values.join(', ')})`;
      });
      const verb = random.chance(0.3) ? 'UPSERT' : 'INSERT';
      const rest = verb === 'INSERT' && random.chance(0.8) ? ' ON CONFLICT DO NOTHING' : '';
      return `${verb} INTO ${table.name} (${given.map(({ name }) => name).join(', ')}) VALUES ${rows.join(', ')}${rest}`;
    });
  }

  private value({ type, isRequired }: Column): string {
    return !isRequired && this.random.chance(0.15) ? 'NULL' : type.value(this.random);
  }

  private update(table: Table): string {
    const { random } = this;
    const columns = [...new Set(random.list(1, 3, () => random.pick(table.columns)))];
    const sets = columns.map(
      (column) =>
        `${column.name} = ${column.name === 'id' ? `id + ${random.below(3)}` : this.value(column)}`,
    );
    return `UPDATE ${table.name} SET ${sets.join(', ')} WHERE ${this.some(table)}`;
  }

  private some(table: Table): string {
    const { random } = this;
    if (random.chance(0.2))
      return `${random.pick(table.columns).name} IS ${random.pick(['', 'NOT '])}NULL`;
    return random.pick([
      `id % ${2 + random.below(5)} = 0`,
      `id > ${random.below(50)}`,
      `id < ${random.below(30)}`,
    ]);
  }

  private addColumn(table: Table): string {
    const { random } = this;
    const type = random.pick(TYPES);
    const name = `a${table.count++}`;
    const value = random.chance(0.6) ? ` DEFAULT ${type.value(random)}` : '';
    const family = random.chance(0.3) ? ` CREATE FAMILY f_${name}` : '';
    table.columns = [...table.columns, { name, type }];
    const unique = type.isKey && value === '' && random.chance(0.1) ? ' UNIQUE' : '';
    return `ALTER TABLE ${table.name} ADD COLUMN ${name} ${type.name}${unique}${value}${family}`;
  }

  private dropColumn(table: Table): string {
    const others = table.columns.filter(({ name }) => name !== 'id');
    if (others.length === 0) return `SELECT 1`;
    const column = this.random.pick(others);
    table.columns = table.columns.filter((each) => each !== column);
    return `ALTER TABLE ${table.name} DROP COLUMN ${column.name} CASCADE`;
  }

  private changePrimaryKey(table: Table): string[] {
    const keys = table.columns.filter(({ type, name }) => type.isKey && name !== 'id');
    const alter = `ALTER TABLE ${table.name} ALTER`;
    if (keys.length === 0) return [`${alter} PRIMARY KEY USING COLUMNS (id)`];
    const column = this.random.pick(keys);
    const { name } = column;
    table.columns = table.columns.map((each) =>
      each === column ? { ...each, isRequired: true } : each,
    );
    return [
      `DELETE FROM ${table.name} WHERE ${name} IS NULL`,
      `${alter} COLUMN ${name} SET NOT NULL`,
      `${alter} PRIMARY KEY USING COLUMNS (${name}, id)`,
    ];
  }

  private dropTable(table: Table): string[] {
    this.tables = this.tables.filter((each) => each !== table);
    const again = this.random.chance(0.5) ? this.createTable() : [];
    return [`DROP TABLE ${table.name} CASCADE`, ...again];
  }

  private alterColumn(table: Table): string {
    const { random } = this;
    const column = random.pick(table.columns);
    const alter = `ALTER TABLE ${table.name} ALTER COLUMN ${column.name}`;
    return random.pick([
      `${alter} DROP NOT NULL`,
      `${alter} SET NOT NULL`,
      `${alter} DROP DEFAULT`,
      `${alter} SET DEFAULT ${column.type.value(random)}`,
      `${alter} TYPE STRING`,
      `${alter} SET NOT VISIBLE`,
    ]);
  }

  private rename(table: Table): string[] {
    const { random } = this;
    const number = this.made++;
    const column = random.pick(table.columns);
    const kind = random.pick(['table', 'column', 'column', 'schema', 'index', 'type', 'sequence']);
    if (kind === 'column' && column.name !== 'id') {
      const name = `n ${number}`;
      table.columns = table.columns.map((each) =>
        each === column ? { ...column, name: `"${name}"` } : each,
      );
      return [`ALTER TABLE ${table.name} RENAME COLUMN ${column.name} TO "${name}"`];
    }
    if (kind === 'index') {
      return [`ALTER INDEX ${table.name}@i${random.below(table.count + 1)} RENAME TO x${number}`];
    }
    if (kind === 'type')
      return [`ALTER TYPE mood RENAME VALUE 'm${random.below(number)}' TO 'r${number}'`];
    // Others still know these by the names that they have.
    if (kind === 'schema') return ['ALTER SCHEMA s RENAME TO s2', 'ALTER SCHEMA s2 RENAME TO s'];
    if (kind === 'sequence')
      return ['ALTER SEQUENCE sq RENAME TO sq2', 'ALTER SEQUENCE sq2 RENAME TO sq'];
    const old = table.name;
    const isInSchema = old.startsWith('s.');
    if (random.chance(0.3)) {
      this.replace(table, isInSchema ? old.slice(2) : `s.${old}`);
      return [`ALTER TABLE ${old} SET SCHEMA ${isInSchema ? 'public' : 's'}`];
    }
    const to = `${isInSchema ? 's.' : ''}t${number}`;
    this.replace(table, to);
    return [`ALTER TABLE ${old} RENAME TO ${to}`];
  }

  private replace(table: Table, name: string): void {
    this.tables = this.tables.map((each) => (each === table ? { ...table, name } : each));
  }

  private other(table: Table): string | string[] {
    const { random } = this;
    const number = this.made++;
    return random.pick<string | string[]>([
      `CREATE SEQUENCE IF NOT EXISTS own OWNED BY ${table.name}.id`,
      'DROP SEQUENCE IF EXISTS own CASCADE',
      `ALTER SEQUENCE sq INCREMENT ${1 + random.below(9)} MAXVALUE 1000000`,
      `SELECT setval('sq', ${100 + number})`,
      `CREATE TABLE t${number} AS SELECT * FROM ${table.name}`,
      `CREATE TABLE t${number} (LIKE ${table.name} INCLUDING ALL)`,
      `CREATE TYPE e${number} AS ENUM ('a', 'b')`,
      `DROP TYPE IF EXISTS e${random.below(number + 1)}`,
      `CREATE SCHEMA IF NOT EXISTS other`,
      'DROP SCHEMA IF EXISTS other CASCADE',
      `CREATE TABLE IF NOT EXISTS other.t${number} (a mood PRIMARY KEY, b s.color[])`,
      'DROP VIEW IF EXISTS v0 CASCADE',
      `CREATE VIEW w${number} AS SELECT id FROM v${random.below(number + 1)}`,
      `ALTER TABLE ${table.name} ADD COLUMN up${number} STRING AS (lower(id::STRING)) ${random.pick(['STORED', 'VIRTUAL'])}`,
      `ALTER TABLE ${table.name} ADD COLUMN e${number} mood NOT NULL DEFAULT 'ok', ADD CHECK (e${number} <> 'sad')`,
      // What names the column is stated again.
      [
        `ALTER TABLE ${table.name} ADD COLUMN f${number} mood DEFAULT 'ok', ADD CHECK (f${number} IN ('ok', 'happy') OR id > 0)`,
        `CREATE INDEX ON ${table.name} (id) WHERE f${number} = 'sad' AND id = ANY (ARRAY[1, 2])`,
        `ALTER TABLE ${table.name} RENAME COLUMN f${number} TO g${number}`,
        `ALTER TABLE ${table.name} ALTER COLUMN g${number} TYPE STRING`,
      ],
      `CREATE INDEX ON ${table.name} (id DESC) WHERE id > 3`,
    ]);
  }

  /** Its rows come back under another id, with the times that they had: `{from}`, `{options}` and `{database}` stand for the chain so far and the database. */
  private dropAndRestore(table: Table): string[] {
    const name = table.name.includes('.') ? table.name : `public.${table.name}`;
    return [
      `DROP TABLE ${table.name} CASCADE`,
      `RESTORE TABLE {database}.${name} FROM {from} WITH skip_missing_foreign_keys, skip_missing_sequences, skip_missing_sequence_owners{options}`,
    ];
  }

  private createView(): string {
    const { random } = this;
    const table = random.pick(this.tables);
    const columns = table.columns.filter(() => random.chance(0.6)).map(({ name }) => name);
    const list = ['id', ...columns.filter((name) => name !== 'id')].join(', ');
    const kind = random.chance(0.5) ? 'MATERIALIZED VIEW' : 'VIEW';
    return `CREATE ${kind} v${this.made++} AS SELECT ${list} FROM ${table.name} WHERE ${this.some(table)}`;
  }

  private constraint(table: Table): string {
    const { random } = this;
    const name = `k${table.count++}`;
    const target = random.pick(this.tables);
    const alter = `ALTER TABLE ${table.name} ADD CONSTRAINT ${name}`;
    return random.pick([
      `${alter} CHECK (id < ${1000 + random.below(1000)})`,
      `${alter} CHECK (id IS NOT NULL) NOT VALID`,
      `${alter} FOREIGN KEY (id) REFERENCES ${target.name} (id) NOT VALID`,
      `${alter} UNIQUE (${random.pick(table.columns).name}, id)`,
    ]);
  }
}
