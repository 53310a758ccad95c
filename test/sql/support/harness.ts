import Database from 'better-sqlite3';
import type { ColumnInfo, SequenceInfo, TableInfo } from '../../../catalog/table-info';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { requireTypeBySqlName, sqliteColumn } from '../../../catalog/types/table';
import { compileTextEncoder } from '../../../catalog/types/text';
import { bindSelect } from '../../../sql/bind/bind-select';
import type { BindContext, CatalogView, MaterializedTable } from '../../../sql/bind/catalog-view';
import { decodeText, type SessionValues, textSettings } from '../../../sql/builtins/repr';
import type { CompiledQuery } from '../../../sql/emit/compiled-query';
import { emitBoundQuery } from '../../../sql/emit/emit-query';
import { executeOn, toQueryError } from '../../../sql/execute/execute-on';
import { prepareConnection } from '../../../sql/execute/functions';
import { parseExpression, parseStatement } from '../../../sql/parse/parse';
import type { SelectStmt } from '../../../sql/parse/pg-tree';
import { loadParser } from '../../../sql/parse/postgres';
import type { Connection } from '../../../storage/ranges/connection';
import { compileLifted } from './lifted';

/** A catalog and a SQLite database in memory, made from short descriptions; runs SQL and gives rows as text. */

export interface TableSpec {
  /** `name type`, with `hidden`, `computed <expr>` after it if wanted. */
  readonly columns?: readonly string[];
  /** Values as text, `null` for NULL. */
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly viewQuery?: string;
  readonly sequence?: Partial<SequenceInfo>;
  readonly types?: Readonly<Record<string, SqlType>>;
}

export interface Harness {
  readonly db: Connection;
  bind(sql: string, parameterTypes?: readonly (SqlType | undefined)[]): CompiledQuery;
  /** Header and rows as text. @param parameters text of `$1` … */
  run(sql: string, ...parameters: (string | null)[]): TextResult;
  /** Rows only, cells joined by `|`. */
  rows(sql: string, ...parameters: (string | null)[]): string[];
  /** `SQLSTATE message` of the error that the statement must give. */
  error(sql: string, ...parameters: (string | null)[]): string;
  session: SessionValues;
  readonly relations: Map<string, TableInfo>;
}

export interface TextResult {
  readonly names: readonly string[];
  readonly types: readonly SqlType[];
  readonly rows: readonly (readonly (string | null)[])[];
}

type Outcome = TextResult | { readonly error: unknown; readonly message: string };

function outcome(run: () => TextResult): Outcome {
  try {
    return run();
  } catch (error) {
    return { error, message: String(error) };
  }
}

export const SESSION: SessionValues = {
  timeZone: 'UTC',
  extraFloatDigits: 0n,
  byteaOutput: 'hex',
  user: 'root',
  sessionUser: 'root',
  database: 'defaultdb',
  schema: 'public',
  searchPath: 'pg_catalog,pg_extension,public',
  transactionTimestamp: 669_844_800_000_000n,
  logicalTimestamp: 1_616_529_600_000_000_000n,
  statementTimestamp: 669_844_800_000_000n,
  backendPid: 7n,
  applicationName: 'test',
};

let nextId = 52;

function column(spec: string, id: number, types: TableSpec['types']): ColumnInfo {
  const [, name = '', typeName = '', hidden, computed] =
    /^("[^"]+"|\S+)\s+(.*?)(\s+hidden)?(?:\s+computed\s+(.*))?$/.exec(spec) ?? [];
  const type = types?.[typeName] ?? requireTypeBySqlName(typeName.toLowerCase());
  return {
    id,
    name: name.replaceAll('"', ''),
    type,
    nullable: true,
    hidden: hidden !== undefined,
    defaultExpr: undefined,
    computeExpr: computed,
    virtual: computed !== undefined,
    sqliteName: `c${id}`,
  };
}

function makeTable(name: string, spec: TableSpec): TableInfo {
  const id = nextId++;
  const columns = (spec.columns ?? []).map((text, i) => column(text, i + 1, spec.types));
  const kind =
    spec.viewQuery !== undefined ? 'view' : spec.sequence !== undefined ? 'sequence' : 'table';
  const base = {
    id,
    name,
    databaseId: 50,
    databaseName: 'defaultdb',
    schemaId: 29,
    schemaName: 'public',
  };
  const index = {
    id: 1,
    name: 'primary',
    unique: true,
    inverted: false,
    keyColumns: [{ columnId: 1, descending: false }],
    suffixColumnIds: [],
    storedColumnIds: [],
    predicate: undefined,
  };
  const info = {
    ...base,
    kind,
    columns,
    primaryIndex: index,
    secondaryIndexes: [],
    viewQuery: spec.viewQuery,
    sqliteName: `t${id}`,
  } as const;
  if (spec.sequence === undefined) return info;
  const sequence = {
    increment: 1n,
    minValue: 1n,
    maxValue: 2n ** 63n - 1n,
    start: 1n,
    cache: 1n,
    ...spec.sequence,
  };
  return { ...info, sequence };
}

