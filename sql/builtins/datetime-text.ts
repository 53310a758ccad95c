import { notSupported, SqlError } from '../../base/errors';
import { dateText, timestampText } from '../../catalog/types/datetime';
import { intervalFromRepr, intervalText } from '../../catalog/types/interval';
import { type IntervalStyle, styledIntervalText } from '../../catalog/types/interval-styles';
import type { DateOrder } from '../../catalog/types/parse-datetime';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import {
  DATE,
  INT8,
  INTERVAL,
  STRING,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIMETZ,
} from '../../catalog/types/table';
import { UTC } from '../../catalog/types/timezone';
import { dateToTimestamp, toLocal, zoneNamed } from './datetime-math';
import type { FunctionRow, Udf } from './function-row';
import { compileParser, type InputStyles } from './parse-text';
import { udf } from './rows';
import { strftime, strptime } from './strftime';

/** Dates, times and intervals as text and back, independent of the session: what generated columns may use. */

const interval = (value: string): string => intervalText(intervalFromRepr(value));

/** The words of a DateStyle that say how a date is read. @throws SqlError featureNotSupported */
function dateOrder(style: string): DateOrder {
  let order: DateOrder = 'MDY';
  for (const word of style.toLowerCase().split(',')) {
    const found = DATE_ORDERS[word.trim()];
    if (found === undefined) throw notSupported(`the DateStyle "${style}"`);
    if (found !== '') order = found;
  }
  return order;
}

const DATE_ORDERS: { readonly [word: string]: DateOrder | '' } = {
  iso: '',
  mdy: 'MDY',
  us: 'MDY',
  noneuropean: 'MDY',
  dmy: 'DMY',
  european: 'DMY',
  ymd: 'YMD',
};

function intervalStyle(name: string): IntervalStyle {
  const style = name.toLowerCase();
  if (style === 'postgres' || style === 'iso_8601' || style === 'sql_standard') return style;
  throw new SqlError(
    'invalidParameterValue',
    `invalid value for parameter "IntervalStyle": "${name}"`,
  );
}

const styled =
  (check: (style: string) => unknown, text: (value: Repr) => string): Udf =>
  (value: Repr, style: string) => {
    check(style);
    return text(value);
  };

/** parse_date, parse_time …: the type's input, with an optional style. */
function parser(
  name: string,
  type: SqlType,
  styles: (style: string) => InputStyles = (style) => ({ dateOrder: dateOrder(style) }),
): FunctionRow[] {
  const parse = compileParser(type, UTC);
  return [
    udf(name, ['string'], type, (text: string) => parse(text)),
    udf(name, ['string', 'string'], type, (text: string, style: string) =>
      compileParser(type, UTC, undefined, styles(style))(text),
    ),
  ];
}

const MICROS_BY_UNIT: { readonly [unit: string]: bigint } = {
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1_000_000n,
  millisecond: 1000n,
  microsecond: 1n,
};

/** The whole interval counted in one unit. */
function extractDuration(name: string, value: string): bigint {
  const unit = MICROS_BY_UNIT[name.toLowerCase().replace(/s$/, '')];
  if (unit === undefined)
    throw new SqlError('invalidParameterValue', `unsupported timespan: ${name}`);
  return intervalFromRepr(value).micros / unit;
}

const inZone = { context: ['timeZone'] } as const;

export const dateTimeTextBuiltins: readonly FunctionRow[] = [
  udf('to_char', ['interval'], STRING, interval),
  udf('to_char', ['timestamp'], STRING, timestampText, { preferred: true }),
  udf('to_char', ['date'], STRING, dateText),
  udf('to_char_with_style', ['interval', 'string'], STRING, (value: string, style: string) =>
    styledIntervalText(intervalFromRepr(value), intervalStyle(style)),
  ),
  udf('to_char_with_style', ['timestamp', 'string'], STRING, styled(dateOrder, timestampText), {
    preferred: true,
  }),
  udf('to_char_with_style', ['date', 'string'], STRING, styled(dateOrder, dateText)),
  ...parser('parse_date', DATE),
  ...parser('parse_time', TIME),
  ...parser('parse_timetz', TIMETZ),
  ...parser('parse_timestamp', TIMESTAMP),
  ...parser('parse_interval', INTERVAL, (style) => ({
    signForAll: intervalStyle(style) === 'sql_standard',
  })),
  udf('extract_duration', ['string', 'interval'], INT8, extractDuration),
  udf('experimental_strftime', ['timestamp', 'string'], STRING, strftime),
  udf('experimental_strftime', ['date', 'string'], STRING, (days: bigint, format: string) =>
    strftime(dateToTimestamp(days), format),
  ),
  udf(
    'experimental_strftime',
    ['timestamptz', 'string'],
    STRING,
    (micros: bigint, format: string, zone: string) =>
      strftime(toLocal(micros, zoneNamed(zone)), format),
    { ...inZone, preferred: true },
  ),
  udf('experimental_strptime', ['string', 'string'], TIMESTAMPTZ, strptime),
];
