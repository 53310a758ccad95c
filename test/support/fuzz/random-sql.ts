import { aggregates } from '../../../sql/builtins/aggregates';
import { builtins } from '../../../sql/builtins/registry';
import { windowFunctions } from '../../../sql/builtins/window-functions';
import { EXTREMES } from './mutate';
import type { Random } from './random';

/** Statements made by a grammar, over tables `f0` … `f3` with columns of every type. Most are right, some are not. */

const TYPES: Readonly<Record<string, readonly string[]>> = {
  INT8: ['0', '-1', '7', '9223372036854775807', '(-9223372036854775808)', 'NULL'],
  INT2: ['0', '-32768', '32767', '32768'],
  FLOAT8: ['0', '-0.0', '1.5', "'NaN'", "'Infinity'", '1e308', '5e-324'],
  DECIMAL: ['0', '1.10', '-1e-30', '1e400', "'NaN'", "'-Infinity'", '0.000'],
  'DECIMAL(10,2)': ['1.005', '99999999.99', '99999999.999', '-1'],
  BOOL: ['true', 'false', 'NULL', "'f'"],
  STRING: ["''", "'a'", "'a  '", "e'\\n\\'\"'", "'🦄é'", "repeat('ab', 900)"],
  'VARCHAR(3)': ["'abc'", "'abcd'", "''"],
  'CHAR(4)': ["'a'", "'abcd '"],
  NAME: ["'n'", "'public'"],
  'STRING COLLATE de': ["'ä' COLLATE de", "'z' COLLATE de", 'NULL'],
  BYTES: ["b'\\000'", "'\\x00ff'", "''"],
  UUID: ["'00000000-0000-0000-0000-000000000000'", 'gen_random_uuid()'],
  DATE: ["'2021-02-28'", "'4714-11-24 BC'", "'infinity'", "'10000-01-01'"],
  TIME: ["'24:00:00'", "'00:00:00.000001'", "'12:34:56.789'"],
  TIMETZ: ["'24:00:00+15:59'", "'01:02:03-05'"],
  TIMESTAMP: ["'2021-01-01'", "'294276-12-31 23:59:59.999999'", "'infinity'", 'now()::TIMESTAMP'],
  TIMESTAMPTZ: ["'2021-01-01 00:00:00+14'", "'4714-11-24 00:00:00+00 BC'", 'now()'],
  INTERVAL: ["'1 year 2 mons -3 days 04:05:06.7'", "'0'", "'-178000000 years'"],
  JSONB: ["'null'", `'{"a": [1, 2.50, {"b": "c"}], "": {}}'`, "'[]'", `'"x"'`, "'1e2'"],
  INET: ["'::1'", "'10.0.0.1/8'", "'0.0.0.0/0'"],
  'BIT(3)': ["B'101'", "B'000'"],
  VARBIT: ["B''", "B'1111111111'"],
  OID: ['0', '4294967295', '52'],
  REGCLASS: ["'f0'", "'pg_class'"],
  'INT[]': ['ARRAY[1, NULL]', 'ARRAY[]', "'{1,2}'"],
  'STRING[]': ["ARRAY['a,b', '\"', NULL]", "'{}'", '\'{NULL,"NULL"}\''],
  'DECIMAL[]': ['ARRAY[1.0, 2.50]', 'ARRAY[]'],
  mood: ["'sad'", "'ok'", "'happy'", "'gone'"],
  GEOMETRY: ["'POINT(1 2)'", "'LINESTRING(0 0, 1 1)'"],
};
const TYPE_NAMES = Object.keys(TYPES);

/** What ends the run or the session, or waits: met by tests of their own. */
const LEFT_OUT =
  /^(pg_sleep|crdb_internal\.(force_|void)|pg_terminate|pg_cancel|ST_|_st_|geo|postgis)/i;
