import { arrayElements, arrayToRepr } from './array';
import { collationKey } from './collation-key';
import { JsonNumber, type JsonValue, jsonText, parseJsonValue } from './json';
import type { Repr, SqlType } from './sql-type';

/** How values of a type are compared in SQLite. */
export type Ordering =
  /** SQLite's own comparison of the stored value. */
  | { readonly kind: 'native' }
  /** SQLite's own with this collation, which expressions have to name. */
  | { readonly kind: 'collate'; readonly collation: 'RTRIM' | 'NOCASE' }
  /**
   * Comparing `key(value)` of both sides. `sortable` is false when the key is good for equality only, as ORDER BY of
   * the type is refused.
   */
  | { readonly kind: 'key'; readonly key: (value: Repr) => Repr; readonly sortable: boolean };

const NATIVE: Ordering = { kind: 'native' };
const BY_RTRIM: Ordering = { kind: 'collate', collation: 'RTRIM' };
const BY_NOCASE: Ordering = { kind: 'collate', collation: 'NOCASE' };

/** JSON that is equal has the same text: numbers lose trailing zeros and the sign of zero. */
function canonicalJson(value: JsonValue): JsonValue {
  if (value instanceof JsonNumber) {
    const { negative, digits, exponent } = value.decimal;
    if (digits === '0') return new JsonNumber({ negative: false, digits: '0', exponent: 0 });
    const shown = digits.replace(/0+$/, '');
    return new JsonNumber({
      negative,
      digits: shown,
      exponent: exponent + digits.length - shown.length,
    });
  }
  if (value instanceof Map)
    return new Map([...value].map(([key, item]) => [key, canonicalJson(item)]));
  if (Array.isArray(value)) return value.map(canonicalJson);
  return value;
}

/** Equal for equal JSON, e.g. of `1` and `1.0`. */
export function jsonKey(text: string): string {
  return jsonText(canonicalJson(parseJsonValue(text)));
}

const INTERVAL_LENGTH_DIGITS = 24;

/** What stands for an element inside an array whose stored form says more than its order; undefined = nothing to do. */
function elementKey(type: SqlType): ((value: Repr) => Repr) | undefined {
  switch (type.family) {
    case 'decimal':
      return (value) => (value as string).trimEnd();
    case 'interval':
      return (value) => (value as string).slice(0, INTERVAL_LENGTH_DIGITS);
    case 'float':
      return (value) => (Object.is(value, -0) ? 0n : value);
    default: {
      const ordering = orderBy(type);
      return ordering.kind === 'key' ? ordering.key : undefined;
    }
  }
}

/** Collation keys are bytes where the type's elements are text: the array of keys has an element type of its own. */
function keyType(type: SqlType): SqlType {
  if (type.family !== 'collatedstring') return type;
  const { locale: _, ...rest } = type;
  return { ...rest, family: 'bytes', oid: 17 };
}

function compileSequence(type: SqlType, fields: (index: number) => SqlType | undefined): Ordering {
  const isArray = type.family === 'array';
  const all = isArray ? [type.element] : (type.fields ?? []);
  const keys = all.map((field) => (field === undefined ? undefined : elementKey(field)));
  if (keys.every((key) => key === undefined)) return NATIVE;
  const keyed: SqlType = isArray
    ? { ...type, ...(type.element === undefined ? {} : { element: keyType(type.element) }) }
    : { ...type, fields: (type.fields ?? []).map(keyType) };
  const sortable = all.every((field) => field === undefined || isSortable(field));
  return {
    kind: 'key',
    sortable,
    key: (value) => {
      if (value === null) return null;
      const items = arrayElements(type, value as Uint8Array).map((item, i) => {
        const key = fields(i) === undefined ? undefined : keys[isArray ? 0 : i];
        return item === null || key === undefined ? item : key(item);
      });
      return arrayToRepr(keyed, items);
    },
  };
}

function isSortable(type: SqlType): boolean {
  const ordering = orderBy(type);
  return ordering.kind !== 'key' || ordering.sortable;
}

const orderings = new WeakMap<SqlType, Ordering>();

function compile(type: SqlType): Ordering {
  switch (type.family) {
    case 'decimal':
      return BY_RTRIM;
    case 'interval':
      return BY_NOCASE;
    case 'json':
      return {
        kind: 'key',
        key: (value) => (value === null ? null : jsonKey(value as string)),
        sortable: false,
      };
    case 'collatedstring': {
      const locale = type.locale ?? '';
      return {
        kind: 'key',
        key: (value) => (value === null ? null : collationKey(locale, value as string)),
        sortable: true,
      };
    }
    case 'array':
      return compileSequence(type, () => type.element);
    case 'tuple':
      return compileSequence(type, (index) => type.fields?.[index]);
    default:
      return NATIVE;
  }
}

/** The same object for the same type. */
export function orderBy(type: SqlType): Ordering {
  let ordering = orderings.get(type);
  if (ordering === undefined) {
    ordering = compile(type);
    orderings.set(type, ordering);
  }
  return ordering;
}
