import { SqlError } from '../../base/errors';

/**
 * Recurrences in the five fields of cron, or as `@daily` and its kin, in UTC. Read as CockroachDB reads them: Sunday is 0 alone,
 * `?` is `*`, and a day counts when it is right in the month or in the week if both are restricted.
 */
export interface Recurrence {
  /** Microseconds since 1970 of the first time after `micros`; undefined: it never comes. */
  next(micros: number): number | undefined;
}

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

const FIELDS: readonly [Field, Field, Field, Field, Field] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/** The 29th of February is at most eight years away: a century's end has none. */
const YEARS_AHEAD = 8;

const EVERY = '@every ';

/** @throws SqlError invalidParameterValue (22023) in CockroachDB's words; featureNotSupported (0A000) for other time zones */
export function parseRecurrence(text: string): Recurrence {
  if (/^(CRON_)?TZ=/.test(text)) {
    throw new SqlError(
      'featureNotSupported',
      `time zones in schedule expressions are not supported: ${JSON.stringify(text)}`,
      { hint: 'Schedules go by UTC.' },
    );
  }
  const recurrence = text.startsWith(EVERY)
    ? parseEvery(text.slice(EVERY.length))
    : parseFields(DESCRIPTORS.get(text) ?? text);
  if (recurrence !== undefined) return recurrence;
  throw new SqlError(
    'invalidParameterValue',
    `error parsing schedule expression: ${JSON.stringify(text)}; it must be a valid cron expression`,
  );
}

/** From whole second to whole second, a second apart at least, as the cron library of CockroachDB has it. */
function parseEvery(text: string): Recurrence | undefined {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) return undefined;
  const seconds = Math.max(1, Math.trunc(nanos / 1e9));
  return { next: (from) => (Math.floor(from / 1e6) + seconds) * 1e6 };
}

const UNIT_NANOS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/** Go's: `1h30m`, `1.5s`, `-2ms`, `0`. Source: time.ParseDuration. */
function parseGoDuration(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.+)$/.exec(text) ?? [];
  if (rest === '0') return 0;
  let nanos = 0;
  let length = 0;
  for (const [part, amount = '', unit = ''] of rest.matchAll(/(\d+\.?\d*|\.\d+)([a-zµμ]+)/gy)) {
    const factor = UNIT_NANOS.get(unit);
    if (factor === undefined) return undefined;
    nanos += Number(amount) * factor;
    length += part.length;
  }
  if (length === 0 || length !== rest.length || nanos >= 2 ** 63) return undefined;
  return sign === '-' ? -nanos : nanos;
}

type Five<T> = readonly [T, T, T, T, T];

function parseFields(text: string): Recurrence | undefined {
  const words = text.trim().split(/\s+/);
  if (words.length !== FIELDS.length) return undefined;
  const sets = words.map((word, i) => {
    const field = FIELDS[i];
    return field === undefined ? undefined : parseField(word, field);
  });
  if (sets.some((set) => set === undefined)) return undefined;
  const free = words.map((word) => word.split(',').some((part) => /^[*?](\/1)?$/.test(part)));
  return new CronFields(sets as unknown as Five<ReadonlySet<number>>, {
    days: free[2] === true,
    weekdays: free[4] === true,
  });
}

function parseField(word: string, field: Field): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of word.split(',')) {
    const range = parseRange(part, field);
    if (range === undefined) return undefined;
    for (let value = range.from; value <= range.to; value += range.step) values.add(value);
  }
  return values;
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** `*`, `?`, `5`, `1-5`, each also with `/2`; `5/2` goes to the end. */
function parseRange(part: string, field: Field): Range | undefined {
  const [, first = '', last, stepText] = /^([*?]|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (first === '' || step < 1) return undefined;
  const isAll = first === '*' || first === '?';
  if (isAll && last !== undefined) return undefined;
  const from = isAll ? field.min : parseValue(first, field);
  if (from === undefined) return undefined;
  const toEnd = isAll || (last === undefined && stepText !== undefined);
  const to = toEnd ? field.max : last === undefined ? from : parseValue(last, field);
  return to === undefined || to < from ? undefined : { from, to, step };
}

function parseValue(text: string, { min, max, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

class CronFields implements Recurrence {
  private readonly minutes: ReadonlySet<number>;
  private readonly hours: ReadonlySet<number>;
  private readonly days: ReadonlySet<number>;
  private readonly months: ReadonlySet<number>;
  private readonly weekdays: ReadonlySet<number>;
  private readonly isFree: { readonly days: boolean; readonly weekdays: boolean };

  constructor(
    [minutes, hours, days, months, weekdays]: Five<ReadonlySet<number>>,
    isFree: { readonly days: boolean; readonly weekdays: boolean },
  ) {
    this.minutes = minutes;
    this.hours = hours;
    this.days = days;
    this.months = months;
    this.weekdays = weekdays;
    this.isFree = isFree;
  }

  next(micros: number): number | undefined {
    const time = new Date(Math.floor(micros / 6e7) * 60_000 + 60_000);
    const lastYear = time.getUTCFullYear() + YEARS_AHEAD;
    while (time.getUTCFullYear() <= lastYear) {
      if (!this.months.has(time.getUTCMonth() + 1)) {
        time.setUTCMonth(time.getUTCMonth() + 1, 1);
        time.setUTCHours(0, 0);
      } else if (!this.isDay(time)) {
        time.setUTCDate(time.getUTCDate() + 1);
        time.setUTCHours(0, 0);
      } else if (!this.hours.has(time.getUTCHours())) {
        time.setUTCHours(time.getUTCHours() + 1, 0);
      } else if (!this.minutes.has(time.getUTCMinutes())) {
        time.setUTCMinutes(time.getUTCMinutes() + 1);
      } else return time.getTime() * 1000;
    }
    return undefined;
  }

  private isDay(time: Date): boolean {
    const inMonth = this.days.has(time.getUTCDate());
    const inWeek = this.weekdays.has(time.getUTCDay());
    return this.isFree.days || this.isFree.weekdays ? inMonth && inWeek : inMonth || inWeek;
  }
}
