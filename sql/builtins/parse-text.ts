import type { DateTimeSettings } from '../../catalog/types/parse-datetime';
import { compileTextDecoder, type TextDecoder } from '../../catalog/types/parse-text';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { TimeZone } from '../../catalog/types/timezone';

/** What DateStyle and IntervalStyle say about input. */
export type InputStyles = Pick<DateTimeSettings, 'dateOrder' | 'signForAll'>;

/**
 * Reads text as a value, integers as bigint: what functions give to SQLite.
 * @param now microseconds since 1970, for the words `now`, `today` …
 */
export function compileParser(
  type: SqlType,
  timeZone: TimeZone,
  now?: () => bigint,
  styles: InputStyles = {},
): TextDecoder {
  const settings = { ...styles, timeZone };
  const decode = compileTextDecoder(type, now === undefined ? settings : { ...settings, now });
  return (text) => wide(decode(text));
}

/** SQLite would take a number for a REAL; only negative zero is one. */
export function wide(value: Repr): Repr {
  return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
}
