import { SqlError } from '../../base/errors';
import { daysFromCivil } from './calendar';

/**
 * A session's time zone. Offsets are seconds east of UTC. Named zones ask `Intl` once per stretch of time and keep the
 * answer: a row costs one lookup in a map.
 */
export interface TimeZone {
  /** As SHOW TIME ZONE prints it. */
  readonly name: string;
  /** @param seconds since 1970-01-01 00:00 UTC */
  offsetAt(seconds: number): number;
}

export const UTC: TimeZone = { name: 'UTC', offsetAt: () => 0 };

export function fixedZone(offsetSeconds: number, name?: string): TimeZone {
  return { name: name ?? `fixed offset:${offsetSeconds}`, offsetAt: () => offsetSeconds };
}

/** Eight days: no zone changes its offset twice within them. */
const STRETCH_SECONDS = 8 * 86_400;
const CYCLE_SECONDS = 146_097 * 86_400;
/** Beyond these the rules repeat with the calendar, every 400 years. */
const SECONDS_MAX = 2500 * 365.2425 * 86_400;
const SECONDS_MIN = -8_000 * 365.2425 * 86_400;

interface Stretch {
  readonly before: number;
  readonly changesAt: number;
  readonly after: number;
}

class NamedZone implements TimeZone {
  readonly name: string;
  private readonly format: Intl.DateTimeFormat;
  private readonly stretches = new Map<number, number | Stretch>();

  constructor(name: string) {
    this.name = name;
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'narrow',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offsetAt(seconds: number): number {
    let at = seconds;
    if (at > SECONDS_MAX) at -= Math.ceil((at - SECONDS_MAX) / CYCLE_SECONDS) * CYCLE_SECONDS;
    else if (at < SECONDS_MIN) at = SECONDS_MIN;
    const index = Math.floor(at / STRETCH_SECONDS);
    let stretch = this.stretches.get(index);
    if (stretch === undefined) {
      stretch = this.measure(index * STRETCH_SECONDS);
      this.stretches.set(index, stretch);
    }
    if (typeof stretch === 'number') return stretch;
    return at < stretch.changesAt ? stretch.before : stretch.after;
  }

  private measure(start: number): number | Stretch {
    const before = this.ask(start);
    const after = this.ask(start + STRETCH_SECONDS);
    if (before === after) return before;
    let low = start;
    let high = start + STRETCH_SECONDS;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.ask(middle) === before) low = middle;
      else high = middle;
    }
    return { before, changesAt: high, after };
  }

  private ask(seconds: number): number {
    const fields = new Map<string, string>();
    for (const part of this.format.formatToParts(seconds * 1000)) fields.set(part.type, part.value);
    const field = (name: string): number => Number(fields.get(name));
    const year = fields.get('era') === 'B' ? 1 - field('year') : field('year');
    // `en-US` is Julian before 1582; the zones' rules do not depend on the day there.
    if (year < 1600) return seconds < FIRST_RULE_SECONDS ? this.ask(FIRST_RULE_SECONDS) : 0;
    const local =
      daysFromCivil(year, field('month'), field('day')) * 86_400 +
      field('hour') * 3600 +
      field('minute') * 60 +
      field('second');
    return local - seconds;
  }
}

const FIRST_RULE_SECONDS = daysFromCivil(1700, 1, 1) * 86_400;

const OFFSET =
  /^(?:(?:fixed offset:|utc|gmt|posix\/)?\s*)?([+-]?)(\d{1,5})(?::?(\d{2}))?(?::(\d{2}))?$/i;

/** A fixed offset: hours (`+3`, `-7`, `3`, `UTC+3`), `hh:mm`, or `fixed offset:seconds`. */
function parseFixed(text: string): TimeZone | undefined {
  const match = OFFSET.exec(text);
  if (match === null) return undefined;
  const sign = match[1] === '-' ? -1 : 1;
  const first = Number(match[2]);
  const named = /^(utc|gmt)/i.test(text);
  if (text.toLowerCase().startsWith('fixed offset:')) return fixedZone(sign * first);
  if ((match[2] ?? '').length > 2) return undefined;
  const seconds = first * 3600 + Number(match[3] ?? 0) * 60 + Number(match[4] ?? 0);
  if (seconds > 16 * 3600) return undefined;
  // POSIX counts west of Greenwich as positive.
  return fixedZone((named ? -sign : sign) * seconds, text);
}

const zones = new Map<string, TimeZone>();
const zonesMax = 1_000;

/** The zone of that name, if there is one; names are case-insensitive. */
export function findTimeZone(name: string): TimeZone | undefined {
  const trimmed = name.trim();
  const lower = trimmed.toLowerCase();
  if (lower === 'utc' || lower === 'default' || lower === 'z' || lower === 'zulu') return UTC;
  const known = zones.get(lower);
  if (known !== undefined) return known;
  let zone = parseFixed(trimmed);
  if (zone === undefined && /^[a-z][\w+/-]*$/i.test(trimmed)) {
    try {
      zone = new NamedZone(trimmed);
    } catch {
      return undefined;
    }
  }
  if (zone !== undefined && zones.size < zonesMax) zones.set(lower, zone);
  return zone;
}

/** @throws SqlError 22023 */
export function requireTimeZone(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone === undefined)
    throw new SqlError(
      'invalidParameterValue',
      `cannot find time zone "${name}": unknown time zone ${name}`,
    );
  return zone;
}

/** Seconds since 1970 UTC of a local clock reading; a reading that occurs twice means the earlier instant. */
export function localToUtc(localSeconds: number, zone: TimeZone): number {
  const guess = localSeconds - zone.offsetAt(localSeconds);
  const before = zone.offsetAt(guess - 86_400);
  const early = localSeconds - before;
  if (zone.offsetAt(early) === before) return early;
  const late = localSeconds - zone.offsetAt(guess + 86_400);
  return zone.offsetAt(late) === zone.offsetAt(guess + 86_400) ? late : early;
}