function createTable(db: Connection, table: TableInfo, spec: TableSpec): void {
  const stored = table.columns.filter((c) => !c.virtual);
  const columns = stored.map((c) => {
    const { type, collate } = sqliteColumn(c.type);
    return `${c.sqliteName} ${type}${collate === undefined ? '' : ` COLLATE ${collate}`}`;
  });
  db.exec(`CREATE TABLE ${table.sqliteName} (${columns.join(', ')}) STRICT`);
  const insert = db.prepare(
    `INSERT INTO ${table.sqliteName} VALUES (${stored.map(() => '?').join(', ')})`,
  );
  for (const row of spec.rows ?? [])
    insert.run(row.map((text, i) => encode(text, stored[i]?.type ?? requireTypeBySqlName('text'))));
}

function encode(text: string | null, type: SqlType): Repr {
  return text === null ? null : decodeText(text, type, SESSION);
}

function select(sql: string): SelectStmt {
  const statement = parseStatement(sql);
  if (statement.kind !== 'Select') throw new Error(`no SELECT: ${sql}`);
  return statement.tree;
}

export async function makeHarness(
  tables: Readonly<Record<string, TableSpec>> = {},
  userTypes: Readonly<Record<string, SqlType>> = {},
  shows: Readonly<Record<string, MaterializedTable>> = {},
): Promise<Harness> {
  await loadParser();
  const db = new Database(':memory:');
  db.defaultSafeIntegers(true);
  db.exec('CREATE TABLE sequences (table_id INTEGER PRIMARY KEY, value INTEGER NOT NULL) STRICT');
  prepareConnection(db);
  const relations = new Map<string, TableInfo>();
  for (const [name, spec] of Object.entries(tables)) {
    const table = makeTable(name, { ...spec, types: { ...userTypes, ...spec.types } });
    relations.set(name, table);
    if (table.kind === 'table') createTable(db, table, spec);
  }
  const catalog: CatalogView = {
    resolveRelation: (parts) => relations.get(parts[parts.length - 1] ?? ''),
    relationById: (id) => [...relations.values()].find((table) => table.id === id),
    resolveType: (parts) => userTypes[parts[parts.length - 1] ?? ''],
    resolveTypeByOid: (oid) => Object.values(userTypes).find((type) => type.oid === oid),
    inDatabase: () => catalog,
  };
  const bindTree = (
    tree: SelectStmt,
    parameterTypes: readonly (SqlType | undefined)[],
  ): CompiledQuery => {
    const context: BindContext = {
      catalog,
      parameterTypes,
      timeZone: String(harness.session.timeZone),
      settings: harness.session,
      showSource: (statement) => shows[statement.kind] ?? { columns: [], rows: [] },
      systemTable: () => undefined,
      parseQuery: select,
      parseExpression,
    };
    return emitBoundQuery(bindSelect(tree, context));
  };
  const execute = (query: CompiledQuery, values: readonly Repr[]): TextResult => {
    const settings = textSettings(harness.session);
    const encoders = query.columns.map((c) => compileTextEncoder(c.type, settings));
    const rows: (string | null)[][] = [];
    try {
      for (const row of executeOn(db, query, values, harness.session))
        rows.push(row.map((value, i) => (value === null ? null : (encoders[i]?.(value) ?? '?'))));
    } catch (error) {
      throw toQueryError(error, db);
    }
    return {
      names: query.columns.map((c) => c.name),
      types: query.columns.map((c) => c.type),
      rows,
    };
  };
  /** What is refused is so, too, when a text of its like was not. */
  const bindAlike = (sql: string): CompiledQuery => {
    try {
      return harness.bind(sql);
    } catch (error) {
      if (liftedOf(sql) !== undefined) throw new Error(`not refused: ${sql} ${String(error)}`);
      throw error;
    }
  };
  const liftedOf = (sql: string): ReturnType<typeof compileLifted<CompiledQuery>> =>
    compileLifted(sql, 1 + (sql.length % 2), harness.session, ({ statement }) => {
      if (statement.kind !== 'Select') throw new Error('a query');
      return bindTree(statement.tree, []);
    });
  /** Every query that a test runs gives the same when its constants are taken out of it. */
  const checkLifted = (sql: string, query: CompiledQuery, result: Outcome): void => {
    const lifted = liftedOf(sql);
    if (lifted === undefined) return;
    const again = outcome(() => execute(lifted.query, lifted.values));
    const same = (other: Outcome): boolean => JSON.stringify(other) === JSON.stringify(result);
    // Not the same twice: random().
    if (same(again) || !same(outcome(() => execute(query, [])))) return;
    throw new Error(`with its constants taken out: ${sql}\n${JSON.stringify([again, result])}`);
  };
  const harness: Harness = {
    db,
    session: SESSION,
    relations,
    bind(sql, parameterTypes = []) {
      return bindTree(select(sql), parameterTypes);
    },
    run(sql, ...parameters) {
      const query = bindAlike(sql);
      const values = query.parameterTypes.map((type, i) => encode(parameters[i] ?? null, type));
      if (query.writes) return execute(query, values);
      const result = outcome(() => execute(query, values));
      checkLifted(sql, query, result);
      if ('error' in result) throw result.error;
      return result;
    },
    rows(sql, ...parameters) {
      return harness
        .run(sql, ...parameters)
        .rows.map((row) => row.map((cell) => cell ?? 'NULL').join('|'));
    },
    error(sql, ...parameters) {
      try {
        harness.run(sql, ...parameters);
      } catch (error) {
        const { sqlstate, message } = error as { sqlstate?: string; message: string };
        if (sqlstate === undefined) throw error;
        return `${sqlstate} ${message}`;
      }
      throw new Error(`no error: ${sql}`);
    },
  };
  return harness;
}
