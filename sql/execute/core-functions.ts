import { SqlError } from '../../base/errors';
import { floatToRepr } from '../../catalog/types/float';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { decToRepr, divide, fromInt } from '../builtins/decimal-math';
import { integerOutOfRange } from '../builtins/integer';
import { sleepMilliseconds } from '../builtins/system';
import { checkCanceled } from './cancel';

/** Functions that emitted SQL calls by fixed names, whatever types it works on. */

/** high · 2^32 + low, of sums of halves. */
const join = (high: bigint, low: bigint): bigint => (high << 32n) + low;

/** SQLite gives a REAL for a sum, difference or product that leaves 64 bits. */
function check(value: Repr): Repr {
  if (typeof value === 'number') throw integerOutOfRange();
  return value;
}

function count(value: Repr, clause: string): Repr {
  if (value === null) return clause === 'LIMIT' ? -1n : 0n;
  if ((value as bigint) >= 0n) return value;
  const code =
    clause === 'LIMIT' ? 'invalidRowCountInLimitClause' : 'invalidRowCountInResultOffsetClause';
  throw new SqlError(code, `negative value for ${clause}`);
}

/** percent_rank() and cume_dist() are REALs to SQLite. */
const asFloat = (value: Repr): Repr => (value === null ? null : floatToRepr(Number(value)));

/** The argument of nth_value(): no place is a place that no row has. */
function place(value: Repr): Repr {
  if (value === null) return 2n ** 63n - 1n;
  if ((value as bigint) > 0n) return value;
  throw new SqlError(
    'invalidArgumentForNthValue',
    'argument of nth_value() must be greater than zero',
  );
}

/** The argument of ntile(); the answer for NULL is made outside. */
function buckets(value: Repr): Repr {
  if (value === null) return 1n;
  if ((value as bigint) > 0n) return value;
  throw new SqlError('invalidArgumentForNtile', 'argument of ntile() must be greater than zero');
}

interface WideSum {
  total: bigint;
  count: bigint;
}

function wideAggregate(db: Connection, name: string, result: (sum: WideSum) => Repr): void {
  db.aggregate(name, {
    deterministic: true,
    safeIntegers: true,
    start: (): WideSum => ({ total: 0n, count: 0n }),
    step: (sum: WideSum, value: unknown): WideSum => {
      if (value === null) return sum;
      sum.total += value as bigint;
      sum.count++;
      return sum;
    },
    result: (sum: WideSum) => (sum.count === 0n ? null : result(sum)),
  });
}

const options = { deterministic: true, safeIntegers: true } as const;

export function registerCoreFunctions(db: Connection, cancel: Int32Array): void {
  registerSleep(db, cancel);
  db.function('i_check', options, check);
  db.function('i_live', { deterministic: false, varargs: true }, () => {
    checkCanceled(cancel);
    return 1;
  });
  db.function('i_count', options, count);
  db.function('w_float', options, asFloat);
  db.function('w_nth', options, place);
  db.function('w_ntile', options, buckets);
  db.function('i_join', options, (high: bigint | null, low: bigint | null) =>
    high === null || low === null ? null : decToRepr(fromInt(join(high, low))),
  );
  db.function('i_average', options, (high: bigint | null, low: bigint | null, rows: bigint) =>
    high === null || low === null
      ? null
      : decToRepr(divide(fromInt(join(high, low)), fromInt(rows))),
  );
  wideAggregate(db, 'i_sum', (sum) => decToRepr(fromInt(sum.total)));
  wideAggregate(db, 'i_avg', (sum) => decToRepr(divide(fromInt(sum.total), fromInt(sum.count))));
  db.function('e_too_many_rows', { deterministic: false }, () => {
    throw new SqlError(
      'cardinalityViolation',
      'more than one row returned by a subquery used as an expression',
    );
  });
}

/** Waits in short steps, so that a cancel ends it. */
function registerSleep(db: Connection, cancel: Int32Array): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  db.function('q_sleep', { safeIntegers: true, deterministic: false }, (seconds: Repr) => {
    if (seconds === null) return null;
    const end = performance.now() + sleepMilliseconds(seconds);
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      if (cancel[0] !== 0) throw new SqlError('queryCanceled', 'query execution canceled');
      Atomics.wait(pause, 0, 0, Math.min(left, 20));
    }
    return 1n;
  });
}