const FUNCTIONS = builtins.filter(({ name }) => !LEFT_OUT.test(name));
const SOME_GEO = builtins.filter(({ name }) => /^(ST_|_st_|geo|postgis)/i.test(name));
const FAMILIES: Readonly<Record<string, string>> = {
  int: 'INT8',
  float: 'FLOAT8',
  decimal: 'DECIMAL',
  bool: 'BOOL',
  string: 'STRING',
  collatedstring: 'STRING COLLATE de',
  bytes: 'BYTES',
  uuid: 'UUID',
  date: 'DATE',
  time: 'TIME',
  timetz: 'TIMETZ',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  interval: 'INTERVAL',
  json: 'JSONB',
  jsonb: 'JSONB',
  inet: 'INET',
  bit: 'VARBIT',
  oid: 'OID',
  array: 'INT[]',
  strings: 'STRING[]',
  enum: 'mood',
  geometry: 'GEOMETRY',
};
const BINARY = [
  ...['+', '-', '*', '/', '//', '%', '^', '||', '&', '|', '#', '<<', '>>', '=', '<', '<=', '<>'],
  ...['IS DISTINCT FROM', '@>', '<@', '?', '?|', '->', '->>', '#>', '#>>', 'LIKE', 'ILIKE', '~'],
  ...['~*', 'SIMILAR TO', 'AND', 'OR', '&&', 'IS NOT DISTINCT FROM', '!~', '||'],
];

const SHARED = [
  ['id', 'INT8'],
  ['c0', 'INT8'],
  ['c6', 'STRING'],
] as const;
const COLUMNS: Readonly<Record<string, readonly (readonly [name: string, type: string])[]>> = {
  f0: [['id', 'INT8'], ...TYPE_NAMES.map((type, i) => [`c${i}`, type] as const)],
  f1: [...SHARED, ['c3', 'DECIMAL'], ['v', 'STRING'], ['w', 'INT8']],
  f2: SHARED,
  f3: [...SHARED.slice(1), ['c3', 'DECIMAL']],
  fv: SHARED,
};

export class RandomSql {
  private readonly random: Random;
  private readonly scope: { readonly name: string; readonly type: string }[] = [];
  private aliases = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** The tables that everything is about. Errors of single statements don't matter. */
  static readonly setup: readonly string[] = [
    "CREATE TYPE IF NOT EXISTS mood AS ENUM ('sad', 'ok', 'happy')",
    'CREATE SEQUENCE IF NOT EXISTS seq',
    `CREATE TABLE IF NOT EXISTS f0 (id INT PRIMARY KEY DEFAULT nextval('seq'), ${TYPE_NAMES.map((type, i) => `c${i} ${type}`).join(', ')})`,
    "CREATE TABLE IF NOT EXISTS f1 (id INT PRIMARY KEY DEFAULT unique_rowid(), c0 INT UNIQUE, c6 STRING NOT NULL DEFAULT 'd', c3 DECIMAL, v STRING AS (lower(c6)) STORED, w INT AS (c0 + 1) VIRTUAL, CHECK (c0 > -100), INDEX (c3 DESC, c6), UNIQUE INDEX p (c6) WHERE c0 > 5, FAMILY (id, c0), FAMILY (c6, c3, v))",
    'CREATE TABLE IF NOT EXISTS f2 (id INT PRIMARY KEY, c0 INT REFERENCES f1 (c0) ON DELETE SET NULL ON UPDATE CASCADE, c6 STRING)',
    'CREATE TABLE IF NOT EXISTS f3 (c0 INT, c6 STRING, c3 DECIMAL, PRIMARY KEY (c6 DESC, c0))',
    'CREATE VIEW IF NOT EXISTS fv AS SELECT id, c0, c6 FROM f1 WHERE c0 IS NOT NULL',
    "INSERT INTO f1 (id, c0, c6, c3) SELECT i, i, 's' || i::STRING, i / 3 FROM generate_series(1, 8) AS i ON CONFLICT DO NOTHING",
    'INSERT INTO f2 (id, c0) SELECT i, i FROM generate_series(1, 4) AS i ON CONFLICT DO NOTHING',
    "INSERT INTO f3 VALUES (1, 'a', 1.0), (2, 'b', 'NaN'), (1, 'c', NULL) ON CONFLICT DO NOTHING",
  ];

  statement(): string {
    this.scope.length = 0;
    this.aliases = 0;
    const { random } = this;
    const n = random.below(100);
    if (n < 45) return this.query(2);
    if (n < 60) return `SELECT ${random.list(1, 4, () => this.expr(3)).join(', ')}`;
    if (n < 72) return this.insert();
    if (n < 78) return this.update();
    if (n < 82) return this.remove();
    if (n < 96) return this.ddl();
    return this.transaction();
  }

  private table(): string {
    const table = this.random.pick(['f0', 'f1', 'f1', 'f2', 'f3', 'f0', 'fv']);
    return this.random.chance(0.03) ? 'f4' : table;
  }

