import { CorruptionError, notSupported } from '../../base/errors';
import type { EnumMetadata, SqlType, TypeFamily } from './sql-type';
import {
  ANY,
  arrayOf,
  BIT,
  BOOL,
  BOX2D,
  BPCHAR,
  BYTES,
  collated,
  DATE,
  DECIMAL,
  decimal,
  enumType,
  FLOAT4,
  FLOAT8,
  GEOGRAPHY,
  GEOMETRY,
  geo,
  INET,
  INT2,
  INT2VECTOR,
  INT4,
  INT8,
  INTERVAL,
  JSONB,
  NAME,
  OID,
  OIDVECTOR,
  QCHAR,
  STRING,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  TIMETZ,
  tuple,
  typeByOid,
  UNKNOWN,
  USER_TYPE_OID_BASE,
  UUID,
  VARBIT,
  VARCHAR,
  VOID,
  withPrecision,
  withWidth,
} from './table';

/**
 * A descriptor's column type (`types.T`) to a `SqlType`, including what old versions wrote differently.
 * The fields are those of the generated message; all optional, so that every version's message fits.
 */
export interface TypeMessage {
  readonly family?: number | undefined;
  readonly width?: number | undefined;
  readonly precision?: number | undefined;
  readonly arrayDimensions?: readonly number[] | undefined;
  readonly locale?: string | undefined;
  readonly visibleType?: number | undefined;
  readonly arrayElemType?: number | undefined;
  readonly tupleContents?: readonly TypeMessage[] | undefined;
  readonly tupleLabels?: readonly string[] | undefined;
  readonly oid?: number | undefined;
  readonly arrayContents?: TypeMessage | undefined;
  readonly timePrecisionIsSet?: boolean | undefined;
  readonly intervalDurationField?:
    | {
        readonly durationType?: number | undefined;
        readonly fromDurationType?: number | undefined;
      }
    | undefined;
  readonly geoMetadata?:
    | { readonly srid?: number | undefined; readonly shapeType?: number | undefined }
    | undefined;
}

/** Given the descriptor id of an enum; undefined when the backup has no such type. */
export type EnumResolver = (typeId: number) => EnumMetadata | undefined;

/** Family numbers of the backup format. Source: format reference 05 §9. */
export const FamilyNumber = {
  Bool: 0,
  Int: 1,
  Float: 2,
  Decimal: 3,
  Date: 4,
  Timestamp: 5,
  Interval: 6,
  String: 7,
  Bytes: 8,
  TimestampTz: 9,
  CollatedString: 10,
  /** Legacy, on disk only. */
  Name: 11,
  Oid: 12,
  Unknown: 13,
  Uuid: 14,
  Array: 15,
  Inet: 16,
  Time: 17,
  Json: 18,
  TimeTz: 19,
  Tuple: 20,
  Bit: 21,
  Geometry: 22,
  Geography: 23,
  Enum: 24,
  Box2d: 25,
  Void: 26,
  Any: 100,
  /** Legacy, on disk only. */
  Int2Vector: 200,
  OidVector: 201,
} as const;

/** Families of later releases: known by name, so that the refusal says what it is about. */
const LATER_FAMILIES: { readonly [family: number]: string } = {
  27: 'ENCODEDKEY',
  28: 'TSQUERY',
  29: 'TSVECTOR',
  30: 'PG_LSN',
  31: 'REFCURSOR',
  32: 'VECTOR',
  33: 'TRIGGER',
  34: 'JSONPATH',
};

const SIMPLE: { readonly [family: number]: SqlType } = {
  [FamilyNumber.Bool]: BOOL,
  [FamilyNumber.Date]: DATE,
  [FamilyNumber.Bytes]: BYTES,
  [FamilyNumber.Unknown]: UNKNOWN,
  [FamilyNumber.Uuid]: UUID,
  [FamilyNumber.Inet]: INET,
  [FamilyNumber.Json]: JSONB,
  [FamilyNumber.Box2d]: BOX2D,
  [FamilyNumber.Void]: VOID,
  [FamilyNumber.Any]: ANY,
  [FamilyNumber.Int2Vector]: INT2VECTOR,
  [FamilyNumber.OidVector]: OIDVECTOR,
};

const TIMES: { readonly [family: number]: SqlType } = {
  [FamilyNumber.Timestamp]: TIMESTAMP,
  [FamilyNumber.TimestampTz]: TIMESTAMPTZ,
  [FamilyNumber.Time]: TIME,
  [FamilyNumber.TimeTz]: TIMETZ,
};

