import { arrayElements } from '../../catalog/types/array';
import { decimalText, splitDecimal } from '../../catalog/types/decimal';
import { floatFromRepr } from '../../catalog/types/float';
import { JsonNumber, type JsonValue, parseJsonValue } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { castTextEncoder, type SessionValues, withSettings } from './repr';

/** SQL values as JSON: numbers, booleans and arrays as such, everything else as its text. */
export function compileToJson(
  type: SqlType,
  values: SessionValues = {},
): (value: Repr) => JsonValue {
  switch (type.family) {
    case 'bool':
      return (value) => (value === null ? null : Number(value) !== 0);
    case 'int':
      return (value) => (value === null ? null : number(String(value)));
    case 'decimal':
      return (value) => (value === null ? null : number(decimalText(value as string)));
    case 'float':
      return (value) => (value === null ? null : number(String(floatFromRepr(value))));
    case 'json':
      return (value) => (value === null ? null : parseJsonValue(value as string));
    case 'array': {
      const convert = compileToJson(type.element ?? type, values);
      return (value) =>
        value === null ? null : arrayElements(type, value as Uint8Array).map(convert);
    }
    case 'timestamp':
    case 'timestamptz': {
      const encode = castTextEncoder(type, values);
      return (value) => (value === null ? null : rfc3339(encode(value)));
    }
    case 'unknown':
      return () => null;
    default: {
      const encode = castTextEncoder(type, values);
      return (value) => (value === null ? null : encode(value));
    }
  }
}

const rfc3339 = (text: string): string => text.replace(' ', 'T').replace(/\+00:00$/, 'Z');

type ToJson = (value: Repr) => JsonValue;

/** The converters of a call's arguments under the session's settings, which follow them. */
export function argumentsToJson(types: readonly SqlType[]): (args: readonly Repr[]) => ToJson[] {
  const made = withSettings((values) => types.map((type) => compileToJson(type, values)));
  return (args) => made(...args.slice(types.length));
}

/** NaN and the infinities, which JSON has no number for, as text. */
function number(text: string): JsonValue {
  const digits = splitDecimal(text);
  return digits === undefined ? text : new JsonNumber(digits);
}