  /** Of what the innermost queries read, mostly of the type that is wanted. */
  private column(type: string): string {
    const { random, scope } = this;
    if (scope.length === 0 || random.chance(0.02))
      return random.pick(['id', 'c0', 'c6', 'c3', 'v', 'rowid', `c${random.below(30)}`]);
    const fitting = scope.filter((column) => column.type === type);
    const from = fitting.length > 0 && random.chance(0.9) ? fitting : scope;
    return random.pick(from).name;
  }

  /** The columns of a table are visible from now on. */
  private enter(table: string, alias: string): void {
    for (const [name, type] of COLUMNS[table] ?? [])
      this.scope.push({ name: alias === '' ? name : `${alias}.${name}`, type });
  }

  /** What `make` adds to the scope is gone afterwards. */
  private within<T>(make: () => T): T {
    const before = this.scope.length;
    const made = make();
    this.scope.length = before;
    return made;
  }

  private constant(type: string): string {
    const { random } = this;
    if (random.chance(0.1)) return random.pick(EXTREMES);
    const value = random.pick(TYPES[type] ?? ['NULL']);
    if (random.chance(0.5) || /COLLATE|::/.test(value)) return value;
    return random.chance(0.5) ? `${value}:::${type}` : `(${value})::${type}`;
  }

  /** @param type what it should have: now and then it has not */
  expr(depth: number, type: string = this.random.pick(TYPE_NAMES)): string {
    const { random } = this;
    const n = depth <= 0 ? random.below(35) : random.below(100);
    const inner = (of?: string): string => this.expr(depth - 1, of ?? random.pick(TYPE_NAMES));
    if (n < 20) return this.constant(type);
    if (n < 35) return this.column(type);
    if (n < 50) return `(${inner(type)} ${random.pick(BINARY)} ${inner(type)})`;
    if (n < 72) return this.call(depth);
    if (n < 77) return `CAST(${inner()} AS ${type})`;
    if (n < 81) return `CASE WHEN ${inner('BOOL')} THEN ${inner(type)} ELSE ${inner(type)} END`;
    if (n < 83) return `(${inner()} IN (${random.list(1, 3, () => inner()).join(', ')}))`;
    if (n < 85) return `COALESCE(${inner(type)}, ${inner(type)})`;
    if (n < 87) return `(${this.query(depth - 1, 1)})`;
    if (n < 88) return `EXISTS (${this.query(depth - 1)})`;
    if (n < 90) return `ARRAY[${random.list(0, 3, () => inner(type)).join(', ')}]`;
    if (n < 91) return `(${inner('INT[]')})[${inner('INT8')}]`;
    if (n < 92) return `(${random.list(1, 3, () => inner()).join(', ')})`;
    if (n < 93) return `(${inner('INT8')} = ANY (${inner('INT[]')}))`;
    if (n < 94) return `ARRAY(${this.query(depth - 1, 1)})`;
    if (n < 95) return `(${inner()} IS ${random.pick(['NULL', 'NOT NULL', 'TRUE', 'UNKNOWN'])})`;
    if (n < 96) return `(${inner(type)} BETWEEN SYMMETRIC ${inner(type)} AND ${inner(type)})`;
    if (n < 97) return `NULLIF(${inner(type)}, ${inner(type)})`;
    if (n < 98) return `(NOT ${inner('BOOL')})`;
    if (n < 99) return `(- ${inner(type)})`;
    return `IF(${inner('BOOL')}, ${inner(type)}, ${inner(type)})`;
  }

  private args(specs: readonly string[], rest: string | undefined, depth: number): string {
    const { random } = this;
    const all = [...specs];
    if (rest !== undefined) all.push(...random.list(0, 2, () => rest));
    if (random.chance(0.03)) all.pop();
    if (random.chance(0.03)) all.push('int');
    return all.map((spec) => this.expr(depth - 1, FAMILIES[spec.toLowerCase()])).join(', ');
  }

  private call(depth: number): string {
    const { random } = this;
    if (random.chance(0.12)) {
      const row = random.pick(aggregates);
      const distinct = random.chance(0.2) ? 'DISTINCT ' : '';
      const filter = random.chance(0.1) ? ` FILTER (WHERE ${this.expr(1, 'BOOL')})` : '';
      const over = random.chance(0.3) ? ` ${this.over(depth)}` : '';
      return `${row.name}(${distinct}${this.args(row.args, undefined, depth)})${filter}${over}`;
    }
    if (random.chance(0.06)) {
      const row = random.pick(windowFunctions);
      return `${row.name}(${this.args(row.args, undefined, depth)}) ${this.over(depth)}`;
    }
    const row = random.pick(random.chance(0.1) ? SOME_GEO : FUNCTIONS);
    return `${row.name}(${this.args(row.args, row.rest, depth)})`;
  }

