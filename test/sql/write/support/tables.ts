import Database from 'better-sqlite3';
import type {
  ForeignKeyActionName,
  ForeignKeyInfo,
  TableConstraints,
} from '../../../../catalog/table-constraints';
import type { ColumnInfo, IndexInfo, TableInfo } from '../../../../catalog/table-info';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import { sqliteColumn } from '../../../../catalog/types/table';
import { compileTextEncoder } from '../../../../catalog/types/text';
import { bindSelect } from '../../../../sql/bind/bind-select';
import type { CatalogView } from '../../../../sql/bind/catalog-view';
import { resolveTypeName } from '../../../../sql/bind/type-names';
import { bindWrite } from '../../../../sql/bind/write/bind-write';
import type { WriteContext } from '../../../../sql/bind/write/write-binder';
import { decodeText, textSettings } from '../../../../sql/builtins/repr';
import { emitWrite } from '../../../../sql/emit/compiled-write';
import { emitBoundQuery } from '../../../../sql/emit/emit-query';
import { executeOn, toQueryError } from '../../../../sql/execute/execute-on';
import { prepareConnection, registerFunctions } from '../../../../sql/execute/functions';
import { WriteRun } from '../../../../sql/execute/write/write-run';
import { changesData } from '../../../../sql/parse/changes';
import { parseExpression, parseStatement } from '../../../../sql/parse/parse';
import { loadParser } from '../../../../sql/parse/postgres';
import type { Connection } from '../../../../storage/ranges/connection';
import { createPhysicalTable } from '../../../../storage/ranges/physical-table';
import { createMetaTables } from '../../../../storage/ranges/store-schema';
import { SESSION } from '../../support/harness';

/** Tables made from short descriptions, in a SQLite database in memory; runs statements that write, and queries. */

export interface ForeignKeySpec {
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
  readonly onDelete?: ForeignKeyActionName;
  readonly onUpdate?: ForeignKeyActionName;
  readonly matchFull?: boolean;
}

export interface TableSpec {
  /** `name type`, then `NOT NULL`, then `DEFAULT expr` or `AS (expr) STORED`, `AS (expr) VIRTUAL`; the first is the key. */
  readonly columns: readonly string[];
  readonly primary?: readonly string[];
  /** Column lists by name; `where` makes one that SQLite has no index for. */
  readonly unique?: Readonly<Record<string, { columns: readonly string[]; where?: string }>>;
  readonly checks?: Readonly<Record<string, string>>;
  readonly foreignKeys?: Readonly<Record<string, ForeignKeySpec>>;
}

const COLUMN = /^(\S+) (.*?)( NOT NULL)?(?: DEFAULT (.*))?(?: AS \((.*)\) (STORED|VIRTUAL))?$/;

const VIEW: CatalogView = {
  resolveRelation: () => undefined,
  relationById: () => undefined,
  resolveType: () => undefined,
  resolveTypeByOid: () => undefined,
  inDatabase: () => VIEW,
};

function typeOf(text: string): SqlType {
  const node = parseExpression(`NULL::${text}`);
  if (!('TypeCast' in node)) throw new Error(text);
  return resolveTypeName(node.TypeCast.typeName, VIEW);
}

function columnOf(text: string, id: number): ColumnInfo {
  const [, name = '', type = '', notNull, defaultExpr, computeExpr, kind] = COLUMN.exec(text) ?? [];
  return {
    id,
    name,
    type: typeOf(type),
    nullable: notNull === undefined,
    hidden: name === 'rowid',
    defaultExpr,
    computeExpr,
    virtual: kind === 'VIRTUAL',
    sqliteName: `c${id}`,
  };
}

