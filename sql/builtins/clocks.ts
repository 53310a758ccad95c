import { SqlError } from '../../base/errors';
import { intervalFromRepr } from '../../catalog/types/interval';
import { BOOL, STRING, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ } from '../../catalog/types/table';
import { timetzFromRepr, timetzToRepr } from '../../catalog/types/timetz';
import {
  addInterval,
  addIntervalInZone,
  DAY,
  dateToTimestamp,
  floorDivide,
  modulo,
  toLocal,
  zoneNamed,
} from './datetime-math';
import type { FunctionRow } from './function-row';
import { bool, udf } from './rows';
import { strftime } from './strftime';

/** The current time at a precision, times in other zones, overlapping periods. */

const clock = { volatility: 'stable', context: ['transactionTimestamp', 'timeZone'] } as const;

/** To that many digits after the seconds. */
function rounded(micros: bigint, precision: bigint): bigint {
  if (precision < 0n || precision > 6n)
    throw new SqlError('invalidParameterValue', `precision ${precision} out of range`);
  const unit = 10n ** (6n - precision);
  return floorDivide(micros + unit / 2n, unit) * unit;
}

const offsetWest = (instant: bigint, local: bigint): number =>
  Number((instant - local) / 1_000_000n);

function timetzAt(instant: bigint, zone: string): bigint {
  const local = toLocal(instant, zoneNamed(zone));
  return timetzToRepr(Number(modulo(local, DAY)), offsetWest(instant, local));
}

/** The same instant of the day on the clock of another zone. */
function timetzInZone(zone: string, value: bigint, now: bigint): bigint {
  const { micros, offsetWest: west } = timetzFromRepr(value);
  const target = offsetWest(now, toLocal(now, zoneNamed(zone)));
  const moved = modulo(BigInt(micros) + BigInt(west - target) * 1_000_000n, DAY);
  return timetzToRepr(Number(moved), target);
}

/** A time without a zone is on the session's clock. */
function timeInZone(zone: string, micros: bigint, now: bigint, session: string): bigint {
  const west = offsetWest(now, toLocal(now, zoneNamed(session)));
  return timetzInZone(zone, timetzToRepr(Number(micros), west), now);
}

const timeOfDay = (): string => {
  const micros = BigInt(Date.now()) * 1000n - 946_684_800_000_000n;
  return strftime(micros, '%a %b %d %H:%M:%S.%f %Y +0000');
};

type Add = (start: bigint, length: string) => bigint;

/** Half-open periods share an instant; an empty one is its single instant. */
function overlap(a1: bigint, a2: bigint, b1: bigint, b2: bigint): bigint {
  const [start, end] = a1 <= a2 ? [a1, a2] : [a2, a1];
  const [other, last] = b1 <= b2 ? [b1, b2] : [b2, b1];
  if (start === other) return bool(true);
  return bool(start < other ? other < end : start < last);
}

function overlaps(family: 'timestamp' | 'timestamptz' | 'date' | 'time', add: Add): FunctionRow[] {
  const micros = family === 'date' ? dateToTimestamp : (value: bigint): bigint => value;
  return [
    udf('overlaps', [family, family, family, family], BOOL, overlap),
    udf(
      'overlaps',
      [family, 'interval', family, 'interval'],
      BOOL,
      (a: bigint, x: string, b: bigint, y: string) =>
        overlap(micros(a), add(micros(a), x), micros(b), add(micros(b), y)),
    ),
  ];
}

const addTo: Add = (start, length) => addInterval(start, intervalFromRepr(length));
const UTC_ZONE = zoneNamed('UTC');

export const clockBuiltins: readonly FunctionRow[] = [
  udf('current_timestamp', ['int'], TIMESTAMPTZ, (p: bigint, t: bigint) => rounded(t, p), clock),
  udf(
    'localtimestamp',
    ['int'],
    TIMESTAMP,
    (p: bigint, t: bigint, z: string) => rounded(toLocal(t, zoneNamed(z)), p),
    clock,
  ),
  udf(
    'localtime',
    ['int'],
    TIME,
    (p: bigint, t: bigint, z: string) => modulo(rounded(toLocal(t, zoneNamed(z)), p), DAY),
    clock,
  ),
  udf(
    'current_time',
    ['int'],
    TIMETZ,
    (p: bigint, t: bigint, z: string) => timetzAt(rounded(t, p), z),
    clock,
  ),
  udf('timeofday', [], STRING, timeOfDay, { volatility: 'volatile' }),
  udf('timezone', ['string', 'timetz'], TIMETZ, timetzInZone, {
    volatility: 'stable',
    context: ['transactionTimestamp'],
  }),
  udf('timezone', ['string', 'time'], TIMETZ, timeInZone, clock),
  ...overlaps('timestamp', addTo),
  ...overlaps('timestamptz', (start, length) =>
    addIntervalInZone(start, intervalFromRepr(length), UTC_ZONE),
  ),
  ...overlaps('date', addTo),
  ...overlaps('time', (start, length) => start + intervalFromRepr(length).micros),
];
