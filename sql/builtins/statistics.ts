import { floatFromRepr, floatToRepr } from '../../catalog/types/float';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { DECIMAL, FLOAT8, INT8 } from '../../catalog/types/table';
import { decimalSqrt } from './decimal-functions';
import {
  add,
  type Dec,
  decFromRepr,
  decToRepr,
  divide,
  fromInt,
  multiply,
  subtract,
  toNumber,
} from './decimal-math';
import type { AggregateBody, AggregateRow } from './function-row';

/** Variance, deviation, correlation, regression. */

type Make<State> = (args: readonly SqlType[]) => AggregateBody<State>;

function row<State>(
  name: string,
  args: AggregateRow['args'],
  returns: SqlType,
  make: Make<State>,
): AggregateRow {
  const erased = make as unknown as (args: readonly SqlType[]) => AggregateBody<unknown>;
  return { name, args, returns, skipsNull: true, implementation: { kind: 'udf', make: erased } };
}

/** What divides the squared differences: `count - correction`; and whether a root is taken of that. */
interface Spread {
  readonly correction: 0 | 1;
  readonly root: boolean;
  /** The squared differences themselves are asked for. */
  readonly undivided?: true;
}

interface Squares {
  count: bigint;
  sum: Dec;
  squares: Dec;
}

/** Trailing zeros would tell in which order the values came. */
function reduced(value: Dec): Dec {
  let { coefficient, exponent } = value;
  if (value.special !== 0) return value;
  if (coefficient === 0n) return fromInt(0n);
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return { ...value, coefficient, exponent };
}

/** Sums are exact, and so is the sum of squared differences until it is divided. */
function exactSpread(spread: Spread, read: (value: Repr) => Dec): Make<Squares> {
  return () => ({
    start: () => ({ count: 0n, sum: fromInt(0n), squares: fromInt(0n) }),
    step: (state, value) => {
      const next = read(value);
      state.count++;
      state.sum = add(state.sum, next);
      state.squares = add(state.squares, multiply(next, next));
      return state;
    },
    result: ({ count, sum, squares }) => {
      const divisor = count - BigInt(spread.correction);
      if (count === 0n || divisor === 0n) return null;
      const differences = subtract(multiply(squares, fromInt(count)), multiply(sum, sum));
      const divided = spread.undivided ? count : count * divisor;
      const variance = reduced(divide(differences, fromInt(divided)));
      return decToRepr(spread.root ? decimalSqrt(variance) : variance);
    },
  });
}

interface Welford {
  count: number;
  mean: number;
  squares: number;
}

/** Welford's method, as CockroachDB: the last digits depend on it. */
function floatSpread(spread: Spread): Make<Welford> {
  return () => ({
    start: () => ({ count: 0, mean: 0, squares: 0 }),
    step: (state, value) => {
      const next = floatFromRepr(value);
      state.count++;
      const delta = next - state.mean;
      state.mean += delta / state.count;
      state.squares += delta * (next - state.mean);
      return state;
    },
    result: ({ count, squares }) => {
      const divisor = spread.undivided ? 1 : count - spread.correction;
      if (count === 0 || divisor === 0) return null;
      const variance = squares / divisor;
      return floatToRepr(spread.root ? Math.sqrt(variance) : variance);
    },
  });
}

function spreadRows(name: string, spread: Spread): AggregateRow[] {
  return [
    row(
      name,
      ['int'],
      DECIMAL,
      exactSpread(spread, (value) => fromInt(value as bigint)),
    ),
    row(
      name,
      ['decimal'],
      DECIMAL,
      exactSpread(spread, (value) => decFromRepr(value as string)),
    ),
    row(name, ['float'], FLOAT8, floatSpread(spread)),
  ];
}

/** Sums of two variables, by the method of Youngs and Cramer, which PostgreSQL and CockroachDB use. */
interface Pairs {
  n: number;
  sx: number;
  sxx: number;
  sy: number;
  syy: number;
  sxy: number;
}

