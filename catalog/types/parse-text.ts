import { SqlError } from '../../base/errors';
import { assertNever, invariant } from '../../base/invariant';
import { parseBox2d } from './box2d';
import { parseBytes } from './bytes';
import { parseDecimal } from './decimal';
import { parseEnum } from './enum';
import { floatToRepr, parseFloatText, toFloat4 } from './float';
import { parseGeo } from './geo';
import { parseInet } from './inet';
import { type IntervalValue, intervalToRepr } from './interval';
import { parseJson } from './json';
import { compileArrayDecoder, compileTupleDecoder } from './parse-array';
import {
  type DateTimeSettings,
  parseDate,
  parseTime,
  parseTimestamp,
  parseTimestampTz,
  parseTimeTz,
} from './parse-datetime';
import { parseInterval } from './parse-interval';
import type { Repr, SqlType } from './sql-type';
import { typeRow } from './table';
import { parseUuid } from './uuid';

/** Text from users and clients to values, with CockroachDB's errors. Lengths and precisions are not applied here. */

export type TextDecoder = (text: string) => Repr;

const BPCHAR_OID = 1042;

/** A bool's spellings and their beginnings. @throws SqlError 22P02 */
export function parseBool(text: string): number {
  const word = text.trim().toLowerCase();
  if (word !== '' && ('true'.startsWith(word) || 'yes'.startsWith(word))) return 1;
  if (word === 'on' || word === '1') return 1;
  if (word !== '' && ('false'.startsWith(word) || 'no'.startsWith(word))) return 0;
  if (word === 'off' || word === 'of' || word === '0') return 0;
  throw new SqlError(
    'invalidTextRepresentation',
    `could not parse "${text}" as type bool: invalid bool value`,
  );
}

const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

/** Narrows to a number when that is safe. @param bits 16, 32 or 64 @throws SqlError 22P02, 22003 */
export function parseInt64(text: string, bits = 64): number | bigint {
  const trimmed = text.trim();
  const isPlain = /^[+-]?\d+$/.test(trimmed);
  if (!isPlain && !/^[+-]?0(?:x[0-9a-f]+|o[0-7]+|b[01]+)$/i.test(trimmed))
    throw new SqlError(
      'invalidTextRepresentation',
      `could not parse "${text}" as type int: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  let value: number | bigint;
  if (isPlain && trimmed.length <= 15) value = Number(trimmed) || 0;
  else {
    const size = BigInt(trimmed.replace(/^[+-]/, ''));
    value = trimmed.startsWith('-') ? -size : size;
    if (value > INT64_MAX || value < INT64_MIN)
      throw new SqlError(
        'numericValueOutOfRange',
        `could not parse "${text}" as type int: strconv.ParseInt: parsing "${text}": value out of range`,
      );
  }
  if (bits < 64) {
    const limit = 2 ** (bits - 1);
    if (value >= limit || value < -limit)
      throw new SqlError('numericValueOutOfRange', `integer out of range for type int${bits / 8}`);
  }
  return value;
}

/** @throws SqlError 22P02 */
export function parseBits(text: string): string {
  const hex = /^x([0-9a-f]*)$/i.exec(text);
  if (hex !== null)
    return Array.from(hex[1] ?? '', (d) =>
      Number.parseInt(d, 16).toString(2).padStart(4, '0'),
    ).join('');
  const wrong = /[^01]/u.exec(text);
  if (wrong === null) return text;
  throw new SqlError(
    'invalidTextRepresentation',
    `could not parse string as bit array: "${wrong[0]}" is not a valid binary digit`,
  );
}

function parseOid(text: string, name: string): number {
  const trimmed = text.trim();
  const value = /^-?\d{1,10}$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (value >= -0x80000000 && value <= 0xffffffff) return value < 0 ? value + 0x100000000 : value;
  throw new SqlError(
    'invalidTextRepresentation',
    `could not parse "${text}" as type ${name}: strconv.ParseInt: parsing "${text}": invalid syntax`,
  );
}

/** One sign, at the beginning: what IntervalStyle sql_standard applies to all fields. */
const SIGN_FOR_ALL = /^\s*-[^P](?!.*\s[+-])/i;

const negated = ({ months, days, micros }: IntervalValue): IntervalValue => ({
  months: -months,
  days: -days,
  micros: -micros,
});

const identity: TextDecoder = (text) => text;

/**
 * Chosen once per column or parameter. Names for REGCLASS and the like need a catalog and are the caller's: here they
 * are numbers.
 */
export function compileTextDecoder(type: SqlType, settings: DateTimeSettings): TextDecoder {
  switch (type.family) {
    case 'bool':
      return parseBool;
    case 'int': {
      const bits = type.width === 0 ? 64 : type.width;
      return (text) => parseInt64(text, bits);
    }
    case 'oid': {
      const name = typeRow(type)?.typname ?? 'oid';
      return (text) => parseOid(text, name);
    }
    case 'float':
      return type.width === 32
        ? (text) => floatToRepr(toFloat4(parseFloatText(text)))
        : (text) => floatToRepr(parseFloatText(text));
    case 'decimal':
      return parseDecimal;
    case 'date':
      return (text) => parseDate(text, settings);
    case 'time':
      return (text) => parseTime(text, settings);
    case 'timetz':
      return (text) => parseTimeTz(text, settings);
    case 'timestamp':
      return (text) => parseTimestamp(text, settings);
    case 'timestamptz':
      return (text) => parseTimestampTz(text, settings);
    case 'interval': {
      const { intervalFrom = 0, intervalTo = 0 } = type;
      return (text) => {
        const negative = settings.signForAll === true && SIGN_FOR_ALL.test(text);
        const value = parseInterval(
          negative ? text.replace('-', '') : text,
          intervalTo,
          intervalFrom,
        );
        return intervalToRepr(negative ? negated(value) : value);
      };
    }
    case 'string':
      return type.oid === BPCHAR_OID ? (text) => text.replace(/ +$/, '') : identity;
    case 'collatedstring':
    case 'void':
    case 'unknown':
    case 'any':
      return identity;
    case 'bytes':
      return parseBytes;
    case 'uuid':
      return parseUuid;
    case 'inet':
      return parseInet;
    case 'json':
      return parseJson;
    case 'bit':
      return parseBits;
    case 'enum':
      return (text) => parseEnum(text, type);
    case 'geometry':
    case 'geography': {
      const { family } = type;
      return (text) => parseGeo(text, family);
    }
    case 'box2d':
      return parseBox2d;
    case 'array': {
      invariant(type.element !== undefined, 'an array type has an element type');
      return compileArrayDecoder(type, compileTextDecoder(type.element, settings));
    }
    case 'tuple':
      return compileTupleDecoder(
        type,
        (type.fields ?? []).map((field) => compileTextDecoder(field, settings)),
      );
    default:
      return assertNever(type.family);
  }
}
