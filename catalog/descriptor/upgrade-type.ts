import { clone, create, isFieldSet } from '@bufbuild/protobuf';

import { CorruptionError } from '../../base/errors';
import { arrayOidOf, typeByOid } from '../types/table';
import {
  type ColumnType,
  ColumnTypeSchema,
  Family,
  IntervalDurationFieldSchema,
} from './gen/type_pb';

/**
 * Column types as releases stored them, turned into the form v21.2 works with: every type has its
 * OID, arrays have their element, no `visible_type`.
 *
 * Source: format reference 05 §9; cockroach pkg/sql/types.
 */

/** How old releases told the spellings of a family apart. */
const Visible = {
  integer: 1,
  smallInt: 2,
  bigInt: 3,
  real: 5,
  double: 6,
  varchar: 7,
  char: 8,
  quotedChar: 9,
  varBit: 10,
} as const;

const INT_OID: { readonly [width: number]: number } = { 16: 21, 32: 23, 64: 20 };
const FLOAT_OID: { readonly [width: number]: number } = { 32: 700, 64: 701 };
const NAME_OID = 19;
const TEXT_OID = 25;
const BIT_OID = 1560;
const VARBIT_OID = 1562;
const INT2VECTOR_OID = 22;
const OIDVECTOR_OID = 30;

/** OIDs of families that have but one spelling, or of the spelling meant when none is stored. */
const DEFAULT_OID: { readonly [family: number]: number } = {
  [Family.BoolFamily]: 16,
  [Family.DecimalFamily]: 1700,
  [Family.DateFamily]: 1082,
  [Family.TimestampFamily]: 1114,
  [Family.IntervalFamily]: 1186,
  [Family.BytesFamily]: 17,
  [Family.TimestampTZFamily]: 1184,
  [Family.OidFamily]: 26,
  [Family.UnknownFamily]: 705,
  [Family.UuidFamily]: 2950,
  [Family.INetFamily]: 869,
  [Family.TimeFamily]: 1083,
  [Family.JsonFamily]: 3802,
  [Family.TimeTZFamily]: 1266,
  [Family.TupleFamily]: 2249,
  [Family.GeometryFamily]: 90000,
  [Family.GeographyFamily]: 90002,
  [Family.Box2DFamily]: 90004,
};

/** In place. @throws CorruptionError for an array without an element type */
export function upgradeType(type: ColumnType, file: string): void {
  switch (type.family) {
    case Family.IntFamily:
      type.width = intWidth(type);
      type.oid = INT_OID[type.width] as number;
      break;
    case Family.FloatFamily:
      type.width = floatWidth(type);
      type.oid = FLOAT_OID[type.width] as number;
      type.precision = 0;
      break;
    case Family.StringFamily:
    case Family.CollatedStringFamily:
      type.oid = stringOid(type);
      break;
    case Family.BitFamily:
      type.oid = type.visibleType === Visible.varBit ? VARBIT_OID : type.oid || BIT_OID;
      break;
    case Family.TimestampFamily:
    case Family.TimestampTZFamily:
    case Family.TimeFamily:
    case Family.TimeTZFamily:
      upgradeTimePrecision(type);
      break;
    case Family.IntervalFamily:
      type.intervalDurationField ??= create(IntervalDurationFieldSchema);
      break;
    case Family.LegacyNameFamily:
      type.family = type.locale === '' ? Family.StringFamily : Family.CollatedStringFamily;
      type.oid = NAME_OID;
      break;
    case Family.ArrayFamily:
      upgradeArray(type, file);
      break;
    case Family.LegacyInt2VectorFamily:
      becomeVector(type, create(ColumnTypeSchema, { family: Family.IntFamily, width: 16 }));
      type.oid = INT2VECTOR_OID;
      upgradeArray(type, file);
      break;
    case Family.LegacyOidVectorFamily:
      becomeVector(type, create(ColumnTypeSchema, { family: Family.OidFamily }));
      type.oid = OIDVECTOR_OID;
      upgradeArray(type, file);
      break;
    case Family.TupleFamily:
      for (const field of type.tupleContents) upgradeType(field, file);
      break;
    default:
      break;
  }
  type.visibleType = 0;
  if (type.oid === 0) type.oid = DEFAULT_OID[type.family] ?? 0;
}

function intWidth(type: ColumnType): number {
  switch (type.visibleType) {
    case Visible.smallInt:
      return 16;
    case Visible.integer:
      return 32;
    case Visible.bigInt:
      return 64;
    default:
      return type.width === 16 || type.width === 32 ? type.width : 64;
  }
}

function floatWidth(type: ColumnType): number {
  switch (type.visibleType) {
    case Visible.real:
      return 32;
    case Visible.double:
      return 64;
    default:
      if (type.width === 32 || type.width === 64) return type.width;
      return type.precision >= 1 && type.precision <= 24 ? 32 : 64;
  }
}

function stringOid(type: ColumnType): number {
  switch (type.visibleType) {
    case Visible.varchar:
      return 1043;
    case Visible.char:
      return 1042;
    case Visible.quotedChar:
      return 18;
    default:
      return type.oid || TEXT_OID;
  }
}

function upgradeTimePrecision(type: ColumnType): void {
  if (type.precision < 0) {
    type.precision = 0;
    type.timePrecisionIsSet = false;
  } else if (type.precision > 0) {
    type.timePrecisionIsSet = true;
  }
}

function upgradeArray(type: ColumnType, file: string): void {
  if (type.arrayContents === undefined) {
    if (!isFieldSet(type, ColumnTypeSchema.field.arrayElemType))
      throw new CorruptionError(file, undefined, 'array type without an element type');
    // The array's own fields were those of its elements.
    const element = clone(ColumnTypeSchema, type);
    element.family = type.arrayElemType;
    element.oid = 0;
    element.arrayElemType = Family.BoolFamily;
    element.arrayDimensions = [];
    if (element.family === Family.ArrayFamily)
      throw new CorruptionError(file, undefined, 'array of arrays');
    type.arrayContents = element;
  }
  const element = type.arrayContents;
  upgradeType(element, file);
  type.width = 0;
  type.precision = 0;
  type.locale = '';
  type.arrayElemType = Family.BoolFamily;
  if (type.oid === 0) type.oid = arrayOid(element);
}

function arrayOid(element: ColumnType): number {
  const userDefined = element.udtMetadata?.arrayTypeOid ?? 0;
  if (userDefined !== 0) return userDefined;
  const known = typeByOid(element.oid);
  return known === undefined ? 0 : arrayOidOf(known);
}

function becomeVector(type: ColumnType, element: ColumnType): void {
  type.family = Family.ArrayFamily;
  type.arrayContents = element;
}
