import { SqlError } from '../../base/errors';
import { arrayToRepr } from '../../catalog/types/array';
import { smallDecimal, smallDecimalExponent } from '../../catalog/types/decimal';
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
import { type BitOperation, combineBits } from './bit-strings';
import { compileComparator } from './compare-values';
import { addIntervals, multiplyInterval, negateInterval } from './datetime-math';
import {
  add,
  type Dec,
  decFromRepr,
  decToRepr,
  divide,
  finite,
  fromInt,
  subtract,
} from './decimal-math';
import type { AggregateBody, AggregateModifiers, AggregateRow, ReturnSpec } from './function-row';
import { jsonAggregates } from './json';
import { orderedSets } from './ordered-sets';
import { sameAs } from './rows';
import { statistics } from './statistics';

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
  /** Undefined before the first value, whose scale the sum takes over. */
  total: Dec | undefined;
  count: bigint;
  /** Not yet part of `total`: ± what the latest values come to, in units of 10^`smallExponent`; exact. */
  small: number;
  smallCount: number;
  smallExponent: number;
}

const newSum = (): Sum => ({
  total: undefined,
  count: 0n,
  small: 0,
  smallCount: 0,
  smallExponent: 0,
});

/** Brings the small values into the total. */
function settle(sum: Sum): Sum {
  if (sum.smallCount === 0) return sum;
  const next = finite(BigInt(sum.small), sum.smallExponent);
  sum.total = sum.total === undefined ? next : add(sum.total, next);
  sum.count += BigInt(sum.smallCount);
  sum.small = 0;
  sum.smallCount = 0;
  return sum;
}

/** Beyond this a sum might not be exact: a small value has 15 digits at most. */
const SMALL_MAX = 2 ** 53 - 10 ** 15;

const totalOf = (sum: Sum): Dec => settle(sum).total ?? fromInt(0n);

/** A value that leaves a window is subtracted, as CockroachDB does: the sum keeps its scale. */
function decimalSum(result: (sum: Sum) => Dec): () => AggregateBody<Sum> {
  return () => ({
    start: newSum,
    step: (sum, value) => {
      const small = smallDecimal(value as string);
      if (small !== undefined) {
        const exponent = smallDecimalExponent(value as string);
        if (exponent !== sum.smallExponent) {
          settle(sum);
          sum.smallExponent = exponent;
        }
        sum.small += small;
        sum.smallCount++;
        return Math.abs(sum.small) > SMALL_MAX ? settle(sum) : sum;
      }
      settle(sum);
      const next = decFromRepr(value as string);
      sum.total = sum.total === undefined ? next : add(sum.total, next);
      sum.count++;
      return sum;
    },
    inverse: (sum, value) => {
      sum.total = subtract(totalOf(sum), decFromRepr(value as string));
      sum.count--;
      return sum;
    },
    result: (sum) => (settle(sum).count === 0n ? null : decToRepr(result(sum))),
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
    inverse: (sum, value) => {
      sum.total -= floatFromRepr(value);
      sum.count--;
      return sum;
    },
    result: (sum) => (sum.count === 0 ? null : floatToRepr(result(sum))),
  });
}

interface IntervalSum {
  total: IntervalValue;
  count: number;
}

function intervalSum(
  result: (sum: IntervalSum) => IntervalValue,
): () => AggregateBody<IntervalSum> {
  return () => ({
    start: () => ({ total: { months: 0, days: 0, micros: 0n }, count: 0 }),
    step: (sum, value) => {
      sum.total = addIntervals(sum.total, intervalFromRepr(value as string));
      sum.count++;
      return sum;
    },
    inverse: (sum, value) => {
      sum.total = addIntervals(sum.total, negateInterval(intervalFromRepr(value as string)));
      sum.count--;
      return sum;
    },
    result: (sum) => (sum.count === 0 ? null : intervalToRepr(result(sum))),
  });
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

const bitStrings = (operation: BitOperation) => (): AggregateBody<{ value: string | null }> => ({
  start: () => ({ value: null }),
  step: (state, value) => {
    const next = value as string;
    state.value = state.value === null ? next : combineBits(operation, state.value, next);
    return state;
  },
  result: (state) => state.value,
});

/** Extremes of values that compare by a key: SQLite's own would give the key. */
function keyedExtreme(sign: 1 | -1): (args: readonly SqlType[]) => AggregateBody<{ best: Repr }> {
  return ([type]) => {
    const compare = compileComparator(type ?? UNKNOWN);
    return {
      start: () => ({ best: null }),
      step: (state, value) => {
        if (state.best === null || compare(value, state.best) * sign > 0) state.best = value;
        return state;
      },
      result: (state) => state.best,
    };
  };
}

function xorBytes(): AggregateBody<{ value: Uint8Array | null }> {
  return {
    start: () => ({ value: null }),
    step: (state, value) => {
      const next = value as Uint8Array;
      const old = state.value;
      if (old !== null && old.length !== next.length)
        throw new SqlError(
          'invalidParameterValue',
          `arguments to xor must all be the same length ${old.length} vs ${next.length}`,
        );
      state.value = next.map((byte, i) => byte ^ (old?.[i] ?? 0));
      return state;
    },
    result: (state) => state.value,
  };
}

export const aggregates: readonly AggregateRow[] = [
  { ...native('count_rows', [], INT8, (_, m) => `count(*)${m.filter}`), skipsNull: false },
  native('count', ['any'], INT8, simple('count')),
  native('min', ['any'], sameAs(0), simple('min')),
  native('max', ['any'], sameAs(0), simple('max')),
  native('sum', ['int'], DECIMAL, wideSum),
  stepping('sum', ['decimal'], DECIMAL, decimalSum(totalOf)),
  stepping(
    'sum',
    ['float'],
    FLOAT8,
    floatSum((sum) => sum.total),
  ),
  stepping(
    'sum',
    ['interval'],
    INTERVAL,
    intervalSum((sum) => sum.total),
  ),
  stepping(
    'avg',
    ['interval'],
    INTERVAL,
    intervalSum((sum) => multiplyInterval(sum.total, 1 / sum.count)),
  ),
  native('sum_int', ['int'], INT8, simple('sum')),
  native('avg', ['int'], DECIMAL, wideAverage),
  stepping(
    'avg',
    ['decimal'],
    DECIMAL,
    decimalSum((sum) => divide(totalOf(sum), fromInt(sum.count))),
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
  stepping('bit_and', ['bit'], sameAs(0), bitStrings('AND')),
  stepping('bit_or', ['bit'], sameAs(0), bitStrings('OR')),
  stepping(
    'xor_agg',
    ['int'],
    INT8,
    bits((a, b) => a ^ b),
  ),
  stepping('xor_agg', ['bytes'], BYTES, xorBytes),
  stepping('min_by_key', ['any'], sameAs(0), keyedExtreme(-1)),
  stepping('max_by_key', ['any'], sameAs(0), keyedExtreme(1)),
  ...statistics,
  ...orderedSets,
  stepping('string_agg', ['string', 'string'], STRING, joinText),
  stepping('string_agg', ['bytes', 'bytes'], BYTES, joinBytes),
  stepping('concat_agg', ['string'], STRING, joinText),
  stepping('concat_agg', ['bytes'], BYTES, joinBytes),
  ...jsonAggregates,
  stepping('array_agg', ['any'], ([type]) => arrayOf(type ?? UNKNOWN), collect, false),
];
