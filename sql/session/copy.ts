import { SqlError } from '../../base/errors';
import type { ColumnInfo, TableInfo } from '../../catalog/table-info';
import { relationOf } from '../bind/relation-of';
import type { SessionValues } from '../builtins/repr';
import { type CopyOptions, copyOptions } from '../copy/options';
import type { CopyColumn } from '../copy/row-decoder';
import type { Cursor } from '../engine';
import type { EngineContext } from '../engine-context';
import type { CopyStatement, InsertStatement, Statement } from '../parse/ast';
import type { PgNode, RangeVar } from '../parse/pg-tree';
import type { BlockSnapshot } from './block-snapshot';
import { SessionCatalogView } from './catalog-view';
import type { PreparedWrite } from './compile-query';
import { CopyInCursor } from './copy-in';
import { CopyOutCursor } from './copy-out';
import type { NameContext } from './name-resolution';
import type { SequenceValues } from './sequence-values';
import type { StatementRun } from './statement-run';
import type { TransactionState } from './transaction';

/** What COPY needs of its session. */
export interface CopyOwner {
  readonly engine: EngineContext;
  readonly transaction: TransactionState<BlockSnapshot>;
  readonly sequences: SequenceValues;
  names(): NameContext;
  sessionValues(): SessionValues;
  /** @throws SqlError 25006 in a read-only transaction */
  checkWritable(what: string): void;
  /** As the catalog of now has it. */
  compileInsert(statement: InsertStatement): Promise<PreparedWrite>;
  /** A query, or a write that returns rows, whose rows are written in COPY's format. */
  open(statement: Statement, options: CopyOptions): Promise<Cursor>;
}

/** @throws SqlError as binding the table or query does; 22023, 42601 for options */
export async function openCopy(
  statement: CopyStatement,
  owner: CopyOwner,
  run: StatementRun,
): Promise<Cursor> {
  const options = copyOptions(statement.options, statement.isFrom);
  if (statement.isFrom) return await openCopyIn(statement, options, owner, run);
  const query = statement.query ?? tableQuery(statement, owner.names());
  // It has a run of its own.
  const cursor = await owner.open(query, options);
  run.end();
  const { columns } = cursor;
  try {
    if (columns === null) {
      throw new SqlError('featureNotSupported', 'COPY query must have a RETURNING clause');
    }
    const names = columns.map(({ name }) => name);
    if (options.forceQuote !== '*') checkNamed('FORCE_QUOTE', options.forceQuote, names);
    return new CopyOutCursor(cursor, names, options);
  } catch (error) {
    await cursor.close();
    throw error;
  }
}

async function openCopyIn(
  statement: CopyStatement,
  options: CopyOptions,
  owner: CopyOwner,
  run: StatementRun,
): Promise<Cursor> {
  owner.checkWritable('COPY FROM');
  const { table, relation } = tableOf(statement, owner.names());
  const columns = copiedColumns(table, statement.columns);
  const names = columns.map(({ name }) => name);
  checkNamed('FORCE_NOT_NULL', options.forceNotNull, names);
  checkNamed('FORCE_NULL', options.forceNull, names);
  const insert = insertOf(relation, names);
  const query = await owner.compileInsert(insert);
  return new CopyInCursor(query, {
    engine: owner.engine,
    block: owner.transaction.status === 'T' ? owner.transaction : undefined,
    sequences: owner.sequences,
    session: owner.sessionValues(),
    run,
    table: table.name,
    columns,
    options,
    catalogVersion: () => owner.names().catalog.version,
    recompile: () => owner.compileInsert(insert),
  });
}

function tableOf(
  { relation }: CopyStatement,
  names: NameContext,
): { readonly table: TableInfo; readonly relation: RangeVar } {
  if (relation === null) throw new SqlError('syntaxError', 'COPY FROM takes a table');
  return { table: relationOf(new SessionCatalogView(names), relation), relation };
}

/** Those named, or all that a client sees and may write. @throws SqlError 42703, 42701 */
function copiedColumns(table: TableInfo, named: readonly string[] | null): readonly CopyColumn[] {
  if (named === null) {
    return table.columns.filter((column) => !column.hidden && !isComputed(column));
  }
  const seen = new Set<string>();
  return named.map((name) => {
    const column = table.columns.find((each) => each.name === name);
    if (column === undefined) {
      throw new SqlError('undefinedColumn', `column "${name}" does not exist`);
    }
    if (seen.has(name)) {
      throw new SqlError('duplicateColumn', `column "${name}" specified more than once`);
    }
    seen.add(name);
    return column;
  });
}

const isComputed = (column: ColumnInfo): boolean => column.computeExpr !== undefined;

function checkNamed(option: string, named: readonly string[], columns: readonly string[]): void {
  const wrong = named.find((name) => !columns.includes(name));
  if (wrong === undefined) return;
  const text = `${option} column "${wrong}" not referenced by COPY`;
  throw new SqlError('invalidColumnReference', text);
}

/** `INSERT INTO t (a, b) VALUES ($1, $2)`: the rows take the place of the list. */
function insertOf(relation: RangeVar, names: readonly string[]): InsertStatement {
  const items: PgNode[] = names.map((_, i) => ({ ParamRef: { number: i + 1, location: 0 } }));
  return {
    kind: 'Insert',
    upsert: false,
    asOf: null,
    tree: {
      relation,
      cols: names.map((name) => ({ ResTarget: { name } })),
      selectStmt: { SelectStmt: { valuesLists: [{ List: { items } }], op: 'SETOP_NONE' } },
    },
  };
}

/** @throws SqlError 42809: PostgreSQL copies tables, and has a way for the rest */
function tableQuery(statement: CopyStatement, names: NameContext): Statement {
  const { table, relation } = tableOf(statement, names);
  if (table.kind === 'view' || table.kind === 'sequence') {
    throw new SqlError('wrongObjectType', `cannot copy from ${table.kind} "${table.name}"`, {
      ...(table.kind === 'view' ? { hint: 'Try the COPY (SELECT ...) TO variant.' } : {}),
    });
  }
  const targetList = copiedColumns(table, statement.columns).map(({ name }) => ({
    ResTarget: { val: { ColumnRef: { fields: [{ String: { sval: name } }], location: 0 } } },
  }));
  return {
    kind: 'Select',
    asOf: null,
    tree: { targetList, fromClause: [{ RangeVar: relation }], op: 'SETOP_NONE' },
  };
}