  private over(depth: number): string {
    const { random } = this;
    const frame = random.pick([
      ...['', '', 'ROWS UNBOUNDED PRECEDING', 'ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING'],
      ...['RANGE BETWEEN 1 PRECEDING AND CURRENT ROW', 'GROUPS CURRENT ROW'],
      'ROWS BETWEEN -1 PRECEDING AND NULL FOLLOWING EXCLUDE TIES',
    ]);
    const partition = random.chance(0.4) ? `PARTITION BY ${this.expr(depth - 1)} ` : '';
    const order = random.chance(0.6) ? `ORDER BY ${this.expr(depth - 1)} ` : '';
    return `OVER (${partition}${order}${frame})`;
  }

  private source(depth: number): string {
    const { random } = this;
    const n = depth <= 0 ? random.below(50) : random.below(100);
    if (n < 50) {
      const table = this.table();
      const alias = `s${this.aliases++}`;
      this.enter(table, alias);
      return `${table} AS ${alias}`;
    }
    if (n < 60) return `(${this.query(depth - 1)}) AS q${this.aliases++}`;
    if (n < 80) {
      const kind = random.pick(['JOIN', 'LEFT JOIN', 'FULL JOIN', 'RIGHT JOIN', 'CROSS JOIN']);
      const left = this.source(depth - 1);
      const right = this.source(depth - 1);
      const on =
        kind === 'CROSS JOIN'
          ? ''
          : random.chance(0.5)
            ? ' ON true'
            : ` ON ${this.expr(1, 'BOOL')}`;
      return `${left} ${kind} ${right}${on}`;
    }
    if (n < 84) return `LATERAL (${this.query(depth - 1)}) AS l${this.aliases++}`;
    if (n < 88) return `generate_series(1, 3) WITH ORDINALITY AS g${this.aliases++} (c0, c6)`;
    if (n < 91) return `unnest(${this.expr(1, 'INT[]')}) AS u${this.aliases++}`;
    if (n < 93) return `ROWS FROM (${this.call(1)}, ${this.call(1)}) AS r${this.aliases++}`;
    if (n < 95) return `jsonb_each(${this.expr(1, 'JSONB')}) AS j${this.aliases++}`;
    if (n < 97) return `[${this.insert()} RETURNING *] AS i${this.aliases++}`;
    return random.pick(['pg_class', '[SHOW TABLES]', 'information_schema.columns', 'pg_type']);
  }

  /** @param width of its select list */
  query(depth: number, width?: number): string {
    return this.within(() => this.queryHere(depth, width));
  }