/** `visible_type`: how releases before 19.2 told the spellings of a family apart. */
const Visible = {
  Integer: 1,
  SmallInt: 2,
  BigInt: 3,
  Real: 5,
  Double: 6,
  Varchar: 7,
  Char: 8,
  QChar: 9,
  VarBit: 10,
} as const;

function fromInt(message: TypeMessage): SqlType {
  switch (message.visibleType ?? 0) {
    case Visible.SmallInt:
      return INT2;
    case Visible.Integer:
      return INT4;
    case Visible.BigInt:
      return INT8;
    default:
      if (message.width === 16) return INT2;
      return message.width === 32 ? INT4 : INT8;
  }
}

function fromFloat(message: TypeMessage): SqlType {
  switch (message.visibleType ?? 0) {
    case Visible.Real:
      return FLOAT4;
    case Visible.Double:
      return FLOAT8;
    default: {
      if (message.width === 32) return FLOAT4;
      if (message.width === 64) return FLOAT8;
      const precision = message.precision ?? 0;
      return precision >= 1 && precision <= 24 ? FLOAT4 : FLOAT8;
    }
  }
}

function stringBase(message: TypeMessage): SqlType {
  switch (message.visibleType ?? 0) {
    case Visible.Varchar:
      return VARCHAR;
    case Visible.Char:
      return BPCHAR;
    case Visible.QChar:
      return QCHAR;
    default: {
      const byOid = typeByOid(message.oid ?? 0);
      return byOid?.family === 'string' ? byOid : STRING;
    }
  }
}

function fromString(message: TypeMessage, base: SqlType): SqlType {
  const width = message.width ?? 0;
  const sized = width === 0 ? base : withWidth(base, width);
  const locale = message.locale ?? '';
  return message.family === FamilyNumber.CollatedString || locale !== ''
    ? collated(locale, sized)
    : sized;
}

function fromBit(message: TypeMessage): SqlType {
  const varying = message.visibleType === Visible.VarBit || message.oid === VARBIT.oid;
  const base = varying ? VARBIT : BIT;
  const width = message.width ?? 0;
  return width === 0 ? base : withWidth(base, width);
}

function fromTime(message: TypeMessage, base: SqlType): SqlType {
  const precision = message.precision ?? 0;
  if (precision > 0) return withPrecision(base, precision);
  return precision === 0 && message.timePrecisionIsSet === true ? withPrecision(base, 0) : base;
}

function fromInterval(message: TypeMessage): SqlType {
  const timed = fromTime(message, INTERVAL);
  const to = message.intervalDurationField?.durationType ?? 0;
  const from = message.intervalDurationField?.fromDurationType ?? 0;
  return to === 0 && from === 0 ? timed : { ...timed, intervalTo: to, intervalFrom: from };
}

function fromArray(message: TypeMessage, resolveEnum: EnumResolver): SqlType {
  if (message.oid === INT2VECTOR.oid) return INT2VECTOR;
  if (message.oid === OIDVECTOR.oid) return OIDVECTOR;
  if (message.arrayContents !== undefined)
    return arrayOf(typeFromMessage(message.arrayContents, resolveEnum));
  if (message.arrayElemType === undefined)
    throw new CorruptionError('type descriptor', undefined, 'array without an element type');
  const { arrayElemType: family, oid: _, ...element } = message;
  return arrayOf(typeFromMessage({ ...element, family, arrayDimensions: [] }, resolveEnum));
}

function fromEnum(message: TypeMessage, resolveEnum: EnumResolver): SqlType {
  const oid = message.oid ?? 0;
  const metadata = resolveEnum(oid - USER_TYPE_OID_BASE);
  if (metadata === undefined)
    throw new CorruptionError('type descriptor', undefined, `no type with OID ${oid}`);
  return enumType(metadata);
}

function fromGeo(message: TypeMessage, base: SqlType): SqlType {
  const shape = message.geoMetadata?.shapeType ?? 0;
  const srid = message.geoMetadata?.srid ?? 0;
  return shape === 0 && srid === 0 ? base : geo(base, shape, srid);
}

/**
 * @throws CorruptionError when an array has no element or an enum is not in the backup
 * @throws SqlError 0A000 for type families that v21.2 does not have
 */
