import { SqlError } from '../../../base/errors';
import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { typeRow } from '../../../catalog/types/table';
import type { ParameterSlot } from '../../emit/compiled-query';
import type { PgNode, ResTarget, SelectStmt, TypeName } from '../../parse/pg-tree';
import { bindConstant } from '../bind-expr';
import { newAlias } from '../binder';
import type { CteDefinition, Expr } from '../expr';
import { outputColumn } from '../expr';
import { asWanted } from '../now-like';
import { type CteBinding, makeScope, type Scope, withoutAggregates } from '../scope';
import { selectOf } from '../select-of';
import type { BoundInsertSource, CellFill, CellProgram } from './plan';
import {
  addProgram,
  assignable,
  cellOf,
  checkNotIdentity,
  checkWritable,
  type WriteBinder,
} from './write-binder';

/** Where the rows of an INSERT come from. */

/** Names that the source's queries may use. */
export interface SourceNames {
  readonly ctes: ReadonlyMap<string, CteBinding>;
  readonly definitions: readonly CteDefinition[];
}

export interface BoundSource {
  readonly source: BoundInsertSource;
  /** What the source's columns are assigned to. */
  readonly columns: readonly ColumnInfo[];
}

/** Expressions of VALUES that one program computes: SQLite allows 2,000 columns. */
const CELLS_PER_PROGRAM = 500;

/** @param named columns of the statement's list; undefined without one: the table's visible columns, from the first on */
export function bindInsertSource(
  write: WriteBinder,
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
  statement: SelectStmt,
  names: SourceNames,
): BoundSource {
  if (isPlainValues(statement)) return bindCells(write, table, named, statement, names);
  return bindQuerySource(write, table, named, statement, names);
}

function isPlainValues(statement: SelectStmt): boolean {
  return (
    statement.valuesLists !== undefined &&
    statement.sortClause === undefined &&
    statement.limitCount === undefined &&
    statement.limitOffset === undefined &&
    statement.withClause === undefined
  );
}

/** @throws SqlError syntaxError (42601) when there are more or fewer values than columns */
function targets(
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
  width: number,
): readonly ColumnInfo[] {
  const columns = named ?? table.columns.filter((column) => !column.hidden);
  if (width > columns.length)
    throw new SqlError(
      'syntaxError',
      `INSERT has more expressions than target columns, ${width} expressions for ${columns.length} targets`,
    );
  if (named !== undefined && width < columns.length)
    throw new SqlError(
      'syntaxError',
      `INSERT has more target columns than expressions, ${width} expressions for ${columns.length} targets`,
    );
  return columns.slice(0, width);
}

function bindCells(
  write: WriteBinder,
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
  statement: SelectStmt,
  names: SourceNames,
): BoundSource {
  const lists = (statement.valuesLists ?? []).map(({ List }) => List.items ?? []);
  const width = lists[0]?.length ?? 0;
  for (const list of lists)
    if (list.length !== width)
      throw new SqlError(
        'syntaxError',
        `VALUES lists must all be the same length, expected ${width} columns, found ${list.length}`,
      );
  const all = targets(table, named, width);
  // A column that is DEFAULT everywhere is as good as not named.
  const given = all.map((_, i) => !lists.every((list) => isDefault(list[i])));
  const columns = all.filter((_, i) => given[i]);
  const cells = new CellCollector(write, names);
  const rows = lists.map((list, row) => {
    const values: Repr[] = [];
    for (const [i, node] of list.entries()) {
      const column = all[i];
      if (column !== undefined && given[i])
        values.push(cells.add(node, column, row, values.length));
    }
    return values;
  });
  return { source: cells.finish(rows), columns };
}

const isDefault = (node: PgNode | undefined): boolean =>
  node !== undefined && 'SetToDefault' in node;

/** Constants are values at once; parameters are filled in when the statement runs; the rest is computed by programs. */
class CellCollector {
  private readonly write: WriteBinder;
  private readonly names: SourceNames;
  private readonly scope: Scope;
  private readonly fills: CellFill[] = [];
  private readonly programs: CellProgram[] = [];
  private exprs: Expr[] = [];
  private cells: (readonly [number, number])[] = [];

  constructor(write: WriteBinder, names: SourceNames) {
    this.write = write;
    this.names = names;
    this.scope = withoutAggregates(makeScope([], { ctes: names.ctes }), 'VALUES');
  }

  private expr(node: PgNode, info: ColumnInfo): Expr {
    const { binder } = this.write;
    // Nearly all cells of a long list.
    if ('A_Const' in node) {
      checkWritable(info);
      return assignable(binder, bindConstant(node.A_Const), info);
    }
    return cellOf(this.write, node, info, (inner) => binder.bindExpr(inner, this.scope));
  }

