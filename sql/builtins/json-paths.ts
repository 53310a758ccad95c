import { SqlError } from '../../base/errors';
import {
  JsonNumber,
  type JsonValue,
  jsonObject,
  jsonText,
  parseJsonValue,
} from '../../catalog/types/json';

/** Reading and changing JSON values. */

export const isObject = (value: JsonValue): value is ReadonlyMap<string, JsonValue> =>
  value instanceof Map;

export const isArray = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

export function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  if (isObject(value)) return 'object';
  if (value instanceof JsonNumber) return 'number';
  return typeof value;
}

/** Array elements count from the end when negative. */
export function element(value: JsonValue, index: number): JsonValue | undefined {
  if (!isArray(value)) return undefined;
  return value[index < 0 ? value.length + index : index];
}

export function member(value: JsonValue, key: string): JsonValue | undefined {
  return isObject(value) ? value.get(key) : undefined;
}

/** One step of a path: a key of an object or an index of an array. */
function step(value: JsonValue, key: string): JsonValue | undefined {
  if (isObject(value)) return value.get(key);
  return /^-?\d+$/.test(key) ? element(value, Number(key)) : undefined;
}

export function follow(value: JsonValue, path: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = value;
  for (const key of path) {
    if (at === undefined) return undefined;
    at = step(at, key);
  }
  return at;
}

/** What `->>` gives: a string without its quotes, NULL for null. */
export function asText(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : jsonText(value);
}

export const asJson = (value: JsonValue | undefined): string | null =>
  value === undefined ? null : jsonText(value);

const plainNumber = ({ decimal }: JsonNumber): string => {
  const digits = decimal.digits.replace(/0+$/, '');
  const exponent = decimal.exponent + decimal.digits.length - digits.length;
  return digits === '' ? '0' : `${decimal.negative ? '-' : ''}${digits}e${exponent}`;
};

/** Equal values have equal keys: `1.0` and `1` are the same number. */
export function equalityKey(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(equalityKey).join(',')}]`;
  if (isObject(value))
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${equalityKey(item)}`).join(',')}}`;
  return value instanceof JsonNumber ? plainNumber(value) : JSON.stringify(value);
}

const isScalar = (value: JsonValue): boolean => !isArray(value) && !isObject(value);

/** `@>`: objects by members, arrays as sets; a scalar is in an array that has it. */
export function containsValue(outer: JsonValue, inner: JsonValue, top = true): boolean {
  if (isArray(outer)) {
    if (isArray(inner))
      return inner.every((item) => outer.some((other) => containsValue(other, item, false)));
    return (
      top && isScalar(inner) && outer.some((other) => equalityKey(other) === equalityKey(inner))
    );
  }
  if (isObject(outer)) {
    if (!isObject(inner)) return false;
    return [...inner].every(([key, item]) => {
      const other = outer.get(key);
      return other !== undefined && containsValue(other, item, false);
    });
  }
  return isScalar(inner) && equalityKey(outer) === equalityKey(inner);
}

export function hasKey(value: JsonValue, key: string): boolean {
  if (isObject(value)) return value.has(key);
  return isArray(value) ? value.includes(key) : value === key;
}

export function concatenate(a: JsonValue, b: JsonValue): JsonValue {
  if (isObject(a) && isObject(b)) return jsonObject([...a, ...b]);
  if (isArray(a) || isArray(b) || (isScalar(a) && isScalar(b)))
    return [...(isArray(a) ? a : [a]), ...(isArray(b) ? b : [b])];
  throw new SqlError('invalidParameterValue', 'invalid concatenation of jsonb objects');
}

export function without(value: JsonValue, key: string): JsonValue {
  if (isObject(value)) return new Map([...value].filter(([name]) => name !== key));
  if (isArray(value)) return value.filter((item) => item !== key);
  throw new SqlError('invalidParameterValue', 'cannot delete from scalar');
}

export function withoutIndex(value: JsonValue, index: number): JsonValue {
  if (!isArray(value)) {
    const what = isObject(value) ? 'object using integer index' : 'scalar';
    throw new SqlError('invalidParameterValue', `cannot delete from ${what}`);
  }
  const at = index < 0 ? value.length + index : index;
  return value.filter((_, i) => i !== at);
}

export function withoutPath(value: JsonValue, path: readonly string[]): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (isScalar(value)) throw new SqlError('invalidParameterValue', 'cannot delete path in scalar');
  if (rest.length === 0) {
    if (isObject(value)) return without(value, key);
    return /^-?\d+$/.test(key) ? withoutIndex(value, Number(key)) : value;
  }
  const child = step(value, key);
  if (child === undefined || isScalar(child)) return value;
  return replaced(value, key, withoutPath(child, rest));
}

function replaced(value: JsonValue, key: string, by: JsonValue): JsonValue {
  if (isObject(value)) return jsonObject([...value, [key, by]]);
  if (!isArray(value)) return value;
  const index = Number(key);
  const at = index < 0 ? value.length + index : index;
  return value.map((item, i) => (i === at ? by : item));
}

/** `jsonb_set`: a missing last step is made when `create` says so. */
export function setPath(
  value: JsonValue,
  path: readonly string[],
  by: JsonValue,
  create: boolean,
): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (isScalar(value)) throw new SqlError('invalidParameterValue', 'cannot set path in scalar');
  const child = step(value, key);
  if (rest.length > 0)
    return child === undefined || isScalar(child)
      ? value
      : replaced(value, key, setPath(child, rest, by, create));
  if (child !== undefined) return replaced(value, key, by);
  if (!create) return value;
  if (isObject(value)) return jsonObject([...value, [key, by]]);
  return Number(key) < 0
    ? [by, ...(value as readonly JsonValue[])]
    : [...(value as readonly JsonValue[]), by];
}

export function stripNulls(value: JsonValue): JsonValue {
  if (isArray(value)) return value.map(stripNulls);
  if (!isObject(value)) return value;
  return new Map(
    [...value].filter(([, item]) => item !== null).map(([k, v]) => [k, stripNulls(v)]),
  );
}

/** Four spaces a level. */
export function pretty(value: JsonValue, indent = ''): string {
  const inner = `${indent}    `;
  if (isArray(value) && value.length > 0)
    return `[\n${value.map((item) => inner + pretty(item, inner)).join(',\n')}\n${indent}]`;
  if (isObject(value) && value.size > 0) {
    const items = [...value].map(([k, v]) => `${inner}${jsonText(k)}: ${pretty(v, inner)}`);
    return `{\n${items.join(',\n')}\n${indent}}`;
  }
  return jsonText(value);
}

let lastText: string | undefined;
let lastValue: JsonValue = null;

/** Parses stored JSON; the same text twice in a row (several operators on one column) is parsed once. */
export function read(text: string): JsonValue {
  if (text !== lastText) {
    lastValue = parseJsonValue(text);
    lastText = text;
  }
  return lastValue;
}
