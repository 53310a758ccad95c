import { sqliteColumnName } from '../../../catalog/build-table-info';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Statement } from '../../../storage/ranges/connection';
import { quoteName } from '../../../storage/ranges/physical-table';
import type { TableEncoding } from './table-encoding';
import type { RowExpressions } from './table-source';

/**
 * What of a table comes from a key on, in the order of its primary key, in steps each of which is one span of SQLite's tree: for a key
 * (a, b) `a = ? AND b > ?`, then `a > ?`. SQLite would not see that of `(a, b) > (?, ?)` where columns have different directions.
 */

export interface KeySteps {
  /** Without a key: all rows. */
  readonly all: Statement;
  /** From the row with the key on, what shares all but the last column of it. */
  readonly first: Statement;
  /** After that row: what shares most with the key comes first. */
  readonly after: readonly Statement[];
}

/** @param isIncluded the row with that key is wanted too */
export function stepsFrom(
  { all, first, after }: KeySteps,
  key: readonly Repr[] | undefined,
  isIncluded: boolean,
): readonly Statement[] {
  if (key === undefined) return [all];
  return isIncluded ? [first, ...after.slice(1)] : after;
}

/** @param table SQLite's name of it @param prepare takes all of a statement from FROM to ORDER BY */
export function keySteps(
  table: string,
  { rows: { primaryKey } }: TableEncoding,
  { alias, condition }: Pick<RowExpressions, 'alias' | 'condition'>,
  prepare: (rest: string) => Statement,
): KeySteps {
  const keys = primaryKey.map(({ columnId, descending }, i) => ({
    name: `${alias}.${quoteName(sqliteColumnName(columnId))}`,
    parameter: `@k${i + 1}`,
    descending,
  }));
  const order = keys.map(({ name, descending }) => `${name}${descending ? ' DESC' : ''}`);
  const text = (conditions: readonly string[]): string => {
    const all = condition === undefined ? conditions : [...conditions, `(${condition})`];
    const where = all.length === 0 ? '' : ` WHERE ${all.join(' AND ')}`;
    return `FROM ${quoteName(table)} AS ${alias}${where} ORDER BY ${order.join(', ')}`;
  };
  const step = (count: number, isIncluded: boolean): Statement =>
    prepare(
      text(
        keys.slice(0, count).map(({ name, parameter, descending }, i) => {
          const comparison = `${descending ? '<' : '>'}${isIncluded ? '=' : ''}`;
          return `${name} ${i < count - 1 ? '=' : comparison} ${parameter}`;
        }),
      ),
    );
  const counts = keys.map((_, i) => keys.length - i);
  return {
    all: step(0, false),
    first: step(keys.length, true),
    after: counts.map((count) => step(count, false)),
  };
}

/** The key as the steps' parameters. */
export function bindKey(key: readonly Repr[] | undefined): Record<string, Repr> {
  return Object.fromEntries((key ?? []).map((value, i) => [`k${i + 1}`, value]));
}

/** Of the rows with keys from one on, and before another. */
export interface KeyRange {
  readonly from?: readonly Repr[] | undefined;
  readonly until?: readonly Repr[] | undefined;
}

/** Rows whose keys lie in a range, as a condition, where SQLite reads all rows anyway; undefined: all do. */
export function keyRangeSql(
  { rows: { primaryKey } }: TableEncoding,
  alias: string,
  { from, until }: KeyRange,
): { readonly condition: string; readonly parameters: Record<string, Repr> } | undefined {
  const keys = primaryKey.map(({ columnId, descending }) => ({
    name: `${alias}.${quoteName(sqliteColumnName(columnId))}`,
    descending,
  }));
  const reaches = (prefix: string): string =>
    keys.reduceRight((rest, { name, descending }, i) => {
      const parameter = `@${prefix}${i + 1}`;
      return `(${name} ${descending ? '<' : '>'} ${parameter} OR (${name} = ${parameter} AND ${rest}))`;
    }, '1');
  const conditions: string[] = [];
  if (from !== undefined) conditions.push(reaches('from'));
  if (until !== undefined) conditions.push(`NOT ${reaches('until')}`);
  if (conditions.length === 0) return undefined;
  const named = (prefix: string, key: readonly Repr[] = []): [string, Repr][] =>
    key.map((value, i) => [`${prefix}${i + 1}`, value]);
  return {
    condition: conditions.join(' AND '),
    parameters: Object.fromEntries([...named('from', from), ...named('until', until)]),
  };
}
