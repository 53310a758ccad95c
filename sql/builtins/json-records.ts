import { SqlError } from '../../base/errors';
import { arrayToRepr } from '../../catalog/types/array';
import { type JsonValue, jsonText } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { compileAdjust } from './casts';
import type { Udf } from './function-row';
import { asText, isArray, isObject, read } from './json-paths';
import { compileParser } from './parse-text';
import { inputStyles, TEXT_CONTEXT, textSettings, withSettings } from './repr';
import { factory, sameAs } from './rows';

/** Fields of JSON objects as values of SQL types: json_to_record, json_to_recordset and their kin. */

type Reader = (value: JsonValue) => Repr;

function arrayReader(type: SqlType, item: Reader): Reader {
  return (value) => {
    if (isArray(value)) return arrayToRepr(type, value.map(item));
    throw new SqlError('invalidTextRepresentation', 'expected JSON array');
  };
}

function fieldReader(type: SqlType, scalar: (text: string, type: SqlType) => Repr): Reader {
  if (type.family === 'json') return (value) => jsonText(value);
  const limit = compileAdjust(type);
  const reader: Reader =
    type.element === undefined
      ? (value) => scalar(asText(value) ?? '', type)
      : arrayReader(type, fieldReader(type.element, scalar));
  return (value) => {
    if (value === null) return null;
    const found = reader(value);
    return limit === undefined ? found : limit(found);
  };
}

function readField(_: readonly SqlType[], returns: SqlType): Udf {
  const reader = withSettings((values) => {
    const { timeZone } = textSettings(values);
    const parsers = new Map<SqlType, (text: string) => Repr>();
    return fieldReader(returns, (text, type) => {
      const known = parsers.get(type);
      const parse = known ?? compileParser(type, timeZone, undefined, inputStyles(values));
      if (known === undefined) parsers.set(type, parse);
      return parse(text);
    });
  });
  return (json: string, key: string, ...context: Repr[]) => {
    const object = read(json);
    if (!isObject(object))
      throw new SqlError(
        'invalidParameterValue',
        'argument of a function that returns records must be a JSON object',
      );
    const value = object.get(key);
    return value === undefined ? null : reader(...context)(value);
  };
}

/** Arguments: the object, the field's name. The result's type is the call's. */
export const JSON_FIELD = factory('json field', ['json', 'string'], sameAs(0), readField, {
  volatility: 'stable',
  context: TEXT_CONTEXT,
});
