import { SqlError } from '../../base/errors';
import { arrayElements } from '../../catalog/types/array';
import { type JsonValue, jsonObject, jsonText, parseJsonValue } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, JSONB, STRING } from '../../catalog/types/table';
import type { FunctionRow, Udf } from './function-row';
import { follow, hasKey, isArray, isObject, read, setPath, withoutPath } from './json-paths';
import { TEXT_CONTEXT } from './repr';
import { bool, factory, udf } from './rows';
import { argumentsToJson } from './to-json';

/** JSONB functions besides the operators: making objects of arrays, inserting and removing by path. */

const STRINGS = arrayOf(STRING);
const items = (value: Uint8Array): Repr[] => arrayElements(STRINGS, value);
const path = (value: Uint8Array): string[] => items(value).map(String);

const inSession = { volatility: 'stable', context: TEXT_CONTEXT } as const;

function arrayToJson(types: readonly SqlType[]): Udf {
  const converters = argumentsToJson(types);
  return (...values: Repr[]) => {
    if (types.length === 2 && values[1] !== 0n)
      throw new SqlError('featureNotSupported', 'pretty printing is not supported');
    return jsonText(converters(values)[0]?.(values[0] ?? null) ?? null);
  };
}

function keyOf(key: Repr): string {
  if (key !== null) return String(key);
  throw new SqlError('nullValueNotAllowed', 'null value not allowed for object key');
}

/** Keys and values in turn. */
function objectOfPairs(value: Uint8Array): string {
  const all = items(value);
  if (all.length % 2 !== 0)
    throw new SqlError('invalidParameterValue', 'array must have even number of elements');
  const entries: [string, JsonValue][] = [];
  for (let i = 0; i < all.length; i += 2)
    entries.push([keyOf(all[i] ?? null), (all[i + 1] ?? null) as string | null]);
  return jsonText(jsonObject(entries));
}

function objectOfArrays(keys: Uint8Array, values: Uint8Array): string {
  const [names, contents] = [items(keys), items(values)];
  if (names.length !== contents.length)
    throw new SqlError('invalidParameterValue', 'mismatched array dimensions');
  return jsonText(
    jsonObject(names.map((name, i) => [keyOf(name), (contents[i] ?? null) as string | null])),
  );
}

/** `jsonb_insert`: into an array before or after the place, into an object where the key is new. */
function insertAt(
  value: JsonValue,
  at: readonly string[],
  what: JsonValue,
  after: boolean,
): JsonValue {
  const last = at.at(-1);
  if (last === undefined) return value;
  const parentPath = at.slice(0, -1);
  const parent = follow(value, parentPath);
  if (parent === undefined) return value;
  if (isObject(parent)) {
    if (parent.has(last))
      throw new SqlError('invalidParameterValue', 'cannot replace existing key', {
        hint: 'Try using the function jsonb_set to replace key value.',
      });
    return setPath(value, at, what, true);
  }
  if (!isArray(parent)) return value;
  if (!/^-?\d+$/.test(last))
    throw new SqlError(
      'invalidTextRepresentation',
      `path element at position ${at.length} is not an integer: "${last}"`,
    );
  const index = Number(last);
  const from = index < 0 ? parent.length + index : index;
  const place = Math.min(Math.max(from + (after && from >= 0 ? 1 : 0), 0), parent.length);
  const grown = [...parent.slice(0, place), what, ...parent.slice(place)];
  return parentPath.length === 0 ? grown : setPath(value, parentPath, grown, false);
}

function isValid(text: string): boolean {
  try {
    parseJsonValue(text);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

const insert = (j: string, p: Uint8Array, what: string, after = 0n): string =>
  jsonText(insertAt(read(j), path(p), parseJsonValue(what), after !== 0n));

export const jsonFunctions: readonly FunctionRow[] = [
  ...['json', 'jsonb'].flatMap((prefix) => [
    udf(`${prefix}_object`, ['strings'], JSONB, objectOfPairs),
    udf(`${prefix}_object`, ['strings', 'strings'], JSONB, objectOfArrays),
  ]),
  udf('json_remove_path', ['json', 'strings'], JSONB, (j: string, p: Uint8Array) =>
    jsonText(withoutPath(read(j), path(p))),
  ),
  udf('jsonb_insert', ['json', 'strings', 'json'], JSONB, insert),
  udf('jsonb_insert', ['json', 'strings', 'json', 'bool'], JSONB, insert),
  udf('jsonb_exists_any', ['json', 'strings'], BOOL, (j: string, keys: Uint8Array) =>
    bool(path(keys).some((key) => hasKey(read(j), key))),
  ),
  udf('json_valid', ['string'], BOOL, (text: string) => bool(isValid(text))),
  factory('array_to_json', ['array'], JSONB, arrayToJson, inSession),
  factory('array_to_json', ['array', 'bool'], JSONB, arrayToJson, inSession),
];
