import { notSupported } from '../../base/errors';
import { invariant } from '../../base/invariant';
import { compareUtf8 } from '../../catalog/types/json';
import { orderBy } from '../../catalog/types/order-by';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { messageTypeName } from '../../catalog/types/type-name';
import { collationOf, isGeometric } from './type-rules';

/** Compares non-null representations of one type in JavaScript as SQLite does with the type's collation or key. */
export function compileComparator(type: SqlType): (a: Repr, b: Repr) => number {
  if (isGeometric(type)) throw notSupported(`comparing values of type ${messageTypeName(type)}`);
  const ordering = orderBy(type);
  if (ordering.kind === 'key') {
    const { key } = ordering;
    return (a, b) => compareReprs(key(a), key(b));
  }
  const collation = collationOf(type);
  if (collation === 'RTRIM') return (a, b) => plain(trimRight(String(a)), trimRight(String(b)));
  if (collation === 'NOCASE')
    return (a, b) => plain(String(a).slice(0, 24), String(b).slice(0, 24));
  return compareReprs;
}

const trimRight = (text: string): string => text.replace(/ +$/, '');
const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function compareReprs(a: Repr, b: Repr): number {
  if (typeof a === 'string' && typeof b === 'string') return compareUtf8(a, b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  invariant(typeof a === 'bigint' || typeof a === 'number', 'numbers compare with numbers');
  invariant(typeof b === 'bigint' || typeof b === 'number', 'numbers compare with numbers');
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Equal for values that are not distinct, NULL included; among values of that type. */
export function compileIdentity(type: SqlType): (value: Repr) => string {
  const ordering = orderBy(type);
  return (value) => {
    if (value === null) return '';
    if (ordering.kind === 'key') return identity(ordering.key(value));
    if (ordering.kind === 'native') return identity(value);
    const text = String(value);
    return `t${ordering.collation === 'RTRIM' ? trimRight(text) : text.slice(0, 24)}`;
  };
}

function identity(value: Repr): string {
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
  // Negative zero is zero.
  return typeof value === 'string' ? `t${value}` : `n${value}`;
}
