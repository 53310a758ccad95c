import { floatFromRepr } from '../../catalog/types/float';
import { type IntervalValue, intervalFromRepr, intervalToRepr } from '../../catalog/types/interval';
import type { Repr } from '../../catalog/types/sql-type';
import { DATE, INT8, INTERVAL, TIME, TIMESTAMP, TIMESTAMPTZ } from '../../catalog/types/table';
import {
  addInterval,
  addIntervalInZone,
  addIntervals,
  checkDate,
  checkTimestamp,
  DAY,
  dateToTimestamp,
  differenceOfTimestamps,
  isInfiniteDate,
  modulo,
  multiplyInterval,
  negateInterval,
  zoneNamed,
} from './datetime-math';
import { decFromRepr, toNumber } from './decimal-math';
import type { FunctionRow } from './function-row';
import { divisionByZero } from './integer';
import { udf } from './rows';

/** Dates, times and intervals under + - * /. */

const span = intervalFromRepr;
const inZone = { context: ['timeZone'] } as const;

function addDays(date: bigint, days: bigint): bigint {
  return isInfiniteDate(date) ? date : checkDate(date + days);
}

const minus = (interval: string): IntervalValue => negateInterval(span(interval));
const micros = (value: bigint): string => intervalToRepr({ months: 0, days: 0, micros: value });

function nonZero(value: number): number {
  if (value === 0) throw divisionByZero();
  return value;
}

/** Rows of a commutative operator, both ways. */
function bothWays(row: FunctionRow, flipped: FunctionRow): FunctionRow[] {
  return [row, flipped];
}

export const dateTimeOperators: readonly FunctionRow[] = [
  ...bothWays(
    udf('+', ['date', 'int'], DATE, addDays),
    udf('+', ['int', 'date'], DATE, (n: bigint, d: bigint) => addDays(d, n)),
  ),
  udf('-', ['date', 'int'], DATE, (d: bigint, n: bigint) => addDays(d, -n)),
  udf('-', ['date', 'date'], INT8, (a: bigint, b: bigint) => a - b),
  ...bothWays(
    udf('+', ['date', 'interval'], TIMESTAMP, (d: bigint, i: string) =>
      addInterval(dateToTimestamp(d), span(i)),
    ),
    udf('+', ['interval', 'date'], TIMESTAMP, (i: string, d: bigint) =>
      addInterval(dateToTimestamp(d), span(i)),
    ),
  ),
  udf('-', ['date', 'interval'], TIMESTAMP, (d: bigint, i: string) =>
    addInterval(dateToTimestamp(d), minus(i)),
  ),
  ...bothWays(
    udf('+', ['date', 'time'], TIMESTAMP, (d: bigint, t: bigint) =>
      checkTimestamp(dateToTimestamp(d) + t),
    ),
    udf('+', ['time', 'date'], TIMESTAMP, (t: bigint, d: bigint) =>
      checkTimestamp(dateToTimestamp(d) + t),
    ),
  ),
  ...bothWays(
    udf('+', ['timestamp', 'interval'], TIMESTAMP, (t: bigint, i: string) =>
      addInterval(t, span(i)),
    ),
    udf('+', ['interval', 'timestamp'], TIMESTAMP, (i: string, t: bigint) =>
      addInterval(t, span(i)),
    ),
  ),
  udf('-', ['timestamp', 'interval'], TIMESTAMP, (t: bigint, i: string) =>
    addInterval(t, minus(i)),
  ),
  ...bothWays(
    udf(
      '+',
      ['timestamptz', 'interval'],
      TIMESTAMPTZ,
      (t: bigint, i: string, z: string) => addIntervalInZone(t, span(i), zoneNamed(z)),
      inZone,
    ),
    udf(
      '+',
      ['interval', 'timestamptz'],
      TIMESTAMPTZ,
      (i: string, t: bigint, z: string) => addIntervalInZone(t, span(i), zoneNamed(z)),
      inZone,
    ),
  ),
  udf(
    '-',
    ['timestamptz', 'interval'],
    TIMESTAMPTZ,
    (t: bigint, i: string, z: string) => addIntervalInZone(t, minus(i), zoneNamed(z)),
    inZone,
  ),
  udf('-', ['timestamp', 'timestamp'], INTERVAL, (a: bigint, b: bigint) =>
    intervalToRepr(differenceOfTimestamps(a, b)),
  ),
  udf('-', ['timestamptz', 'timestamptz'], INTERVAL, (a: bigint, b: bigint) =>
    intervalToRepr(differenceOfTimestamps(a, b)),
  ),
  ...bothWays(
    udf('+', ['time', 'interval'], TIME, (t: bigint, i: string) => modulo(t + span(i).micros, DAY)),
    udf('+', ['interval', 'time'], TIME, (i: string, t: bigint) => modulo(t + span(i).micros, DAY)),
  ),
  udf('-', ['time', 'interval'], TIME, (t: bigint, i: string) => modulo(t - span(i).micros, DAY)),
  udf('-', ['time', 'time'], INTERVAL, (a: bigint, b: bigint) => micros(a - b)),
  udf('+', ['interval', 'interval'], INTERVAL, (a: string, b: string) =>
    intervalToRepr(addIntervals(span(a), span(b))),
  ),
  udf('-', ['interval', 'interval'], INTERVAL, (a: string, b: string) =>
    intervalToRepr(addIntervals(span(a), minus(b))),
  ),
  udf('-', ['interval'], INTERVAL, (a: string) => intervalToRepr(minus(a))),
  ...bothWays(
    udf('*', ['interval', 'int'], INTERVAL, timesInt),
    udf('*', ['int', 'interval'], INTERVAL, (n: bigint, i: string) => timesInt(i, n)),
  ),
  ...bothWays(
    udf('*', ['interval', 'float'], INTERVAL, (i: string, n: Repr) => times(i, floatFromRepr(n))),
    udf('*', ['float', 'interval'], INTERVAL, (n: Repr, i: string) => times(i, floatFromRepr(n))),
  ),
  ...bothWays(
    udf('*', ['interval', 'decimal'], INTERVAL, (i: string, n: string) =>
      times(i, toNumber(decFromRepr(n))),
    ),
    udf('*', ['decimal', 'interval'], INTERVAL, (n: string, i: string) =>
      times(i, toNumber(decFromRepr(n))),
    ),
  ),
  udf('/', ['interval', 'int'], INTERVAL, (i: string, n: bigint) =>
    times(i, 1 / nonZero(Number(n))),
  ),
  udf('/', ['interval', 'float'], INTERVAL, (i: string, n: Repr) =>
    times(i, 1 / nonZero(floatFromRepr(n))),
  ),
];

function times(interval: string, by: number): string {
  return intervalToRepr(multiplyInterval(span(interval), by));
}

function timesInt(interval: string, by: bigint): string {
  const { months, days, micros: time } = span(interval);
  const n = Number(by);
  return intervalToRepr({ months: months * n, days: days * n, micros: time * by });
}
