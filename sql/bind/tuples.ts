import { notSupported, SqlError } from '../../base/errors';
import { INT8 } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { MAKE_TUPLE, TUPLE_FIELD } from '../builtins/tuples';
import { type Binder, settle } from './binder';
import { call } from './calls';
import { type Bound, constant, isUntyped } from './untyped';

/** Row values: `(1, 'a')`, `((1, 2) AS a, b)`, a table's name, calls that give several columns. */

/** The fields of a row value; undefined for what is none. */
export function fieldsOf(bound: Bound): readonly Bound[] | undefined {
  if (bound.kind === 'tuple') return bound.items;
  if (isUntyped(bound) || bound.type.family !== 'tuple') return undefined;
  if (bound.kind === 'call' && bound.fn === MAKE_TUPLE) return bound.args;
  return (bound.type.fields ?? []).map((type, i) =>
    call(TUPLE_FIELD, type, [bound, constant(INT8, BigInt(i + 1))]),
  );
}

/** The names of the fields: labels, else `column1` … */
export function labelsOf(bound: Bound, count: number): string[] {
  const labels = bound.kind === 'tuple' ? bound.labels : isUntyped(bound) ? [] : bound.type.labels;
  return Array.from({ length: count }, (_, i) => labels?.[i] ?? `column${i + 1}`);
}

/** `(row).name`. @throws SqlError datatypeMismatch (42804) when there is no such field */
export function fieldOf(binder: Binder, bound: Bound, name: string): Bound {
  const fields = fieldsOf(bound);
  const labels = bound.kind === 'tuple' ? bound.labels : isUntyped(bound) ? [] : bound.type.labels;
  const found = fields?.[(labels ?? []).indexOf(name)];
  if (found !== undefined) return found;
  if (fields === undefined && !isUntyped(bound) && bound.type.family === 'json')
    throw notSupported('access to a field of JSONB by a dot');
  const type = messageTypeName(settle(binder, bound).type);
  throw new SqlError('datatypeMismatch', `could not identify column "${name}" in ${type}`);
}
