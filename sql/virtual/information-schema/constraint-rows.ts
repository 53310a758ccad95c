import type { ColumnInfo } from '../../../catalog/table-info';
import { type ConstraintObject, columnName, type RelationObject } from '../catalog-objects';
import type { SystemContext } from '../system-table';

/** Constraints as information_schema counts them: NOT NULL is one, too. */

export interface NamedConstraint {
  readonly relation: RelationObject;
  readonly name: string;
  readonly type: 'PRIMARY KEY' | 'UNIQUE' | 'CHECK' | 'FOREIGN KEY';
  readonly columns: readonly string[];
  /** Of checks. */
  readonly clause: string | undefined;
  readonly constraint: ConstraintObject | undefined;
}

const TYPES = { p: 'PRIMARY KEY', u: 'UNIQUE', c: 'CHECK', f: 'FOREIGN KEY' } as const;

export function* namedConstraints({ objects }: SystemContext): Iterable<NamedConstraint> {
  for (const constraint of objects.constraints()) {
    const { relation, name, kind, columnIds, expression } = constraint;
    yield {
      relation,
      name,
      type: TYPES[kind],
      columns: columnIds.map((id) => columnName(relation.table, id)),
      clause: expression,
      constraint,
    };
  }
  for (const relation of objects.relations) {
    if (relation.info.kind === 'sequence') yield sequenceKey(relation);
    for (const [i, column] of relation.info.columns.entries())
      if (!column.nullable) yield notNull(relation, column, i + 1);
  }
}

function sequenceKey(relation: RelationObject): NamedConstraint {
  const columns = relation.info.columns.map((column) => column.name);
  const about = { name: 'primary', type: 'PRIMARY KEY', clause: undefined } as const;
  return { relation, columns, constraint: undefined, ...about };
}

/** @param position of the column among the public ones, from 1: not its id */
function notNull(relation: RelationObject, column: ColumnInfo, position: number): NamedConstraint {
  return {
    relation,
    name: `${relation.namespace.oid}_${relation.oid}_${position}_not_null`,
    type: 'CHECK',
    columns: [column.name],
    clause: `${column.name} IS NOT NULL`,
    constraint: undefined,
  };
}
