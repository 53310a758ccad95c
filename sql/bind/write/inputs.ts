import type { ColumnInfo, TableInfo } from '../../../catalog/table-info';
import type { SqlType } from '../../../catalog/types/sql-type';
import type { FunctionRow } from '../../builtins/function-row';
import { native } from '../../builtins/rows';
import { columnNameOf } from '../bind-from';
import type { Binder } from '../binder';
import { call } from '../calls';
import { computedExpr } from '../computed-columns';
import type { Expr } from '../expr';
import type { ScopeColumn } from '../scope';

/** A row of values that a program is given each time it runs, as columns that expressions may name. */

export type InputPrefix = 'v' | 'e' | 'x';

const rows = new Map<string, FunctionRow>();

/** The value of `:v1` … as an expression; the same object for the same input, so that equal expressions are told. */
export function inputExpr(prefix: InputPrefix, position: number, type: SqlType): Expr {
  const name = `${prefix}${position + 1}`;
  let row = rows.get(name);
  if (row === undefined) {
    row = native(`input ${name}`, [], type, () => `:${name}`);
    rows.set(name, row);
  }
  return call(row, type, []);
}

/** Columns that have a place in a row. */
export function storedColumns(table: TableInfo): ColumnInfo[] {
  return table.columns.filter((column) => !column.virtual);
}

/** Position of the input that an expression is, with nothing done to it. */
export function inputPosition(expr: Expr, prefix: InputPrefix): number | undefined {
  if (expr.kind !== 'call' || expr.args.length > 0) return undefined;
  const found = /^input ([vex])(\d+)$/.exec(expr.fn.name);
  return found?.[1] === prefix ? Number(found[2]) - 1 : undefined;
}

/**
 * The columns of a table, read from a row of inputs. Computed columns are what their expressions say, stored or not, when
 * `recompute` is set; else only virtual ones are.
 */
export function inputColumns(
  binder: Binder,
  table: TableInfo,
  prefix: InputPrefix,
  name: string,
  recompute = false,
): ScopeColumn[] {
  const columns: ScopeColumn[] = [];
  let position = 0;
  for (const info of table.columns) {
    const at = info.virtual ? -1 : position++;
    const computed = info.virtual || (recompute && info.computeExpr !== undefined);
    const input = inputExpr(prefix, at, info.type);
    columns.push({
      name: columnNameOf(info),
      table: name,
      qualifiers: name === table.name ? [table.databaseName, table.schemaName] : [],
      type: info.type,
      hidden: info.hidden,
      merged: false,
      expr: computed ? computedExpr(binder, info, columns) : () => input,
    });
  }
  return columns;
}