type Result = (pairs: Pairs) => number | null;

const NUMERIC = ['int', 'float', 'decimal'] as const;

function reader(family: (typeof NUMERIC)[number]): (value: Repr) => number {
  if (family === 'int') return Number;
  return family === 'float' ? floatFromRepr : (value) => toNumber(decFromRepr(value as string));
}

function pairRow(
  name: string,
  returns: SqlType,
  families: readonly [(typeof NUMERIC)[number], (typeof NUMERIC)[number]],
  result: (pairs: Pairs) => Repr,
): AggregateRow {
  const readY = reader(families[0]);
  const readX = reader(families[1]);
  return row<Pairs>(name, families, returns, () => ({
    start: () => ({ n: 0, sx: 0, sxx: 0, sy: 0, syy: 0, sxy: 0 }),
    step: (state, first, second = null) => {
      if (second === null) return state;
      const x = readX(second);
      const y = readY(first);
      state.n++;
      state.sx += x;
      state.sy += y;
      if (state.n === 1) return state;
      const dx = x * state.n - state.sx;
      const dy = y * state.n - state.sy;
      const scale = 1 / (state.n * (state.n - 1));
      state.sxx += dx * dx * scale;
      state.syy += dy * dy * scale;
      state.sxy += dx * dy * scale;
      return state;
    },
    result,
  }));
}

function pairRows(name: string, result: Result): AggregateRow[] {
  const convert = (pairs: Pairs): Repr => {
    const value = result(pairs);
    return value === null ? null : floatToRepr(value);
  };
  return NUMERIC.flatMap((y) => NUMERIC.map((x) => pairRow(name, FLOAT8, [y, x], convert)));
}

const ofAny =
  (result: (pairs: Pairs) => number): Result =>
  (pairs) =>
    pairs.n === 0 ? null : result(pairs);

export const statistics: readonly AggregateRow[] = [
  ...['variance', 'var_samp'].flatMap((name) => spreadRows(name, { correction: 1, root: false })),
  ...spreadRows('sqrdiff', { correction: 0, root: false, undivided: true }),
  ...spreadRows('var_pop', { correction: 0, root: false }),
  ...['stddev', 'stddev_samp'].flatMap((name) => spreadRows(name, { correction: 1, root: true })),
  ...spreadRows('stddev_pop', { correction: 0, root: true }),
  ...pairRows('corr', (p) => {
    if (p.n === 0 || p.sxx === 0 || p.syy === 0) return null;
    return p.sxy / Math.sqrt(p.sxx * p.syy);
  }),
  ...pairRows(
    'covar_pop',
    ofAny((p) => p.sxy / p.n),
  ),
  ...pairRows('covar_samp', (p) => (p.n < 2 ? null : p.sxy / (p.n - 1))),
  ...pairRows(
    'regr_avgx',
    ofAny((p) => p.sx / p.n),
  ),
  ...pairRows(
    'regr_avgy',
    ofAny((p) => p.sy / p.n),
  ),
  ...NUMERIC.flatMap((y) =>
    NUMERIC.map((x) => pairRow('regr_count', INT8, [y, x], (p) => BigInt(p.n))),
  ),
  ...pairRows('regr_intercept', (p) =>
    p.n === 0 || p.sxx === 0 ? null : (p.sy - (p.sx * p.sxy) / p.sxx) / p.n,
  ),
  ...pairRows('regr_r2', (p) => {
    if (p.n === 0 || p.sxx === 0) return null;
    return p.syy === 0 ? 1 : (p.sxy * p.sxy) / (p.sxx * p.syy);
  }),
  ...pairRows('regr_slope', (p) => (p.n === 0 || p.sxx === 0 ? null : p.sxy / p.sxx)),
  ...pairRows(
    'regr_sxx',
    ofAny((p) => p.sxx),
  ),
  ...pairRows(
    'regr_sxy',
    ofAny((p) => p.sxy),
  ),
  ...pairRows(
    'regr_syy',
    ofAny((p) => p.syy),
  ),
];
