import { SqlError } from '../../base/errors';
import { arrayElements } from '../../catalog/types/array';
import { type JsonValue, jsonObject, jsonText } from '../../catalog/types/json';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, INT8, JSONB, STRING } from '../../catalog/types/table';
import type { AggregateRow, FunctionRow } from './function-row';
import {
  asJson,
  asText,
  concatenate,
  containsValue,
  element,
  equalityKey,
  follow,
  hasKey,
  isArray,
  member,
  pretty,
  read,
  setPath,
  stripNulls,
  typeOf,
  without,
  withoutIndex,
  withoutPath,
} from './json-paths';
import { TEXT_CONTEXT } from './repr';
import { bool, factory, udf } from './rows';
import { argumentsToJson, compileToJson } from './to-json';

/** JSONB operators and functions. */

const J = ['json'] as const;
const JS = ['json', 'string'] as const;
const JI = ['json', 'int'] as const;
const JA = ['json', 'strings'] as const;
const JJ = ['json', 'json'] as const;
const strings = arrayOf(STRING);

const path = (value: Uint8Array): string[] => arrayElements(strings, value).map(String);
const text = jsonText;

/** Equal JSON values have equal keys; their order is another matter. */
export const JSON_KEY: FunctionRow = udf('json key', J, STRING, (j: string) =>
  equalityKey(read(j)),
);

export const jsonOperators: readonly FunctionRow[] = [
  udf('->', JS, JSONB, (j: string, key: string) => asJson(member(read(j), key))),
  udf('->', JI, JSONB, (j: string, i: bigint) => asJson(element(read(j), Number(i)))),
  udf('->>', JS, STRING, (j: string, key: string) => asText(member(read(j), key))),
  udf('->>', JI, STRING, (j: string, i: bigint) => asText(element(read(j), Number(i)))),
  udf('#>', JA, JSONB, (j: string, p: Uint8Array) => asJson(follow(read(j), path(p)))),
  udf('#>>', JA, STRING, (j: string, p: Uint8Array) => asText(follow(read(j), path(p)))),
  udf('@>', JJ, BOOL, (a: string, b: string) => bool(containsValue(read(a), read(b)))),
  udf('<@', JJ, BOOL, (a: string, b: string) => bool(containsValue(read(b), read(a)))),
  udf('?', JS, BOOL, (j: string, key: string) => bool(hasKey(read(j), key))),
  udf('?|', JA, BOOL, (j: string, keys: Uint8Array) =>
    bool(path(keys).some((key) => hasKey(read(j), key))),
  ),
  udf('?&', JA, BOOL, (j: string, keys: Uint8Array) =>
    bool(path(keys).every((key) => hasKey(read(j), key))),
  ),
  udf('||', JJ, JSONB, (a: string, b: string) => text(concatenate(read(a), read(b)))),
  udf('-', JS, JSONB, (j: string, key: string) => text(without(read(j), key)), { preferred: true }),
  udf('-', JI, JSONB, (j: string, i: bigint) => text(withoutIndex(read(j), Number(i)))),
  udf('-', JA, JSONB, (j: string, keys: Uint8Array) => text(path(keys).reduce(without, read(j)))),
  udf('#-', JA, JSONB, (j: string, p: Uint8Array) => text(withoutPath(read(j), path(p)))),
];

function arrayLength(j: string): bigint {
  const value = read(j);
  if (isArray(value)) return BigInt(value.length);
  throw new SqlError('invalidParameterValue', 'cannot get array length of a non-array');
}

function buildObject(types: readonly SqlType[]): (...values: Repr[]) => string {
  if (types.length % 2 !== 0)
    throw new SqlError('invalidParameterValue', 'argument list must have even number of elements');
  const converters = argumentsToJson(types);
  return (...values) => {
    const convert = converters(values);
    const entries: [string, JsonValue][] = [];
    for (let i = 0; i + 1 < types.length; i += 2) {
      const key = convert[i]?.(values[i] ?? null) ?? null;
      if (key === null)
        throw new SqlError('nullValueNotAllowed', `argument ${i + 1} cannot be null`);
      const name = typeof key === 'string' ? key : text(key);
      entries.push([name, convert[i + 1]?.(values[i + 1] ?? null) ?? null]);
    }
    return text(jsonObject(entries));
  };
}

