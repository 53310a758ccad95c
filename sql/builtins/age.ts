import { civilFromDays, daysInMonth } from '../../catalog/types/calendar';
import { intervalToRepr } from '../../catalog/types/interval';
import { INTERVAL } from '../../catalog/types/table';
import { DAY, modulo, timestampToDate } from './datetime-math';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** age(): years, months and days between two instants as their UTC dates and times show them, the method of PostgreSQL. */

interface Instant {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly time: bigint;
}

function instant(micros: bigint): Instant {
  return { ...civilFromDays(Number(timestampToDate(micros))), time: modulo(micros, DAY) };
}

function age(end: bigint, begin: bigint): string {
  const sign = end < begin ? -1 : 1;
  // The earlier instant's month is the one whose length counts.
  const from = instant(sign < 0 ? end : begin);
  const to = instant(sign < 0 ? begin : end);
  let time = to.time - from.time;
  let days = to.day - from.day;
  let months = (to.year - from.year) * 12 + to.month - from.month;
  if (time < 0n) {
    time += DAY;
    days--;
  }
  if (days < 0) {
    days += daysInMonth(from.year, from.month);
    months--;
  }
  return intervalToRepr({
    months: months * sign,
    days: days * sign,
    micros: time * BigInt(sign),
  });
}

export const ageBuiltins: readonly FunctionRow[] = [
  udf('age', ['timestamptz', 'timestamptz'], INTERVAL, age),
  udf('age', ['timestamptz'], INTERVAL, (begin: bigint, now: bigint) => age(now, begin), {
    volatility: 'stable',
    context: ['transactionTimestamp'],
  }),
];
