import { BOOL } from '../../catalog/types/table';
import { native, sameAs } from './rows';

/** Control structures: their typing is special (bind/), their SQL is SQLite's own. */

const loose = { strict: false } as const;

/** Halves of halves: SQLite allows 1,000 levels, and takes a plain chain for as many levels as it has links. */
function balanced(args: readonly string[], operator: string): string {
  if (args.length <= CHAIN_MAX) return `(${args.join(operator)})`;
  const middle = args.length >> 1;
  const [left, right] = [args.slice(0, middle), args.slice(middle)];
  return `(${balanced(left, operator)}${operator}${balanced(right, operator)})`;
}

const CHAIN_MAX = 64;

export const AND = native('and', [], BOOL, (args) => balanced(args, ' AND '), loose);
export const OR = native('or', [], BOOL, (args) => balanced(args, ' OR '), loose);
export const NOT = native('not', ['bool'], BOOL, ([a]) => `(NOT ${a})`);
export const IS_NULL = native('is_null', ['any'], BOOL, ([a]) => `(${a} IS NULL)`, loose);
export const IS_NOT_NULL = native(
  'is_not_null',
  ['any'],
  BOOL,
  ([a]) => `(${a} IS NOT NULL)`,
  loose,
);
export const IS = native('is', [], BOOL, ([a, b]) => `(${a} IS ${b})`, loose);

/** Arguments: condition, result, condition, result …, else. */
export const CASE = native(
  'case',
  [],
  sameAs(1),
  (args) => {
    let text = 'CASE';
    for (let i = 0; i + 1 < args.length; i += 2) text += ` WHEN ${args[i]} THEN ${args[i + 1]}`;
    return `${text} ELSE ${args[args.length - 1]} END`;
  },
  loose,
);

export const COALESCE = native(
  'coalesce',
  [],
  sameAs(0),
  (args) => (args.length === 1 ? `${args[0]}` : `coalesce(${args.join(', ')})`),
  loose,
);

/** Arguments: left, and the list. */
export const IN_LIST = native(
  'in',
  [],
  BOOL,
  ([left, ...list]) => `(${left} IN (${list.join(', ')}))`,
  loose,
);

/** A value under another type of its kind. */
export const RETYPED = native('retyped', ['any'], sameAs(0), ([value]) => `${value}`, loose);