const loose = { strict: false } as const;

/** Texts of times, intervals and bytes are those of the session. */
const inSession = { volatility: 'stable', context: TEXT_CONTEXT } as const;

function toJson(types: readonly SqlType[]): (...values: Repr[]) => string {
  const converters = argumentsToJson(types);
  return (...values) => text(converters(values)[0]?.(values[0] ?? null) ?? null);
}

/** The functions that exist with both prefixes. */
function both(make: (prefix: 'json' | 'jsonb') => readonly FunctionRow[]): FunctionRow[] {
  return [...make('json'), ...make('jsonb')];
}

export const jsonBuiltins: readonly FunctionRow[] = both((prefix) => [
  udf(`${prefix}_typeof`, J, STRING, (j: string) => typeOf(read(j))),
  udf(`${prefix}_array_length`, J, INT8, arrayLength),
  udf(`${prefix}_strip_nulls`, J, JSONB, (j: string) => text(stripNulls(read(j)))),
  udf(
    `${prefix}_extract_path`,
    J,
    JSONB,
    (j: string, ...p: string[]) => asJson(follow(read(j), p)),
    { rest: 'string' },
  ),
  udf(
    `${prefix}_extract_path_text`,
    J,
    STRING,
    (j: string, ...p: string[]) => asText(follow(read(j), p)),
    { rest: 'string' },
  ),
  udf(`${prefix}_set`, ['json', 'strings', 'json'], JSONB, (j: string, p: Uint8Array, by: string) =>
    text(setPath(read(j), path(p), read(by), true)),
  ),
  udf(
    `${prefix}_set`,
    ['json', 'strings', 'json', 'bool'],
    JSONB,
    (j: string, p: Uint8Array, by: string, create: bigint) =>
      text(setPath(read(j), path(p), read(by), create !== 0n)),
  ),
  factory(`${prefix}_build_object`, [], JSONB, (types) => buildObject(types), {
    ...loose,
    ...inSession,
    rest: 'any',
  }),
  factory(
    `${prefix}_build_array`,
    [],
    JSONB,
    (types) => {
      const converters = argumentsToJson(types);
      return (...values: Repr[]) =>
        text(converters(values).map((convert, i) => convert(values[i] ?? null)));
    },
    { ...loose, ...inSession, rest: 'any' },
  ),
  factory(`to_${prefix}`, ['any'], JSONB, toJson, inSession),
]).concat([udf('jsonb_pretty', J, STRING, (j: string) => pretty(read(j)))]);

function gather(prefix: 'json' | 'jsonb'): AggregateRow {
  return {
    name: `${prefix}_agg`,
    args: ['any'],
    returns: JSONB,
    skipsNull: false,
    implementation: {
      kind: 'udf',
      make: ([type]) => {
        const convert = compileToJson(type ?? STRING);
        return {
          start: () => [] as JsonValue[],
          step: (state, value) => {
            (state as JsonValue[]).push(convert(value ?? null));
            return state;
          },
          result: (state) =>
            (state as JsonValue[]).length === 0 ? null : text(state as JsonValue[]),
        };
      },
    },
  };
}

function gatherObject(prefix: 'json' | 'jsonb'): AggregateRow {
  return {
    name: `${prefix}_object_agg`,
    args: ['string', 'any'],
    returns: JSONB,
    skipsNull: false,
    implementation: {
      kind: 'udf',
      make: ([, type]) => {
        const convert = compileToJson(type ?? STRING);
        return {
          start: () => [] as [string, JsonValue][],
          step: (state, key, value) => {
            if (key === null || key === undefined)
              throw new SqlError('invalidParameterValue', 'field name must not be null');
            (state as [string, JsonValue][]).push([String(key), convert(value ?? null)]);
            return state;
          },
          result: (state) => {
            const entries = state as [string, JsonValue][];
            return entries.length === 0 ? null : text(jsonObject(entries));
          },
        };
      },
    },
  };
}

export const jsonAggregates: readonly AggregateRow[] = [
  gather('json'),
  gather('jsonb'),
  gatherObject('json'),
  gatherObject('jsonb'),
];
