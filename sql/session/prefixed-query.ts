import type { Repr } from '../../catalog/types/sql-type';
import { prefixRange } from '../builtins/like-prefix';
import type { PreparedQuery } from './compile-query';

const prefixedForms = new WeakMap<PreparedQuery, PreparedQuery>();

/** The form of a query that fits the LIKE patterns among its parameters: an index is of use when all begin with a text. */
export function forPatterns(query: PreparedQuery, parameters: readonly Repr[]): PreparedQuery {
  const { prefixed } = query.compiled;
  if (prefixed === undefined) return query;
  for (const index of prefixed.patterns) {
    const pattern = parameters[index - 1];
    if (typeof pattern !== 'string' || prefixRange(pattern) === undefined) return query;
  }
  let form = prefixedForms.get(query);
  if (form === undefined) {
    const { prefixed: _, ...compiled } = query.compiled;
    form = { ...query, compiled: { ...compiled, sql: prefixed.sql } };
    prefixedForms.set(query, form);
  }
  return form;
}