function tableOf(name: string, spec: TableSpec, id: number): TableInfo {
  const columns = spec.columns.map((text, i) => columnOf(text, i + 1));
  const key = spec.primary ?? [columns[0]?.name ?? ''];
  const primaryIndex: IndexInfo = {
    id: 1,
    name: 'primary',
    unique: true,
    inverted: false,
    keyColumns: key.map((k) => ({ columnId: idOf(columns, k), descending: false })),
    suffixColumnIds: [],
    storedColumnIds: [],
    predicate: undefined,
  };
  return {
    id,
    name,
    databaseId: 50,
    databaseName: 'defaultdb',
    schemaId: 29,
    schemaName: 'public',
    kind: 'table',
    columns: columns.map((c) => (key.includes(c.name) ? { ...c, nullable: false } : c)),
    primaryIndex,
    secondaryIndexes: [],
    viewQuery: undefined,
    sqliteName: `t${id}`,
  };
}

function idOf(columns: readonly ColumnInfo[], name: string): number {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column.id;
}

export class Tables {
  readonly db: Connection;
  private readonly tables = new Map<string, TableInfo>();
  private readonly specs: Readonly<Record<string, TableSpec>>;
  private timestamp = 1n;

  private constructor(specs: Readonly<Record<string, TableSpec>>) {
    this.specs = specs;
    this.db = new Database(':memory:');
    createMetaTables(this.db, '00000000-0000-4000-8000-000000000000', 0);
    this.db.defaultSafeIntegers(true);
    this.db.unsafeMode(true);
    prepareConnection(this.db);
    let id = 100;
    for (const [name, spec] of Object.entries(specs))
      this.tables.set(name, tableOf(name, spec, id++));
    for (const table of this.tables.values()) this.createPhysical(table);
  }

  static async make(specs: Readonly<Record<string, TableSpec>>): Promise<Tables> {
    await loadParser();
    return new Tables(specs);
  }

  private createPhysical(table: TableInfo): void {
    const unique = this.constraints(table).uniques.filter((u) => u.physical && !u.primary);
    const key = (ids: readonly number[]) =>
      ids.map((columnId) => ({ column: `c${columnId}`, descending: false }));
    createPhysicalTable(this.db, {
      name: table.sqliteName,
      columns: table.columns
        .filter((c) => !c.virtual)
        .map((c) => ({ name: c.sqliteName, ...sqliteColumn(c.type), notNull: false })),
      primaryKey: key(table.primaryIndex?.keyColumns.map((k) => k.columnId) ?? []),
      indexes: unique.map((u, i) => ({
        name: `${table.sqliteName}_u${i}`,
        unique: true,
        columns: key(u.columnIds),
      })),
    });
  }

  private foreignKeys(): ForeignKeyInfo[] {
    return [...this.tables.values()].flatMap((table) =>
      Object.entries(this.specs[table.name]?.foreignKeys ?? {}).map(([name, key]) => {
        const referenced = this.tables.get(key.table);
        if (referenced === undefined) throw new Error(`no table ${key.table}`);
        return {
          name,
          originTableId: table.id,
          originColumnIds: key.columns.map((c) => idOf(table.columns, c)),
          referencedTableId: referenced.id,
          referencedColumnIds: key.references.map((c) => idOf(referenced.columns, c)),
          onDelete: key.onDelete ?? 'no action',
          onUpdate: key.onUpdate ?? 'no action',
          matchFull: key.matchFull ?? false,
        };
      }),
    );
  }

  private constraints(table: TableInfo): TableConstraints {
    const spec = this.specs[table.name];
    const keys = this.foreignKeys();
    const virtual = new Set(table.columns.filter((c) => c.virtual).map((c) => c.id));
    const primary = {
      name: 'primary',
      columnIds: table.primaryIndex?.keyColumns.map((k) => k.columnId) ?? [],
      predicate: undefined,
      primary: true,
      physical: true,
    };
    const unique = Object.entries(spec?.unique ?? {}).map(([name, { columns, where }]) => {
      const columnIds = columns.map((c) => idOf(table.columns, c));
      const physical = where === undefined && !columnIds.some((id) => virtual.has(id));
      return { name, columnIds, predicate: where, primary: false, physical };
    });
    return {
      checks: Object.entries(spec?.checks ?? {}).map(([name, expr]) => ({
        name,
        expr,
        shown: expr,
      })),
      uniques: [primary, ...unique],
      outbound: keys.filter((key) => key.originTableId === table.id),
      inbound: keys.filter((key) => key.referencedTableId === table.id),
    };
  }