  private queryHere(depth: number, width?: number): string {
    const { random } = this;
    const n = random.below(100);
    const list = width ?? 1 + random.below(4);
    if (depth > 0 && n < 8) {
      const op = random.pick(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL']);
      return `${this.query(depth - 1, list)} ${op} ${this.query(depth - 1, list)}`;
    }
    if (depth > 0 && n < 14) {
      const cte = this.query(depth - 1);
      const source = this.source(0);
      return `WITH x AS (${cte}) SELECT ${this.items(list, depth)} FROM x, ${source}`;
    }
    if (depth > 0 && n < 16)
      return `WITH RECURSIVE x (c0) AS (SELECT 1 UNION ALL SELECT c0 + 1 FROM x WHERE c0 < 5) SELECT ${this.items(list, depth)} FROM x`;
    if (n < 18) return `VALUES (${random.list(list, list, () => this.expr(depth)).join(', ')})`;
    const distinct = random.pick(['', '', '', '', 'DISTINCT ', 'DISTINCT ON (1) ']);
    const star = width === undefined && random.chance(0.15);
    const source = this.source(depth);
    let sql = `SELECT ${distinct}${star ? '*' : this.items(list, depth)} FROM ${source}`;
    if (random.chance(0.5)) sql += ` WHERE ${this.expr(depth, 'BOOL')}`;
    if (random.chance(0.2))
      sql += ` GROUP BY ${random.list(1, 2, () => this.expr(depth - 1)).join(', ')}`;
    if (random.chance(0.07)) sql += ` HAVING ${this.expr(depth - 1, 'BOOL')}`;
    if (random.chance(0.3))
      sql += ` ORDER BY ${random.list(1, 2, () => this.expr(depth - 1) + random.pick(['', ' DESC', ' NULLS LAST'])).join(', ')}`;
    if (random.chance(0.2)) sql += ` LIMIT ${random.pick(['1', '0', '10', 'NULL', this.expr(0)])}`;
    if (random.chance(0.05)) sql += ` OFFSET ${this.expr(0, 'INT8')}`;
    if (random.chance(0.03)) sql += ' FOR UPDATE';
    return sql;
  }

  private items(count: number, depth: number): string {
    return this.random.list(count, count, () => this.expr(depth)).join(', ');
  }

  private insert(): string {
    const { random } = this;
    const verb = random.pick(['INSERT', 'INSERT', 'UPSERT']);
    const n = random.below(TYPE_NAMES.length);
    const [table, columns, types] = random.pick([
      ['f0', `c${n}`, [TYPE_NAMES[n] ?? 'INT8']],
      ['f0', `id, c${n}`, ['INT8', TYPE_NAMES[n] ?? 'INT8']],
      ['f1', 'id, c0, c6', ['INT8', 'INT8', 'STRING']],
      ['f1', 'c0, c3', ['INT8', 'DECIMAL']],
      ['f2', 'id, c0', ['INT8', 'INT8']],
      ['f3', 'c0, c6, c3', ['INT8', 'STRING', 'DECIMAL']],
    ] as const);
    const tuple = (): string => `(${types.map((type) => this.expr(1, type)).join(', ')})`;
    const rows = random.chance(0.8)
      ? `VALUES ${random.list(1, 3, tuple).join(', ')}`
      : this.query(1, types.length);
    const conflict =
      verb === 'UPSERT'
        ? ''
        : random.pick([
            ...['', '', ' ON CONFLICT DO NOTHING', ' ON CONFLICT (id) DO NOTHING'],
            ` ON CONFLICT (${random.pick(['id', 'c0', 'c6'])}) DO UPDATE SET c0 = ${this.expr(1, 'INT8')}, c6 = excluded.c6`,
          ]);
    const returning = random.chance(0.2) ? ` RETURNING ${this.items(2, 1)}` : '';
    return `${verb} INTO ${table} (${columns}) ${rows}${conflict}${returning}`;
  }

  private update(): string {
    const { random } = this;
    const table = this.table();
    const columns = COLUMNS[table] ?? [['c0', 'INT8']];
    const set = random
      .list(1, 2, () => {
        const [name, type] = random.pick(columns);
        this.scope.length = 0;
        this.enter(table, table);
        return `${name} = ${this.expr(2, type)}`;
      })
      .join(', ');
    const from = random.chance(0.2) ? ` FROM ${this.source(1)}` : '';
    const limit = random.chance(0.2) ? ` ORDER BY ${this.expr(1)} LIMIT 2` : '';
    const returning = random.chance(0.2) ? ` RETURNING ${this.items(2, 1)}` : '';
    return `UPDATE ${table} SET ${set}${from} WHERE ${this.expr(2, 'BOOL')}${limit}${returning}`;
  }

  private remove(): string {
    const { random } = this;
    const table = this.table();
    this.enter(table, table);
    const using = random.chance(0.2) ? ` USING ${this.source(1)}` : '';
    return `DELETE FROM ${table}${using} WHERE ${this.expr(2, 'BOOL')}${random.chance(0.5) ? ' LIMIT 1' : ''}`;
  }

  private transaction(): string {
    return this.random.pick([
      ...['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT s', 'ROLLBACK TO SAVEPOINT s'],
      ...['RELEASE SAVEPOINT s', 'SAVEPOINT cockroach_restart', 'SHOW SAVEPOINT STATUS'],
    ]);
  }

  private ddl(): string {
    const { random } = this;
    const table = (): string => random.pick(['f1', 'f2', 'f3', 'f4', 'f5', 'f0']);
    if (random.chance(0.8)) this.enter(random.pick(['f0', 'f1', 'f3']), '');
    const name = (): string => random.pick(['x', 'y', 'z', 'c0', 'c6', 'p']);
    const type = random.pick(TYPE_NAMES);
    const ref = random.pick(['f1 (c0)', 'f3', 'f1 (id)', 'f4']);
    switch (random.below(24)) {
      case 0:
        return `CREATE TABLE ${table()} (id INT PRIMARY KEY, ${name()} ${type} DEFAULT ${this.expr(1, type)}, c0 INT REFERENCES ${ref}, CHECK (${this.expr(1, 'BOOL')}))`;
      case 1:
        return `CREATE TABLE ${random.pick(['f4', 'f5'])} AS ${this.query(1)}`;
      case 2:
        return `DROP TABLE IF EXISTS ${random.pick(['f4', 'f5', 'f3'])}${random.pick(['', ' CASCADE'])}`;
      case 3:
      case 4:
        return `ALTER TABLE ${table()} ADD COLUMN ${name()} ${type} ${random.pick(['', 'NOT NULL', 'UNIQUE', `DEFAULT ${this.expr(1, type)}`, `AS (${this.expr(1, type)}) STORED`, `AS (${this.expr(1, type)}) VIRTUAL`, `CHECK (${name()} > ${this.constant(type)})`])}`;
      case 5:
      case 6:
        return `ALTER TABLE ${table()} DROP COLUMN ${name()}${random.pick(['', ' CASCADE'])}`;
      case 7:
        return `ALTER TABLE ${table()} ALTER COLUMN ${name()} ${random.pick(['SET NOT NULL', 'DROP NOT NULL', 'DROP DEFAULT', `SET DEFAULT ${this.expr(1, type)}`, `TYPE ${type}`, 'DROP STORED'])}`;
      case 8:
      case 9:
        return `CREATE ${random.pick(['', 'UNIQUE ', 'INVERTED '])}INDEX ${random.pick(['', 'i', 'k'])} ON ${table()} (${random.pick([name(), this.column(type), `(${this.expr(1)})`])}${random.pick(['', ' DESC', `, ${name()}`])})${random.pick(['', ` WHERE ${this.expr(1, 'BOOL')}`, ` STORING (${name()})`])}`;
      case 10:
        return `DROP INDEX IF EXISTS ${table()}@${random.pick(['i', 'k', 'p'])}${random.pick(['', ' CASCADE'])}`;
      case 11:
        return `ALTER TABLE ${table()} ADD CONSTRAINT ${name()} ${random.pick([`CHECK (${this.expr(2, 'BOOL')})`, `UNIQUE (${this.column('INT8')})`, `FOREIGN KEY (c0) REFERENCES ${ref}${random.pick(['', ' NOT VALID', ' ON DELETE CASCADE'])}`])}`;
      case 12:
        return `ALTER TABLE ${table()} DROP CONSTRAINT ${name()}`;
      case 13:
        return `ALTER TABLE ${table()} RENAME ${random.pick(['COLUMN', 'CONSTRAINT'])} ${name()} TO ${name()}`;
      case 14:
        return `ALTER TABLE ${table()} ALTER PRIMARY KEY USING COLUMNS (${random.pick(['id', 'c0', 'c6, c0'])})`;
      case 15:
        return `CREATE OR REPLACE VIEW ${random.pick(['fv', 'fw'])} AS ${this.query(2)}`;
      case 16:
        return `DROP VIEW IF EXISTS ${random.pick(['fv', 'fw'])}`;
      case 17:
        return `ALTER TYPE mood ${random.pick(["ADD VALUE 'm'", "ADD VALUE 'b' BEFORE 'sad'", "RENAME VALUE 'm' TO 'n'", "DROP VALUE 'm'"])}`;
      case 18:
        return `ALTER TABLE ${table()} RENAME TO ${table()}`;
      case 19:
        return `TRUNCATE ${table()}${random.pick(['', ' CASCADE'])}`;
      case 20:
        return `ALTER SEQUENCE seq ${random.pick(['INCREMENT 2', 'RESTART', 'MAXVALUE 9223372036854775807', 'MINVALUE -5 START -5'])}`;
      case 21:
        return `EXPLAIN ${random.pick(['', '(VERBOSE) ', 'ANALYZE '])}${this.query(2)}`;
      case 22:
        return `CREATE MATERIALIZED VIEW ${random.pick(['fm', 'fw'])} AS ${this.query(1)}`;
      default:
        return `SHOW ${random.pick(['CREATE TABLE f1', 'COLUMNS FROM f0', 'INDEXES FROM f1', 'CONSTRAINTS FROM f2', 'TABLES', 'GRANTS', 'CREATE ALL TABLES'])}`;
    }
  }
}
