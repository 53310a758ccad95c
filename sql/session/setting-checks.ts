import { SqlError } from '../../base/errors';
import { quoteIdentifier } from '../../catalog/identifiers';

/** What SET's values are checked with: from what the user wrote to what is stored and shown. They throw 22023, or 0A000 for what is not honoured. */

const TRUE = new Set(['on', 'true', 'yes', '1', 't', 'y']);
const FALSE = new Set(['off', 'false', 'no', '0', 'f', 'n']);

function invalid(name: string, value: string, allowed: string): SqlError {
  return new SqlError(
    'invalidParameterValue',
    `invalid value for parameter "${name}": "${value}"`,
    {
      hint: `Available values: ${allowed}`,
    },
  );
}

export function bool(value: string, name: string): string {
  const lower = value.toLowerCase();
  if (TRUE.has(lower)) return 'on';
  if (FALSE.has(lower)) return 'off';
  throw new SqlError('invalidParameterValue', `parameter "${name}" requires a Boolean value`);
}

export const oneOf =
  (...allowed: string[]) =>
  (value: string, name: string): string => {
    const found = allowed.find((word) => word.toLowerCase() === value.toLowerCase());
    if (found === undefined) throw invalid(name, value, allowed.join(','));
    return found;
  };

/** Refuses everything but the value we honour: a setting must not be accepted and then ignored. */
export const only =
  (allowed: string, ...alsoWritten: string[]) =>
  (value: string, name: string): string => {
    if ([allowed, ...alsoWritten].some((word) => word.toLowerCase() === value.toLowerCase())) {
      return allowed;
    }
    throw new SqlError(
      'featureNotSupported',
      `parameter "${name}" can only be ${allowed === '' ? 'empty' : `"${allowed}"`} here, not "${value}"`,
      { hint: 'Its other values are not supported: leave it as it is.' },
    );
  };

const UNITS_MS = new Map([
  ['', 1],
  ['ms', 1],
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

export function duration(value: string, name: string): string {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|)\s*$/.exec(value);
  const unit = UNITS_MS.get(match?.[2] ?? '?');
  if (match === null || unit === undefined) {
    throw new SqlError('invalidParameterValue', `could not parse "${value}" as type interval`, {
      hint: `${name} takes milliseconds or a number with a unit, such as 10s`,
    });
  }
  return String(Math.round(Number(match[1]) * unit));
}

export const integerBetween =
  (min: number, max: number) =>
  (value: string, name: string): string => {
    const number = Number(value);
    if (!/^-?\d+$/.test(value.trim()) || number < min || number > max) {
      throw new SqlError(
        'invalidParameterValue',
        `${value} is outside the valid range for parameter "${name}" (${min} .. ${max})`,
      );
    }
    return String(number);
  };

/** Also as an interval prints. */
const FIXED_OFFSET = /^([+-]?)(\d{1,2})(?::?(\d{2})(?::00)?)?$/;

/** A time zone as SHOW prints it. Offsets without a name are hours east of UTC. */
export function timeZone(value: string): string {
  const text = value.trim();
  const lower = text.toLowerCase();
  if (['utc', 'gmt', 'default', 'local', 'z', 'zulu'].includes(lower)) return 'UTC';
  const offset = FIXED_OFFSET.exec(text);
  if (offset !== null) {
    const sign = offset[1] === '-' ? '-' : '+';
    const hours = (offset[2] ?? '').padStart(2, '0');
    if (Number(hours) <= 15) return `${sign}${hours}:${offset[3] ?? '00'}`;
  }
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    throw new SqlError(
      'invalidParameterValue',
      `invalid value for parameter "timezone": "${value}"`,
      {
        detail: `unknown time zone ${value}`,
      },
    );
  }
}

const DATE_ORDERS: { readonly [word: string]: string } = {
  mdy: 'MDY',
  us: 'MDY',
  noneuro: 'MDY',
  noneuropean: 'MDY',
  dmy: 'DMY',
  euro: 'DMY',
  european: 'DMY',
  ymd: 'YMD',
};
const OTHER_DATE_STYLES = new Set(['sql', 'postgres', 'german']);

function notEnabled(style: string, use: string): SqlError {
  return new SqlError('featureNotSupported', `setting ${style} is not enabled`, {
    detail: `Setting ${style} changes the volatility of casts between text and ${use} from immutable to stable.`,
    hint: `Enable it with SET ${style.toLowerCase()}_enabled = true.`,
  });
}

/** How dates are read; they are written as ISO only, as in v21.2. */
export function dateStyle(value: string, name: string, get: (name: string) => string): string {
  let order = 'MDY';
  for (const word of value.toLowerCase().split(/[\s,]+/)) {
    if (word === 'iso' || word === 'default') continue;
    if (OTHER_DATE_STYLES.has(word)) {
      throw new SqlError('featureNotSupported', 'unimplemented: only ISO style is supported');
    }
    const found = DATE_ORDERS[word];
    if (found === undefined)
      throw invalid(name === 'datestyle' ? 'DateStyle' : name, value, 'ISO,MDY,DMY,YMD');
    order = found;
  }
  if (order !== 'MDY' && get('datestyle_enabled') !== 'on')
    throw notEnabled('DateStyle', 'dates and times');
  return `ISO, ${order}`;
}

export function intervalStyle(value: string, _: string, get: (name: string) => string): string {
  const style = oneOf('postgres', 'iso_8601', 'sql_standard')(value, 'IntervalStyle');
  if (style !== 'postgres' && get('intervalstyle_enabled') !== 'on')
    throw notEnabled('IntervalStyle', 'intervals');
  return style;
}

export function intSize(value: string): string {
  if (value === '8') return value;
  if (value === '4') {
    throw new SqlError('featureNotSupported', 'default_int_size 4 is not supported', {
      hint: 'Write INT4 where you want four bytes.',
    });
  }
  throw new SqlError('invalidParameterValue', 'only 4 or 8 are supported by default_int_size');
}

export function clientEncoding(value: string): string {
  const cleaned = value.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (['utf8', 'unicode', 'cp65001', 'default'].includes(cleaned)) return 'UTF8';
  throw new SqlError('featureNotSupported', `unimplemented client encoding: "${cleaned}"`, {
    hint: 'Use UTF8.',
  });
}

export const floatBetween =
  (min: number, max: number) =>
  (value: string, name: string): string => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isFinite(number) || number < min || number > max) {
      throw new SqlError(
        'invalidParameterValue',
        `${value} is outside the valid range for parameter "${name}" (${min} .. ${max})`,
      );
    }
    return String(number);
  };

const PATH_PART = /\s*(?:"((?:[^"]|"")*)"|([^,"]*))\s*(?:,|$)/y;

/** Schemas of a search path as text: `"$user", public`. */
export function searchPathParts(text: string): string[] {
  const parts: string[] = [];
  PATH_PART.lastIndex = 0;
  while (PATH_PART.lastIndex < text.length) {
    const match = PATH_PART.exec(text);
    if (match === null) return [...parts, text.trim()];
    const part = match[1]?.replaceAll('""', '"') ?? (match[2] ?? '').trim();
    if (part !== '') parts.push(part);
  }
  return parts;
}

/** As SHOW prints it: names are quoted where they have to be. */
export function searchPath(value: string): string {
  return searchPathParts(value).map(quoteIdentifier).join(', ');
}

/** How SERIAL columns are numbered. */
export const serialNormalization = oneOf(
  'rowid',
  'virtual_sequence',
  'sql_sequence',
  'sql_sequence_cached',
);
