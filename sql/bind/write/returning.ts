import { SqlError } from '../../../base/errors';
import type { TableInfo } from '../../../catalog/table-info';
import type { ResultColumn } from '../../engine';
import type { ReturningClause } from '../../parse/pg-tree';
import { bindTarget } from '../bind-select-core';
import { makeScope, type ScopeColumn, withoutAggregates } from '../scope';
import { selectOf } from '../select-of';
import { inputColumns, inputPosition, storedColumns } from './inputs';
import type { SourceNames } from './insert-source';
import type { ReturningPlan } from './plan';
import { addProgram, type WriteBinder } from './write-binder';

export interface BoundReturning {
  readonly returning: ReturningPlan | undefined;
  readonly columns: readonly ResultColumn[] | null;
}

/** RETURNING: expressions over the written row and, if there are any, columns of the statement's other tables. */
export function bindReturning(
  write: WriteBinder,
  clause: ReturningClause | undefined,
  table: TableInfo,
  name: string,
  names: SourceNames,
  others: readonly ScopeColumn[] = [],
): BoundReturning {
  if (clause?.exprs === undefined) return { returning: undefined, columns: null };
  const own = inputColumns(write.binder, table, 'v', name);
  const base = makeScope([...own, ...others], names);
  const scope = withoutAggregates(base, 'RETURNING');
  const targets = clause.exprs.flatMap(({ ResTarget }) =>
    bindTarget(write.binder, ResTarget, scope),
  );
  if (targets.length === 0) throw new SqlError('syntaxError', 'RETURNING needs expressions');
  const stored = storedColumns(table);
  const positions = targets.map(({ expr }) => inputPosition(expr, 'v'));
  const columns = targets.map((target, i): ResultColumn => {
    const column = stored[positions[i] ?? -1];
    return {
      name: target.name,
      type: target.expr.type,
      tableId: column === undefined ? 0 : table.id,
      columnId: column?.id ?? 0,
    };
  });
  const direct = positions.flatMap((position) => position ?? []);
  if (direct.length === targets.length)
    return { returning: { direct, program: undefined }, columns };
  const program = addProgram(
    write,
    selectOf(
      targets.map(({ expr }) => expr),
      { ctes: names.definitions },
    ),
  );
  return { returning: { direct: undefined, program }, columns };
}
