import type { SelectStmt, SubLink } from '../parse/pg-tree';
import { type Binder, newAlias, settle } from './binder';
import type { Expr, Query, Source } from './expr';
import { outputColumn } from './expr';
import { names } from './pg-access';
import type { Scope } from './scope';
import { selectOf } from './select-of';

/** Subqueries that give rows. */

/** `(SELECT a, b)` beside a row: a row of its columns; undefined when there is only one. */
export function bindRowSubquery(binder: Binder, node: SubLink, scope: Scope): Expr | undefined {
  const { subLinkType, subselect } = node;
  if (subLinkType !== 'EXPR_SUBLINK' || !('SelectStmt' in subselect)) return undefined;
  if (subselect.SelectStmt.targetList?.length === 1 && !isStarTarget(subselect.SelectStmt))
    return undefined;
  const query = binder.bindQuery(subselect.SelectStmt, scope, scope.ctes);
  if (query.outputs.length < 2) return undefined;
  const source = newAlias(binder);
  const items = query.outputs.map((output, i) => outputColumn(source, output, i));
  const value = settle(binder, { kind: 'tuple', items });
  const { type } = value;
  const row = oneRow(query, source, value);
  return { kind: 'subquery', type, form: 'scalar', left: undefined, query: row };
}

const isStarTarget = ({ targetList }: SelectStmt): boolean => {
  const val = targetList?.[0]?.ResTarget.val;
  return val !== undefined && 'ColumnRef' in val && names(val.ColumnRef.fields).at(-1) === '*';
};

/** `SELECT value FROM (query)`. */
function oneRow(query: Query, source: Source, value: Expr): Query {
  const outputs = [{ name: 'row', type: value.type, tableId: 0, columnId: 0 }];
  return selectOf([value], { outputs, from: [{ kind: 'subquery', source, query }] });
}
