import { notSupported, SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { ADMIN_ROLE, ROOT_USER } from '../../catalog/roles';
import type { ColumnInfo, TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { relationOf } from '../bind/relation-of';
import { bindSystemRows, type SystemRows } from '../bind/write/bind-system-rows';
import { type DdlRun, runDefinition } from '../ddl/run';
import { emitBoundQuery } from '../emit/emit-query';
import { executeOn, slotValue } from '../execute/execute-on';
import { dropTables, loadTables } from '../execute/thread-cursor';
import type { SystemTableName, SystemWriteStatement } from '../parse/ast';
import { type ChangeStatement, writeName } from '../parse/changes';
import type { OnConflictClause } from '../parse/pg-tree';
import { isAdmin } from '../privileges/access';
import { writeContext } from '../session/compile-query';
import { rowsTables } from '../session/rows-tables';
import { refuseUnsafeWrite } from '../session/safe-updates';
import type { StatementContext } from './statement-context';

/**
 * INSERT, UPSERT, UPDATE and DELETE of system.users, role_options and role_members: how users come over from a backup
 * (`INSERT INTO system.users SELECT * FROM newdb.users`). By admins only, in the transaction of a schema change.
 */

/** How a table's rows are kept in the store: columns in the order of the system table. */
interface StoredTable {
  readonly sqliteName: string;
  readonly columns: readonly string[];
  /** The first columns are the key. */
  readonly keyCount: number;
  readonly nullable: readonly boolean[];
  /** DEFAULT of columns that have one: an expression. */
  readonly defaults: Readonly<Record<string, string>>;
}

const STORED: Readonly<Record<SystemTableName, StoredTable>> = {
  users: {
    sqliteName: 'users',
    columns: ['username', 'hashed_password', 'is_role'],
    keyCount: 1,
    nullable: [false, true, false],
    defaults: { isRole: 'false' },
  },
  role_options: {
    sqliteName: 'role_options',
    columns: ['username', 'option', 'value'],
    keyCount: 2,
    nullable: [false, false, true],
    defaults: {},
  },
  role_members: {
    sqliteName: 'role_members',
    columns: ['role', 'member', 'is_admin'],
    keyCount: 2,
    nullable: [false, false, false],
    defaults: {},
  },
};

export async function writeSystemTable(
  { change, table }: SystemWriteStatement,
  context: StatementContext,
): Promise<string> {
  refuseUnsafeWrite(change, context.settings);
  return runDefinition(writeName(change), context, (run) => {
    const stored = STORED[table];
    const info = withDefaults(relationOf(run.bindContext().catalog, change.tree.relation), stored);
    requireAdminToWrite(change, info, run);
    if (change.kind === 'Insert' && change.tree.selectStmt !== undefined) {
      const { selectStmt } = change.tree;
      if ('SelectStmt' in selectStmt) run.passQuery(selectStmt.SelectStmt);
    }
    const bound = bindSystemRows(change, info, writeContext(run.bindContext(), run.names));
    for (const id of bound.relationIds) run.onRead?.(id);
    const count = new SystemTableWrite(stored, info, run).apply(change, bound);
    bumpCatalogVersion(run.db);
    return change.kind === 'Insert' ? `INSERT 0 ${count}` : `${writeName(change)} ${count}`;
  });
}

function withDefaults(info: TableInfo, { defaults }: StoredTable): TableInfo {
  const columns = info.columns.map((column) => {
    return { ...column, defaultExpr: defaults[column.name] ?? column.defaultExpr };
  });
  return { ...info, columns };
}

/** @throws SqlError insufficientPrivilege (42501) */
function requireAdminToWrite(change: ChangeStatement, table: TableInfo, run: DdlRun): void {
  if (isAdmin(run.names)) return;
  const privilege = change.kind.toUpperCase();
  throw new SqlError(
    'insufficientPrivilege',
    `user ${run.names.user} does not have ${privilege} privilege on relation ${table.name}`,
  );
}

class SystemTableWrite {
  private readonly stored: StoredTable;
  private readonly info: TableInfo;
  private readonly run: DdlRun;
  private readonly db: Connection;

  constructor(stored: StoredTable, info: TableInfo, run: DdlRun) {
    this.stored = stored;
    this.info = info;
    this.run = run;
    this.db = run.db;
  }

  /** @returns how many rows were written */
  apply(change: ChangeStatement, bound: SystemRows): number {
    const rows = readRows(bound, this.run);
    switch (change.kind) {
      case 'Insert': {
        const conflict = conflictAction(change.upsert, change.tree.onConflictClause);
        return rows.filter((row) => this.insert(this.given(row, bound.columns), conflict)).length;
      }
      case 'Update':
        return this.distinct(rows).filter((row) => this.update(row, bound.columns)).length;
      case 'Delete':
        for (const row of this.distinct(rows)) this.remove(row);
        return this.distinct(rows).length;
    }
  }

  /** An INSERT's values by the order of the table. */
  private given(row: readonly Repr[], columns: readonly ColumnInfo[]): Repr[] {
    return this.info.columns.map((column) => {
      const at = columns.findIndex(({ id }) => id === column.id);
      if (at >= 0) return row[at] ?? null;
      return column.defaultExpr === 'false' ? 0n : null;
    });
  }

  private insert(row: readonly Repr[], conflict: Conflict): boolean {
    this.checkNulls(row);
    if (this.exists(row)) {
      if (conflict === 'nothing') return false;
      if (conflict === 'error') {
        if (this.isSpecialUser(row)) return this.keepSpecialUser(String(row[0]));
        throw this.duplicate(row);
      }
      this.delete(row);
    }
    this.put(row);
    return true;
  }

  /** Other tables of the statement may match a row more than once: the first match counts. */
  private distinct(rows: readonly (readonly Repr[])[]): (readonly Repr[])[] {
    const byKey = new Map<string, readonly Repr[]>();
    for (const row of rows) {
      const key = JSON.stringify(row.slice(0, this.stored.keyCount));
      if (!byKey.has(key)) byKey.set(key, row);
    }
    return [...byKey.values()];
  }

  private update(row: readonly Repr[], columns: readonly ColumnInfo[]): boolean {
    const width = this.info.columns.length;
    const changed = row.slice(0, width);
    for (const [i, value] of row.slice(width).entries()) {
      const id = defined(columns[width + i], 'a column that is set').id;
      changed[this.info.columns.findIndex((column) => column.id === id)] = value;
    }
    this.checkNulls(changed);
    const { keyCount } = this.stored;
    const renamed = changed.slice(0, keyCount).some((value, i) => value !== row[i]);
    if (renamed) {
      this.refuseSpecialUser(row);
      if (this.exists(changed)) throw this.duplicate(changed);
    }
    this.delete(row);
    this.put(changed);
    return true;
  }

  private remove(row: readonly Repr[]): void {
    this.refuseSpecialUser(row);
    this.delete(row);
  }

  /** @throws SqlError notNullViolation (23502) */
  private checkNulls(row: readonly Repr[]): void {
    const at = row.findIndex((value, i) => value === null && this.stored.nullable[i] === false);
    if (at < 0) return;
    const { name } = defined(this.info.columns[at], 'a column of the row');
    throw new SqlError(
      'notNullViolation',
      `null value in column "${name}" violates not-null constraint`,
    );
  }

  private duplicate(row: readonly Repr[]): SqlError {
    const names = this.info.columns.slice(0, this.stored.keyCount).map(({ name }) => name);
    const values = row.slice(0, this.stored.keyCount).map((value) => `'${value}'`);
    return new SqlError(
      'uniqueViolation',
      'duplicate key value violates unique constraint "primary"',
      {
        detail: `Key (${names.join(', ')})=(${values.join(', ')}) already exists.`,
        constraint: 'primary',
      },
    );
  }

  /** The users that every cluster has. */
  private isSpecialUser([name]: readonly Repr[]): boolean {
    return this.stored.sqliteName === 'users' && (name === ROOT_USER || name === ADMIN_ROLE);
  }

  /** Every backup of the table has them, too: all others are to come in beside ours. */
  private keepSpecialUser(name: string): false {
    const message = `${name === ROOT_USER ? 'user' : 'role'} "${name}" is there already: it stays as it is`;
    this.run.notice({ severity: 'NOTICE', code: '00000', message });
    return false;
  }

  /** @throws SqlError invalidParameterValue (22023) */
  private refuseSpecialUser(row: readonly Repr[]): void {
    if (!this.isSpecialUser(row)) return;
    const kind = row[0] === ROOT_USER ? 'user' : 'role';
    throw new SqlError('invalidParameterValue', `cannot drop special ${kind} ${row[0]}`);
  }

  private get where(): string {
    const { columns, keyCount } = this.stored;
    return columns
      .slice(0, keyCount)
      .map((name) => `${name} = ?`)
      .join(' AND ');
  }

  private exists(row: readonly Repr[]): boolean {
    const sql = `SELECT 1 FROM ${this.stored.sqliteName} WHERE ${this.where}`;
    return this.db.prepare(sql).get(row.slice(0, this.stored.keyCount)) !== undefined;
  }

  private delete(row: readonly Repr[]): void {
    const sql = `DELETE FROM ${this.stored.sqliteName} WHERE ${this.where}`;
    this.db.prepare(sql).run(row.slice(0, this.stored.keyCount));
  }

  private put(row: readonly Repr[]): void {
    const { sqliteName, columns } = this.stored;
    const marks = columns.map(() => '?').join(', ');
    const sql = `INSERT INTO ${sqliteName} (${columns.join(', ')}) VALUES (${marks})`;
    this.db.prepare(sql).run(row);
  }
}

type Conflict = 'error' | 'nothing' | 'replace';

function conflictAction(upsert: boolean, clause: OnConflictClause | undefined): Conflict {
  if (upsert) return 'replace';
  if (clause === undefined) return 'error';
  if (clause.action === 'ONCONFLICT_NOTHING' && clause.infer === undefined) return 'nothing';
  throw notSupported(
    'ON CONFLICT DO UPDATE, or with columns, in a statement that writes a system table',
    'Use ON CONFLICT DO NOTHING, or UPSERT.',
  );
}

/** Runs the programs in the transaction of `run`. */
function readRows(bound: SystemRows, run: DdlRun): (readonly Repr[])[] {
  const tables = rowsTables(bound.materialized);
  loadTables(run.db, tables);
  try {
    if (bound.source.kind === 'query') return runProgram(bound, bound.source.program, run);
    const rows = bound.source.rows.map((row) => [...row]);
    const put = (row: number, column: number, value: Repr): void => {
      defined(rows[row], 'a row of VALUES')[column] = value;
    };
    for (const { row, column, slot } of bound.source.fills) {
      put(row, column, slotValue(slot, [], run.session));
    }
    for (const { program, cells } of bound.source.programs) {
      const [values = []] = runProgram(bound, program, run);
      for (const [i, [row, column]] of cells.entries()) put(row, column, values[i] ?? null);
    }
    return rows;
  } finally {
    dropTables(run.db, tables);
  }
}

function runProgram(bound: SystemRows, program: number, run: DdlRun): (readonly Repr[])[] {
  const query = defined(bound.programs[program], `program ${program}`);
  const { materialized, relationIds } = bound;
  const about = { columns: query.outputs, parameterTypes: [], writes: false };
  const compiled = emitBoundQuery({ query, ...about, materialized, relationIds });
  return [...executeOn(run.db, compiled, [], run.session)];
}