  private context(): WriteContext {
    const byId = (id: number) => [...this.tables.values()].find((table) => table.id === id);
    const catalog: CatalogView = {
      ...VIEW,
      resolveRelation: (parts) => this.tables.get(parts[parts.length - 1] ?? ''),
      relationById: byId,
      inDatabase: () => catalog,
    };
    return {
      catalog,
      parameterTypes: [],
      timeZone: 'UTC',
      settings: SESSION,
      showSource: () => ({ columns: [], rows: [] }),
      systemTable: () => undefined,
      lookupTable: () => ({ columns: [], rows: [] }),
      parseQuery: () => {
        throw new Error('no views here');
      },
      parseExpression,
      constraintsOf: (id) => {
        const table = byId(id);
        if (table === undefined) throw new Error(`no table ${id}`);
        return this.constraints(table);
      },
    } as WriteContext;
  }

  /** A statement's rows as text, cells joined by `|`. What fails leaves nothing behind. */
  run(sql: string, ...parameters: (string | null)[]): string[] {
    return this.execute(sql, parameters).rows;
  }

  /** How many rows a statement wrote. */
  affected(sql: string, ...parameters: (string | null)[]): number {
    return this.execute(sql, parameters).affected;
  }

  /** SQLSTATE, message and detail of the error that the statement must give. */
  error(sql: string, ...parameters: (string | null)[]): string {
    try {
      this.execute(sql, parameters);
    } catch (error) {
      const { sqlstate, message, detail, constraint } = error as Record<string, string | undefined>;
      if (sqlstate === undefined) throw error;
      return [`${sqlstate} ${message}`, detail, constraint].filter((part) => part).join('\n');
    }
    throw new Error(`no error: ${sql}`);
  }

  private execute(sql: string, parameters: readonly (string | null)[]) {
    const statement = parseStatement(sql);
    if (statement.kind === 'Select' && !changesData(statement)) {
      const query = emitBoundQuery(bindSelect(statement.tree, this.context()));
      const found = [...executeOn(this.db, query, [], SESSION)];
      return { rows: found.map((row) => shown(row, query.columns)), affected: 0 };
    }
    if (!changesData(statement)) throw new Error(sql);
    // As data: what can't be sent to a thread fails here.
    const write = structuredClone(emitWrite(bindWrite(statement, this.context())));
    const { plan, programs } = write;
    for (const program of programs) registerFunctions(this.db, program.functions);
    const values = plan.parameterTypes.map((type, i) => {
      const text = parameters[i] ?? null;
      return text === null ? null : decodeText(text, type, SESSION);
    });
    this.db.exec('BEGIN IMMEDIATE');
    const timestamp = this.timestamp++;
    const input = { write, parameters: values, session: SESSION, timestamp, redo: undefined };
    const run = new WriteRun(this.db, new Int32Array(1), input);
    try {
      run.run();
      this.db.exec('COMMIT');
    } catch (error) {
      this.db.exec('ROLLBACK');
      throw toQueryError(error, this.db);
    }
    const rows = [...run.rows()].map((row) => shown(row, plan.columns ?? []));
    run.close();
    return { rows, affected: run.affected };
  }
}

const SETTINGS = textSettings(SESSION);

function shown(row: readonly Repr[], columns: readonly { readonly type: SqlType }[]): string {
  return row
    .map((value, i) => {
      const type = columns[i]?.type;
      return value === null || type === undefined
        ? 'NULL'
        : compileTextEncoder(type, SETTINGS)(value);
    })
    .join('|');
}
