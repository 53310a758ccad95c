import { SqlError } from '../../../base/errors';
import { quoteLiteral } from '../../../catalog/identifiers';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import type { InboundPlan, OutboundPlan, TablePlan, UniquePlan } from '../../bind/write/plan';
import { castTextEncoder } from '../../builtins/repr';

/** What breaks a constraint, in CockroachDB's words. */

const BARE = new Set(['int', 'float', 'decimal', 'bool', 'oid']);

/** A value as details of errors show it: `1`, `'x'`, `NULL`. */
function shown(value: Repr, type: SqlType): string {
  if (value === null) return 'NULL';
  const text = castTextEncoder(type, {})(value);
  return BARE.has(type.family) ? text : quoteLiteral(text);
}

function key(table: TablePlan, positions: readonly number[], row: readonly Repr[]): string {
  return positions
    .map((position) => {
      const column = table.columns[position];
      return column === undefined ? '…' : shown(row[position] ?? null, column.type);
    })
    .join(', ');
}

export function notNullViolation(column: string): SqlError {
  return new SqlError(
    'notNullViolation',
    `null value in column "${column}" violates not-null constraint`,
  );
}

export function checkViolation(check: TablePlan['checks'][number]): SqlError {
  return new SqlError('checkViolation', `failed to satisfy CHECK constraint (${check.shown})`, {
    constraint: check.name,
  });
}

export function uniqueViolation(
  table: TablePlan,
  unique: UniquePlan,
  row: readonly Repr[],
): SqlError {
  const columns = unique.columns.join(', ');
  return new SqlError(
    'uniqueViolation',
    `duplicate key value violates unique constraint "${unique.name}"`,
    {
      detail: `Key (${columns})=(${key(table, unique.positions, row)}) already exists.`,
      constraint: unique.name,
    },
  );
}

export type WriteVerb = 'insert' | 'upsert' | 'update' | 'delete';

export function missingReference(
  verb: WriteVerb,
  table: TablePlan,
  plan: OutboundPlan,
  row: readonly Repr[],
): SqlError {
  const message = `${verb} on table "${table.name}" violates foreign key constraint "${plan.name}"`;
  const mixed = plan.positions.some((position) => row[position] === null);
  const detail = mixed
    ? 'MATCH FULL does not allow mixing of null and nonnull key values.'
    : `Key (${plan.columns.join(', ')})=(${key(table, plan.positions, row)}) is not present in table "${plan.referencedTable}".`;
  return new SqlError('foreignKeyViolation', message, { detail, constraint: plan.name });
}

export function stillReferenced(
  verb: 'update' | 'delete',
  table: TablePlan,
  plan: InboundPlan,
  row: readonly Repr[],
): SqlError {
  const columns = plan.columns.join(', ');
  return new SqlError(
    'foreignKeyViolation',
    `${verb} on table "${table.name}" violates foreign key constraint "${plan.name}" on table "${plan.childTable}"`,
    {
      detail: `Key (${columns})=(${key(table, plan.positions, row)}) is still referenced from table "${plan.childTable}".`,
      constraint: plan.name,
    },
  );
}

export function affectedTwice(): SqlError {
  return new SqlError(
    'cardinalityViolation',
    'UPSERT or INSERT...ON CONFLICT command cannot affect row a second time',
  );
}
