import { compileTextDecoder, type TextDecoder } from '../../catalog/types/parse-text';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { TimeZone } from '../../catalog/types/timezone';

/** Reads text as a value, integers as bigint: what functions give to SQLite. */
export function compileParser(type: SqlType, timeZone: TimeZone): TextDecoder {
  const decode = compileTextDecoder(type, { timeZone });
  return (text) => wide(decode(text));
}

/** SQLite would take a number for a REAL; only negative zero is one. */
export function wide(value: Repr): Repr {
  return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
}
