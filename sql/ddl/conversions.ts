import type { SqlType } from '../../catalog/types/sql-type';
import { castRow } from '../builtins/casts';

/**
 * How a column's type may be changed, as CockroachDB v21.2 tells conversions apart: `trivial` ones leave the rows as they are,
 * `general` ones rewrite them, `impossible` ones need a USING.
 */
export type Conversion = 'trivial' | 'general' | 'impossible';

export function conversionOf(from: SqlType, to: SqlType): Conversion {
  const known = KNOWN[`${from.family} ${to.family}`]?.(from, to);
  if (known !== undefined) return known;
  if (isSame(from, to)) return 'trivial';
  return from.family === to.family || castRow(from, to) !== undefined ? 'general' : 'impossible';
}

function isSame(from: SqlType, to: SqlType): boolean {
  if (from.family !== to.family || from.oid !== to.oid || from.width !== to.width) return false;
  if (from.locale !== to.locale || from.srid !== to.srid || from.shape !== to.shape) return false;
  if (from.precision !== to.precision) return false;
  if (from.element === undefined || to.element === undefined) return from.element === to.element;
  return isSame(from.element, to.element);
}

type Rule = (from: SqlType, to: SqlType) => Conversion;

const trivial: Rule = () => 'trivial';

/** No limit takes everything; a limit takes what a narrower one has taken. */
const byWidth: Rule = (from, to) => {
  const wider = to.width === 0 || (from.width !== 0 && from.width <= to.width);
  return wider ? 'trivial' : 'general';
};

const DIGITS_MAX = 6;
const digits = (type: SqlType): number => (type.precisionIsSet ? type.precision : DIGITS_MAX);
const byDigits: Rule = (from, to) => (digits(to) < digits(from) ? 'general' : 'trivial');

/** Both digits and scale must have room: fewer digits before the point do not hold what was there. */
const byPrecision: Rule = (from, to) => {
  if (to.precision === 0) return 'trivial';
  if (from.precision === 0) return 'general';
  const isWider =
    to.width === from.width
      ? to.precision >= from.precision
      : to.width > from.width && to.precision - to.width >= from.precision - from.width;
  return isWider ? 'trivial' : 'general';
};

/** Characters of UTF-8 at most. */
const BYTES_PER_CHARACTER_MAX = 4;

const KNOWN: { readonly [families: string]: Rule | undefined } = {
  'bytes bytes': byWidth,
  'decimal decimal': byPrecision,
  'float float': trivial,
  'int int': byWidth,
  'bit bit': byWidth,
  'string bytes': (from, to) =>
    to.width === 0 || (from.width !== 0 && from.width * BYTES_PER_CHARACTER_MAX <= to.width)
      ? 'trivial'
      : 'general',
  'string string': byWidth,
  'timestamp timestamp': byDigits,
  'timestamp timestamptz': trivial,
  'timestamptz timestamp': trivial,
  'timestamptz timestamptz': byDigits,
  'time time': byDigits,
  'timetz timetz': byDigits,
};
