import { arrayElements } from '../../catalog/types/array';
import { decimalText, splitDecimal } from '../../catalog/types/decimal';
import { floatFromRepr } from '../../catalog/types/float';
import { JsonNumber, type JsonValue, parseJsonValue } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { castTextEncoder } from './repr';

/** SQL values as JSON: numbers, booleans and arrays as such, everything else as its text. */
export function compileToJson(type: SqlType): (value: Repr) => JsonValue {
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
      const convert = compileToJson(type.element ?? type);
      return (value) =>
        value === null ? null : arrayElements(type, value as Uint8Array).map(convert);
    }
    case 'timestamp':
    case 'timestamptz': {
      const encode = castTextEncoder(type, {});
      return (value) => (value === null ? null : encode(value).replace(' ', 'T'));
    }
    case 'unknown':
      return () => null;
    default: {
      const encode = castTextEncoder(type, {});
      return (value) => (value === null ? null : encode(value));
    }
  }
}

/** NaN and the infinities, which JSON has no number for, as text. */
function number(text: string): JsonValue {
  const digits = splitDecimal(text);
  return digits === undefined ? text : new JsonNumber(digits);
}