export function typeFromMessage(message: TypeMessage, resolveEnum: EnumResolver): SqlType {
  const family = message.family ?? 0;
  const simple = SIMPLE[family];
  if (simple !== undefined) return simple;
  const time = TIMES[family];
  if (time !== undefined) return fromTime(message, time);
  switch (family) {
    case FamilyNumber.Int:
      return fromInt(message);
    case FamilyNumber.Float:
      return fromFloat(message);
    case FamilyNumber.Decimal: {
      const precision = message.precision ?? 0;
      const scale = message.width ?? 0;
      return precision === 0 && scale === 0 ? DECIMAL : decimal(precision, scale);
    }
    case FamilyNumber.Interval:
      return fromInterval(message);
    case FamilyNumber.String:
    case FamilyNumber.CollatedString:
      return fromString(message, stringBase(message));
    case FamilyNumber.Name:
      return fromString(message, NAME);
    case FamilyNumber.Oid: {
      const byOid = typeByOid(message.oid ?? 0);
      return byOid?.family === 'oid' ? byOid : OID;
    }
    case FamilyNumber.Bit:
      return fromBit(message);
    case FamilyNumber.Array:
      return fromArray(message, resolveEnum);
    case FamilyNumber.Tuple:
      return tuple(
        (message.tupleContents ?? []).map((field) => typeFromMessage(field, resolveEnum)),
        message.tupleLabels ?? [],
      );
    case FamilyNumber.Geometry:
      return fromGeo(message, GEOMETRY);
    case FamilyNumber.Geography:
      return fromGeo(message, GEOGRAPHY);
    case FamilyNumber.Enum:
      return fromEnum(message, resolveEnum);
    default:
      throw notSupported(`type family ${LATER_FAMILIES[family] ?? family}`);
  }
}

const FAMILY_NUMBERS: { readonly [F in TypeFamily]: number } = {
  bool: FamilyNumber.Bool,
  int: FamilyNumber.Int,
  float: FamilyNumber.Float,
  decimal: FamilyNumber.Decimal,
  date: FamilyNumber.Date,
  time: FamilyNumber.Time,
  timetz: FamilyNumber.TimeTz,
  timestamp: FamilyNumber.Timestamp,
  timestamptz: FamilyNumber.TimestampTz,
  interval: FamilyNumber.Interval,
  string: FamilyNumber.String,
  collatedstring: FamilyNumber.CollatedString,
  bytes: FamilyNumber.Bytes,
  uuid: FamilyNumber.Uuid,
  inet: FamilyNumber.Inet,
  json: FamilyNumber.Json,
  bit: FamilyNumber.Bit,
  oid: FamilyNumber.Oid,
  enum: FamilyNumber.Enum,
  array: FamilyNumber.Array,
  tuple: FamilyNumber.Tuple,
  geometry: FamilyNumber.Geometry,
  geography: FamilyNumber.Geography,
  box2d: FamilyNumber.Box2d,
  void: FamilyNumber.Void,
  unknown: FamilyNumber.Unknown,
  any: FamilyNumber.Any,
};

/** `visible_type` is still what the stored form uses for these. */
const VISIBLE_BY_OID: { readonly [oid: number]: number } = {
  21: Visible.SmallInt,
  23: Visible.Integer,
  700: Visible.Real,
  1043: Visible.Varchar,
  1042: Visible.Char,
  18: Visible.QChar,
  1562: Visible.VarBit,
};

/** The message fields of a type, as release 21.x stores them; the inverse of `typeFromMessage`. */
export function typeToMessage(type: SqlType): TypeMessage {
  const { element } = type;
  return {
    family: FAMILY_NUMBERS[type.family],
    oid: type.oid,
    width: type.width,
    precision: type.precision,
    ...(type.locale === undefined ? {} : { locale: type.locale }),
    visibleType: VISIBLE_BY_OID[type.oid] ?? 0,
    timePrecisionIsSet: type.precisionIsSet,
    ...(type.family === 'interval'
      ? {
          intervalDurationField: {
            durationType: type.intervalTo ?? 0,
            fromDurationType: type.intervalFrom ?? 0,
          },
        }
      : {}),
    ...(type.family === 'geometry' || type.family === 'geography'
      ? { geoMetadata: { srid: type.srid ?? 0, shapeType: type.shape ?? 0 } }
      : {}),
    ...(element === undefined
      ? {}
      : {
          arrayContents: typeToMessage(element),
          arrayElemType: FAMILY_NUMBERS[element.family],
        }),
    ...(type.family === 'tuple'
      ? { tupleContents: (type.fields ?? []).map(typeToMessage), tupleLabels: type.labels ?? [] }
      : {}),
  };
}
