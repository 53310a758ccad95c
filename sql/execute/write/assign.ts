import { SqlError } from '../../../base/errors';
import { arrayElements, arrayToRepr } from '../../../catalog/types/array';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { typeName } from '../../../catalog/types/type-name';
import { compileAdjust } from '../../builtins/casts';

/**
 * What a value goes through when it is written to a column: it is rounded to the type's scale or precision, and refused when
 * it is too long. Casts differ: they cut long texts.
 */
export type Assign = (value: Repr) => Repr;

const QCHAR_OID = 18;
const BPCHAR_OID = 1042;
const FIXED_BIT_OID = 1560;

/** The type's own rule; undefined when every value of the family fits. NULL is never passed. */
export function compileAssign(type: SqlType): Assign | undefined {
  switch (type.family) {
    case 'string':
    case 'collatedstring':
      return textWidth(type);
    case 'bit':
      return type.width === 0 ? undefined : bitWidth(type);
    case 'array':
      return arrayOf(type);
    default:
      return compileAdjust(type);
  }
}

function textWidth(type: SqlType): Assign | undefined {
  if (type.oid === QCHAR_OID) return (value) => Array.from(value as string)[0] ?? '';
  const { width } = type;
  const trims = type.oid === BPCHAR_OID;
  if (width === 0 && !trims) return undefined;
  return (value) => {
    const text = trims ? (value as string).replace(/ +$/, '') : (value as string);
    if (width === 0 || text.length <= width || Array.from(text).length <= width) return text;
    throw new SqlError('stringDataRightTruncation', `value too long for type ${typeName(type)}`);
  };
}

function bitWidth(type: SqlType): Assign {
  const fixed = type.oid === FIXED_BIT_OID;
  return (value) => {
    const bits = value as string;
    if (fixed ? bits.length === type.width : bits.length <= type.width) return bits;
    if (fixed)
      throw new SqlError(
        'stringDataLengthMismatch',
        `bit string length ${bits.length} does not match type ${typeName(type)}`,
      );
    throw new SqlError(
      'stringDataRightTruncation',
      `bit string length ${bits.length} too large for type ${typeName(type)}`,
    );
  };
}

function arrayOf(type: SqlType): Assign | undefined {
  const inner = type.element === undefined ? undefined : compileAssign(type.element);
  if (inner === undefined) return undefined;
  return (value) => {
    const elements = arrayElements(type, value as Uint8Array);
    return arrayToRepr(
      type,
      elements.map((element) => (element === null ? null : inner(element))),
    );
  };
}
