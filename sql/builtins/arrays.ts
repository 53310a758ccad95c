import { notSupported } from '../../base/errors';
import { arrayElements, arrayToRepr } from '../../catalog/types/array';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { arrayOf, BOOL, INT8, STRING } from '../../catalog/types/table';
import { compileTextEncoder } from '../../catalog/types/text';
import { compileComparator } from './compare-values';
import type { FunctionRow } from './function-row';
import { TEXT_CONTEXT, textSettings, withSettings } from './repr';
import { bool, factory, sameAs } from './rows';

/** Arrays: constructor, subscripts, operators and functions. */

type Bytes = Uint8Array;

const arrayType = (args: readonly SqlType[]): SqlType =>
  args.find((type) => type.family === 'array') ?? arrayOf(args[0] ?? STRING);

const elementOf = (args: readonly SqlType[]): SqlType => arrayType(args).element ?? STRING;

export const MAKE_ARRAY: FunctionRow = factory(
  'array',
  [],
  sameAs(0),
  (_, returns) =>
    (...items: Repr[]) =>
      arrayToRepr(returns, items),
  { strict: false },
);

export const SUBSCRIPT: FunctionRow = factory(
  'subscript',
  ['array', 'int'],
  (args) => elementOf(args),
  ([array]) =>
    (value: Bytes, index: bigint) =>
      array === undefined ? null : (arrayElements(array, value)[Number(index) - 1] ?? null),
);

const ACCEPTS: { readonly [operator: string]: (order: number) => boolean } = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** `value op ANY (array)`: NULL elements make a NULL unless the answer is already known. */
function quantified(operator: string, all: boolean): FunctionRow {
  const accepts = ACCEPTS[operator] ?? ((order) => order === 0);
  return factory(
    `${operator} ${all ? 'all' : 'any'}`,
    ['element', 'array'],
    BOOL,
    ([element, array]) => {
      if (array === undefined || element === undefined) throw notSupported('ANY without an array');
      const compare = compileComparator(element);
      return (value: Repr, list: Bytes) => {
        let unknown = false;
        for (const item of arrayElements(array, list)) {
          if (item === null) unknown = true;
          else if (accepts(compare(value, item)) !== all) return bool(!all);
        }
        return unknown ? null : bool(all);
      };
    },
  );
}

export const ANY_OF: ReadonlyMap<string, FunctionRow> = new Map(
  Object.keys(ACCEPTS).flatMap((operator) => [
    [`${operator} ANY`, quantified(operator, false)] as const,
    [`${operator} ALL`, quantified(operator, true)] as const,
  ]),
);

const loose = { strict: false } as const;

function itemsOf(type: SqlType, value: Repr): Repr[] {
  return value === null ? [] : arrayElements(type, value as Bytes);
}

function contains(type: SqlType): (outer: Bytes, inner: Bytes) => bigint {
  const compare = compileComparator(type.element ?? STRING);
  return (outer, inner) => {
    const items = arrayElements(type, outer);
    return bool(
      arrayElements(type, inner).every(
        (item) =>
          item !== null && items.some((other) => other !== null && compare(other, item) === 0),
      ),
    );
  };
}

const required = (type: SqlType | undefined): SqlType => type ?? arrayOf(STRING);

// `||` and the functions of the same meaning.

const concatenate =
  ([type]: readonly SqlType[]) =>
  (a: Repr, b: Repr): Repr =>
    a === null && b === null
      ? null
      : arrayToRepr(required(type), [...itemsOf(required(type), a), ...itemsOf(required(type), b)]);

const append =
  ([type]: readonly SqlType[]) =>
  (a: Repr, b: Repr): Repr =>
    arrayToRepr(required(type), [...itemsOf(required(type), a), b]);

const prepend =
  ([, type]: readonly SqlType[]) =>
  (a: Repr, b: Repr): Repr =>
    arrayToRepr(required(type), [a, ...itemsOf(required(type), b)]);

