import { arrayToRepr } from '../../catalog/types/array';
import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import { type IntervalValue, intervalFromRepr, intervalToRepr } from '../../catalog/types/interval';
import type { Repr, SqlType, TypeFamily } from '../../catalog/types/sql-type';
import {
  arrayOf,
  BOOL,
  BYTES,
  DECIMAL,
  FLOAT8,
  INT8,
  INTERVAL,
  STRING,
  UNKNOWN,
} from '../../catalog/types/table';
import { add, type Dec, decFromRepr, decToRepr, divide, fromInt } from './decimal-math';
import type { AggregateBody, AggregateModifiers, AggregateRow, ReturnSpec } from './function-row';
import { jsonAggregates } from './json';
import { sameAs } from './rows';

/** Aggregates. Those that SQLite has with the same meaning are its own; the others step in JavaScript. */

type Render = (args: readonly string[], modifiers: AggregateModifiers) => string;

function native(
  name: string,
  args: readonly (TypeFamily | 'element')[],
  returns: ReturnSpec,
  render: Render,
): AggregateRow {
  return { name, args, returns, skipsNull: true, implementation: { kind: 'sql', render } };
}

function stepping<State>(
  name: string,
  args: readonly (TypeFamily | 'element')[],
  returns: ReturnSpec,
  make: (args: readonly SqlType[], returns: SqlType) => AggregateBody<State>,
  skipsNull = true,
): AggregateRow {
  const erased = make as unknown as (
    args: readonly SqlType[],
    returns: SqlType,
  ) => AggregateBody<unknown>;
  return { name, args, returns, skipsNull, implementation: { kind: 'udf', make: erased } };
}

const simple =
  (fn: string): Render =>
  ([a], m) =>
    `${fn}(${m.distinct}${a})${m.filter}`;

/**
 * Exact beyond 64 bits with SQLite's own sums: the high and the low halves are summed apart. A sum of 32-bit halves
 * overflows only after 2^31 rows, and then SQLite says so.
 */
const wideSum: Render = ([a], m) =>
  m.distinct === ''
    ? `i_join(sum(${a} >> 32)${m.filter}, sum(${a} & 4294967295)${m.filter})`
    : `i_sum(DISTINCT ${a})${m.filter}`;

const wideAverage: Render = ([a], m) =>
  m.distinct === ''
    ? `i_average(sum(${a} >> 32)${m.filter}, sum(${a} & 4294967295)${m.filter}, count(${a})${m.filter})`
    : `i_avg(DISTINCT ${a})${m.filter}`;

interface Sum {
  total: Dec;
  count: bigint;
}

function decimalSum(result: (sum: Sum) => Dec): () => AggregateBody<Sum> {
  return () => ({
    start: () => ({ total: fromInt(0n), count: 0n }),
    step: (sum, value) => {
      sum.total =
        sum.count === 0n
          ? decFromRepr(value as string)
          : add(sum.total, decFromRepr(value as string));
      sum.count++;
      return sum;
    },
    result: (sum) => (sum.count === 0n ? null : decToRepr(result(sum))),
  });
}

interface FloatSum {
  total: number;
  count: number;
}

function floatSum(result: (sum: FloatSum) => number): () => AggregateBody<FloatSum> {
  return () => ({
    start: () => ({ total: 0, count: 0 }),
    step: (sum, value) => {
      sum.total += floatFromRepr(value);
      sum.count++;
      return sum;
    },
    result: (sum) => (sum.count === 0 ? null : floatToRepr(result(sum))),
  });
}

function intervalSum(): AggregateBody<{ total: IntervalValue; count: number }> {
  return {
    start: () => ({ total: { months: 0, days: 0, micros: 0n }, count: 0 }),
    step: (sum, value) => {
      const { months, days, micros } = intervalFromRepr(value as string);
      const { total } = sum;
      sum.total = {
        months: total.months + months,
        days: total.days + days,
        micros: total.micros + micros,
      };
      sum.count++;
      return sum;
    },
    result: (sum) => (sum.count === 0 ? null : intervalToRepr(sum.total)),
  };
}

interface Joined {
  parts: string[];
}

function joinText(): AggregateBody<Joined> {
  return {
    start: () => ({ parts: [] }),
    step: (state, value, between = '') => {
      if (state.parts.length > 0) state.parts.push(between === null ? '' : String(between));
      state.parts.push(String(value));
      return state;
    },
    result: (state) => (state.parts.length === 0 ? null : state.parts.join('')),
  };
}

function joinBytes(): AggregateBody<{ parts: Uint8Array[] }> {
  return {
    start: () => ({ parts: [] }),
    step: (state, value, between = null) => {
      if (state.parts.length > 0 && between !== null) state.parts.push(between as Uint8Array);
      state.parts.push(value as Uint8Array);
      return state;
    },
    result: (state) => (state.parts.length === 0 ? null : Buffer.concat(state.parts)),
  };
}

function collect(_: readonly SqlType[], returns: SqlType): AggregateBody<{ items: Repr[] }> {
  return {
    start: () => ({ items: [] }),
    step: (state, value) => {
      state.items.push(value);
      return state;
    },
    result: (state) => (state.items.length === 0 ? null : arrayToRepr(returns, state.items)),
  };
}

const bits =
  (fn: (a: bigint, b: bigint) => bigint) => (): AggregateBody<{ value: bigint | null }> => ({
    start: () => ({ value: null }),
    step: (state, value) => {
      state.value = state.value === null ? (value as bigint) : fn(state.value, value as bigint);
      return state;
    },
    result: (state) => state.value,
  });

export const aggregates: readonly AggregateRow[] = [
  { ...native('count_rows', [], INT8, (_, m) => `count(*)${m.filter}`), skipsNull: false },
  native('count', ['any'], INT8, simple('count')),
  native('min', ['any'], sameAs(0), simple('min')),
  native('max', ['any'], sameAs(0), simple('max')),
  native('sum', ['int'], DECIMAL, wideSum),
  stepping(
    'sum',
    ['decimal'],
    DECIMAL,
    decimalSum((sum) => sum.total),
  ),
  stepping(
    'sum',
    ['float'],
    FLOAT8,
    floatSum((sum) => sum.total),
  ),
  stepping('sum', ['interval'], INTERVAL, intervalSum),
  native('sum_int', ['int'], INT8, simple('sum')),
  native('avg', ['int'], DECIMAL, wideAverage),
  stepping(
    'avg',
    ['decimal'],
    DECIMAL,
    decimalSum((sum) => divide(sum.total, fromInt(sum.count))),
  ),
  stepping(
    'avg',
    ['float'],
    FLOAT8,
    floatSum((sum) => sum.total / sum.count),
  ),
  native('bool_and', ['bool'], BOOL, simple('min')),
  native('every', ['bool'], BOOL, simple('min')),
  native('bool_or', ['bool'], BOOL, simple('max')),
  stepping(
    'bit_and',
    ['int'],
    INT8,
    bits((a, b) => a & b),
  ),
  stepping(
    'bit_or',
    ['int'],
    INT8,
    bits((a, b) => a | b),
  ),
  stepping(
    'xor_agg',
    ['int'],
    INT8,
    bits((a, b) => a ^ b),
  ),
  stepping('string_agg', ['string', 'string'], STRING, joinText),
  stepping('string_agg', ['bytes', 'bytes'], BYTES, joinBytes),
  stepping('concat_agg', ['string'], STRING, joinText),
  stepping('concat_agg', ['bytes'], BYTES, joinBytes),
  ...jsonAggregates,
  stepping('array_agg', ['any'], ([type]) => arrayOf(type ?? UNKNOWN), collect, false),
];