  add(node: PgNode, info: ColumnInfo, row: number, column: number): Repr {
    if (!isDefault(node)) checkNotIdentity(info, 'insert');
    const expr = this.expr(node, info);
    if (expr.kind === 'const' && expr.lifted === undefined) return expr.value;
    const slot = slotOf(expr);
    if (slot !== undefined) this.fills.push({ row, column, slot });
    else {
      this.exprs.push(expr);
      this.cells.push([row, column]);
      if (this.exprs.length === CELLS_PER_PROGRAM) this.flush();
    }
    return null;
  }

  private flush(): void {
    if (this.exprs.length === 0) return;
    const program = addProgram(this.write, selectOf(this.exprs, { ctes: this.names.definitions }));
    this.programs.push({ program, cells: this.cells });
    this.exprs = [];
    this.cells = [];
  }

  finish(rows: readonly (readonly Repr[])[]): BoundInsertSource {
    this.flush();
    return { kind: 'cells', rows, fills: this.fills, programs: this.programs };
  }
}

function slotOf(expr: Expr): ParameterSlot | undefined {
  if (expr.kind === 'param') return { kind: 'param', index: expr.index };
  if (expr.kind === 'const') return expr.lifted && { kind: 'param', index: expr.lifted.parameter };
  return expr.kind === 'context' ? { kind: 'context', name: expr.name } : undefined;
}

function bindQuerySource(
  write: WriteBinder,
  table: TableInfo,
  named: readonly ColumnInfo[] | undefined,
  statement: SelectStmt,
  names: SourceNames,
): BoundSource {
  const { binder } = write;
  const hinted = withHints(statement, named ?? table.columns.filter((column) => !column.hidden));
  const query = binder.bindQuery(hinted, undefined, names.ctes);
  const columns = targets(table, named, query.outputs.length);
  for (const column of columns) {
    checkWritable(column);
    checkNotIdentity(column, 'insert');
  }
  const source = newAlias(binder);
  const exprs = query.outputs.map((output, i): Expr => {
    const expr = outputColumn(source, output, i);
    const column = columns[i];
    return column === undefined ? expr : assignable(binder, expr, column);
  });
  const from = [{ kind: 'subquery' as const, source, query }];
  const program = addProgram(write, selectOf(exprs, { from, ctes: names.definitions }));
  return { source: { kind: 'query', program }, columns };
}

/** Constants and parameters of a select list take the types of the columns that they go to. */
function withHints(statement: SelectStmt, columns: readonly ColumnInfo[]): SelectStmt {
  if (statement.targetList === undefined) return statement;
  const targetList = statement.targetList.map(({ ResTarget: target }, i) => ({
    ResTarget: hinted(target, columns[i]),
  }));
  return { ...statement, targetList };
}

function hinted(target: ResTarget, column: ColumnInfo | undefined): ResTarget {
  const { val } = target;
  if (val === undefined || column === undefined) return target;
  return { ...target, val: hintedNode(val, column.type) };
}

function hintedNode(node: PgNode, type: SqlType): PgNode {
  const wanted = asWanted(node, type);
  if (wanted !== node) return wanted;
  const { element } = type;
  const isArray = 'A_ArrayExpr' in node && element !== undefined;
  const elements = isArray ? (node.A_ArrayExpr.elements ?? []) : [];
  if (isArray && elements.length > 0) {
    const hintedElements = elements.map((each) => hintedNode(each, element));
    return { A_ArrayExpr: { ...node.A_ArrayExpr, elements: hintedElements } };
  }
  if (!isArray && !isFree(node, type)) return node;
  const typeName = typeNameNode(type);
  return typeName === undefined ? node : { TypeCast: { arg: node, typeName, location: 0 } };
}

const FRACTIONS = new Set(['decimal', 'float']);

/** Whole numbers stay what they are: a cast would round others. */
function isFree(node: PgNode, type: SqlType): boolean {
  if ('ParamRef' in node) return true;
  if (!('A_Const' in node)) return false;
  const { sval, ival, fval } = node.A_Const;
  return sval !== undefined || (FRACTIONS.has(type.family) && (ival ?? fval) !== undefined);
}

/** The type as PostgreSQL's tree spells it, without its width. */
function typeNameNode(type: SqlType): TypeName | undefined {
  if (type.family === 'array') {
    const element = type.element === undefined ? undefined : typeNameNode(type.element);
    return element && { ...element, arrayBounds: [{ Integer: { ival: -1 } }] };
  }
  if (type.family === 'enum') return { names: [], oidReference: type.oid };
  const row = typeRow(type);
  if (row === undefined || type.family === 'collatedstring') return undefined;
  return { names: [{ String: { sval: row.typname } }] };
}