export const arrayOperators: readonly FunctionRow[] = [
  factory('||', ['array', 'array'], sameAs(0), concatenate, loose),
  factory('||', ['array', 'element'], sameAs(0), append, loose),
  factory('||', ['element', 'array'], sameAs(1), prepend, loose),
  factory('@>', ['array', 'array'], BOOL, ([type]) => contains(required(type))),
  factory('<@', ['array', 'array'], BOOL, ([type]) => {
    const has = contains(required(type));
    return (inner: Bytes, outer: Bytes) => has(outer, inner);
  }),
  factory('&&', ['array', 'array'], BOOL, ([type]) => {
    const compare = compileComparator(required(type).element ?? STRING);
    return (a: Bytes, b: Bytes) => {
      const items = arrayElements(required(type), b);
      return bool(
        arrayElements(required(type), a).some(
          (item) =>
            item !== null && items.some((other) => other !== null && compare(item, other) === 0),
        ),
      );
    };
  }),
];

/** Elements that are not distinct from the wanted one, NULL included. */
function isSame(element: SqlType): (a: Repr, b: Repr) => boolean {
  const compare = compileComparator(element);
  return (a, b) => (a === null || b === null ? a === b : compare(a, b) === 0);
}

function arrayLength(name: string): FunctionRow {
  return factory(name, ['array', 'int'], INT8, ([type]) => (value: Bytes, dimension: bigint) => {
    const count = arrayElements(required(type), value).length;
    return dimension === 1n && count > 0 ? BigInt(count) : null;
  });
}

export const arrayBuiltins: readonly FunctionRow[] = [
  arrayLength('array_length'),
  arrayLength('array_upper'),
  factory(
    'array_lower',
    ['array', 'int'],
    INT8,
    ([type]) =>
      (value: Bytes, dimension: bigint) =>
        dimension === 1n && arrayElements(required(type), value).length > 0 ? 1n : null,
  ),
  factory(
    'cardinality',
    ['array'],
    INT8,
    ([type]) =>
      (value: Bytes) =>
        BigInt(arrayElements(required(type), value).length),
  ),
  factory('array_append', ['array', 'element'], sameAs(0), append, loose),
  factory('array_prepend', ['element', 'array'], sameAs(1), prepend, loose),
  factory('array_cat', ['array', 'array'], sameAs(0), concatenate, loose),
  factory(
    'array_remove',
    ['array', 'element'],
    sameAs(0),
    ([type, element]) => {
      const same = isSame(element ?? STRING);
      return (value: Repr, gone: Repr) =>
        value === null
          ? null
          : arrayToRepr(
              required(type),
              itemsOf(required(type), value).filter((item) => !same(item, gone)),
            );
    },
    loose,
  ),
  factory(
    'array_replace',
    ['array', 'element', 'element'],
    sameAs(0),
    ([type, element]) => {
      const same = isSame(element ?? STRING);
      return (value: Repr, from: Repr, to: Repr) =>
        value === null
          ? null
          : arrayToRepr(
              required(type),
              itemsOf(required(type), value).map((item) => (same(item, from) ? to : item)),
            );
    },
    loose,
  ),
  factory(
    'array_position',
    ['array', 'element'],
    INT8,
    ([type, element]) => {
      const same = isSame(element ?? STRING);
      return (value: Repr, wanted: Repr) => {
        const at = itemsOf(required(type), value).findIndex((item) => same(item, wanted));
        return at < 0 ? null : BigInt(at + 1);
      };
    },
    loose,
  ),
  factory(
    'array_positions',
    ['array', 'element'],
    arrayOf(INT8),
    ([type, element]) => {
      const same = isSame(element ?? STRING);
      return (value: Repr, wanted: Repr) =>
        value === null
          ? null
          : arrayToRepr(
              arrayOf(INT8),
              itemsOf(required(type), value).flatMap((item, i) =>
                same(item, wanted) ? [BigInt(i + 1)] : [],
              ),
            );
    },
    loose,
  ),
  ...[2, 3].map((count) =>
    factory(
      'array_to_string',
      count === 2 ? ['array', 'string'] : ['array', 'string', 'string'],
      STRING,
      ([type]) => {
        const element = required(type).element ?? STRING;
        const encoder = withSettings((values) => compileTextEncoder(element, textSettings(values)));
        return (value: Repr, between: Repr, ...more: Repr[]) => {
          if (value === null || between === null) return null;
          const encode = encoder(...more.slice(count - 2));
          const forNull = count === 2 ? null : (more[0] ?? null);
          const parts = itemsOf(required(type), value).flatMap((item) =>
            item === null ? (forNull === null ? [] : [String(forNull)]) : [encode(item)],
          );
          return parts.join(String(between));
        };
      },
      { ...loose, volatility: 'stable', context: TEXT_CONTEXT },
    ),
  ),
];
