import { SqlError } from '../../base/errors';
import { localeName } from './locale-name';
import type { EnumMetadata, SqlType, TypeFamily } from './sql-type';

/**
 * The type table: one row per scalar type of CockroachDB v21.2, and everything that is looked up in it.
 * OIDs, sizes and categories are PostgreSQL's; the types PostgreSQL lacks start at OID 90000.
 */

export interface TypeRow {
  readonly family: TypeFamily;
  readonly oid: number;
  /** 0 = the type has no array type. */
  readonly arrayOid: number;
  /** What `pg_typeof` and `format_type` print. */
  readonly pgName: string;
  /** `pg_type.typname` */
  readonly typname: string;
  /** As SHOW CREATE TABLE prints it, without width. */
  readonly crdbName: string;
  /** `pg_type.typlen`: -1 = variable. */
  readonly sizeBytes: number;
  /** `pg_type.typcategory` */
  readonly category: string;
  /** Bits of an int or float, else 0. */
  readonly width: number;
  /** What a user may write for it besides `pgName`, `typname` and `crdbName`; lower case. */
  readonly aliases: readonly string[];
}

type Row = readonly [
  family: TypeFamily,
  oid: number,
  arrayOid: number,
  pgName: string,
  typname: string,
  crdbName: string,
  sizeBytes: number,
  category: string,
  width: number,
  aliases: string,
];

const ROWS = [
  ['bool', 16, 1000, 'boolean', 'bool', 'BOOL', 1, 'B', 0, ''],
  ['bytes', 17, 1001, 'bytea', 'bytea', 'BYTES', -1, 'U', 0, 'blob'],
  ['string', 18, 1002, '"char"', 'char', '"char"', 1, 'S', 0, ''],
  ['string', 19, 1003, 'name', 'name', 'NAME', 64, 'S', 0, ''],
  ['int', 20, 1016, 'bigint', 'int8', 'INT8', 8, 'N', 64, 'int,integer,int64'],
  ['int', 21, 1005, 'smallint', 'int2', 'INT2', 2, 'N', 16, ''],
  ['int', 23, 1007, 'integer', 'int4', 'INT4', 4, 'N', 32, ''],
  ['oid', 24, 1008, 'regproc', 'regproc', 'REGPROC', 4, 'N', 0, ''],
  ['string', 25, 1009, 'text', 'text', 'STRING', -1, 'S', 0, ''],
  ['oid', 26, 1028, 'oid', 'oid', 'OID', 4, 'N', 0, ''],
  ['float', 700, 1021, 'real', 'float4', 'FLOAT4', 4, 'N', 32, ''],
  ['float', 701, 1022, 'double precision', 'float8', 'FLOAT8', 8, 'N', 64, 'float,double'],
  ['unknown', 705, 0, 'unknown', 'unknown', 'UNKNOWN', 0, 'X', 0, ''],
  ['inet', 869, 1041, 'inet', 'inet', 'INET', 24, 'I', 0, ''],
  ['string', 1042, 1014, 'character', 'bpchar', 'CHAR', -1, 'S', 0, ''],
  ['string', 1043, 1015, 'character varying', 'varchar', 'VARCHAR', -1, 'S', 0, 'char varying'],
  ['date', 1082, 1182, 'date', 'date', 'DATE', 16, 'D', 0, ''],
  ['time', 1083, 1183, 'time without time zone', 'time', 'TIME', 8, 'D', 0, ''],
  [
    'timestamp',
    1114,
    1115,
    'timestamp without time zone',
    'timestamp',
    'TIMESTAMP',
    24,
    'D',
    0,
    '',
  ],
  [
    'timestamptz',
    1184,
    1185,
    'timestamp with time zone',
    'timestamptz',
    'TIMESTAMPTZ',
    24,
    'D',
    0,
    '',
  ],
  ['interval', 1186, 1187, 'interval', 'interval', 'INTERVAL', 24, 'T', 0, ''],
  ['timetz', 1266, 1270, 'time with time zone', 'timetz', 'TIMETZ', 16, 'D', 0, ''],
  ['bit', 1560, 1561, 'bit', 'bit', 'BIT', -1, 'V', 0, ''],
  ['bit', 1562, 1563, 'bit varying', 'varbit', 'VARBIT', -1, 'V', 0, ''],
  ['decimal', 1700, 1231, 'numeric', 'numeric', 'DECIMAL', -1, 'N', 0, 'dec'],
  ['oid', 2202, 2207, 'regprocedure', 'regprocedure', 'REGPROCEDURE', 4, 'N', 0, ''],
  ['oid', 2205, 2210, 'regclass', 'regclass', 'REGCLASS', 4, 'N', 0, ''],
  ['oid', 2206, 2211, 'regtype', 'regtype', 'REGTYPE', 4, 'N', 0, ''],
  ['tuple', 2249, 2287, 'record', 'record', 'RECORD', 0, 'P', 0, ''],
  ['void', 2278, 0, 'void', 'void', 'VOID', 4, 'P', 0, ''],
  ['any', 2283, 2277, 'anyelement', 'anyelement', 'ANYELEMENT', -1, 'P', 0, ''],
  ['uuid', 2950, 2951, 'uuid', 'uuid', 'UUID', 16, 'U', 0, ''],
  ['json', 3802, 3807, 'jsonb', 'jsonb', 'JSONB', -1, 'U', 0, 'json'],
  ['oid', 4089, 4090, 'regnamespace', 'regnamespace', 'REGNAMESPACE', 4, 'N', 0, ''],
  ['oid', 4096, 4097, 'regrole', 'regrole', 'REGROLE', 4, 'N', 0, ''],
  ['geometry', 90000, 90001, 'geometry', 'geometry', 'GEOMETRY', -1, 'U', 0, ''],
  ['geography', 90002, 90003, 'geography', 'geography', 'GEOGRAPHY', -1, 'U', 0, ''],
  ['box2d', 90004, 90005, 'box2d', 'box2d', 'BOX2D', 32, 'U', 0, ''],
] as const satisfies readonly Row[];

export const TYPE_ROWS: readonly TypeRow[] = (ROWS as readonly Row[]).map((row) => ({
  family: row[0],
  oid: row[1],
  arrayOid: row[2],
  pgName: row[3],
  typname: row[4],
  crdbName: row[5],
  sizeBytes: row[6],
  category: row[7],
  width: row[8],
  aliases: row[9] === '' ? [] : row[9].split(','),
}));

const rowByOid = new Map(TYPE_ROWS.map((row) => [row.oid, row]));
const rowByArrayOid = new Map(
  TYPE_ROWS.filter((row) => row.arrayOid !== 0).map((row) => [row.arrayOid, row]),
);

/** User-defined types have the OID of their descriptor id plus this. */
export const USER_TYPE_OID_BASE = 100_000;
export const INT2VECTOR_OID = 22;
export const OIDVECTOR_OID = 30;
/** The OID of `anyarray`; also given to arrays of types that have no array type. */
export const ANYARRAY_OID = 2277;

const scalarByOid = new Map<number, SqlType>(
  TYPE_ROWS.map((row) => [
    row.oid,
    {
      family: row.family,
      oid: row.oid,
      width: row.width,
      precision: 0,
      precisionIsSet: false,
      ...(row.family === 'tuple' ? { fields: [], labels: [] } : {}),
    },
  ]),
);

function scalar(oid: (typeof ROWS)[number][1]): SqlType {
  return scalarByOid.get(oid) as SqlType;
}

export const BOOL = scalar(16);
export const BYTES = scalar(17);
export const QCHAR = scalar(18);
export const NAME = scalar(19);
export const INT8 = scalar(20);
export const INT2 = scalar(21);
export const INT4 = scalar(23);
export const REGPROC = scalar(24);
export const STRING = scalar(25);
export const OID = scalar(26);
export const FLOAT4 = scalar(700);
export const FLOAT8 = scalar(701);
export const UNKNOWN = scalar(705);
export const INET = scalar(869);
/** CHAR without a length limit; SQL's `CHAR` is `char(1)`. */
export const BPCHAR = scalar(1042);
export const VARCHAR = scalar(1043);
export const DATE = scalar(1082);
export const TIME = scalar(1083);
export const TIMESTAMP = scalar(1114);
export const TIMESTAMPTZ = scalar(1184);
export const INTERVAL = scalar(1186);
export const TIMETZ = scalar(1266);
/** BIT without a length limit; SQL's `BIT` is `bit(1)`. */
export const BIT = scalar(1560);
export const VARBIT = scalar(1562);
export const DECIMAL = scalar(1700);
export const REGPROCEDURE = scalar(2202);
export const REGCLASS = scalar(2205);
export const REGTYPE = scalar(2206);
/** The empty tuple type; see `tuple`. */
export const RECORD = scalar(2249);
export const VOID = scalar(2278);
export const ANY = scalar(2283);
export const UUID = scalar(2950);
export const JSONB = scalar(3802);
export const REGNAMESPACE = scalar(4089);
export const REGROLE = scalar(4096);
export const GEOMETRY = scalar(90000);
export const GEOGRAPHY = scalar(90002);
export const BOX2D = scalar(90004);

/** The OID that `ARRAY` of this type has. */
export function arrayOidOf(element: SqlType): number {
  if (element.enum !== undefined) return element.enum.arrayOid;
  return rowByOid.get(element.oid)?.arrayOid ?? ANYARRAY_OID;
}

const arrayTypes = new WeakMap<SqlType, SqlType>();

/** The array type of a type; always the same object for the same element. */
export function arrayOf(element: SqlType): SqlType {
  const known = arrayTypes.get(element);
  if (known !== undefined) return known;
  const made: SqlType = {
    family: 'array',
    oid: arrayOidOf(element),
    width: 0,
    precision: 0,
    precisionIsSet: false,
    element,
  };
  arrayTypes.set(element, made);
  return made;
}

export const INT2VECTOR: SqlType = { ...arrayOf(INT2), oid: INT2VECTOR_OID };
export const OIDVECTOR: SqlType = { ...arrayOf(OID), oid: OIDVECTOR_OID };

/** Length limit of a string or bit type, 0 = none. */
export function withWidth(type: SqlType, width: number): SqlType {
  return { ...type, width };
}

export function char(width: number): SqlType {
  return withWidth(BPCHAR, width);
}

export function bit(width: number): SqlType {
  return withWidth(BIT, width);
}

/** DECIMAL(precision, scale); precision 0 = unlimited. */
export function decimal(precision: number, scale = 0): SqlType {
  return { ...DECIMAL, precision, width: scale };
}

/** Fractional digits of a TIME, TIMETZ, TIMESTAMP, TIMESTAMPTZ or INTERVAL. */
export function withPrecision(type: SqlType, precision: number): SqlType {
  return { ...type, precision, precisionIsSet: true };
}

/** `STRING COLLATE locale`, of any string type. */
export function collated(locale: string, base: SqlType = STRING): SqlType {
  return { ...base, family: 'collatedstring', locale: localeName(locale) };
}

export function tuple(fields: readonly SqlType[], labels: readonly string[] = []): SqlType {
  return { ...RECORD, fields, labels };
}

/** GEOMETRY or GEOGRAPHY limited to a shape and SRID, 0 = any. */
export function geo(base: SqlType, shape: number, srid: number): SqlType {
  return { ...base, shape, srid };
}

export function enumType(metadata: EnumMetadata): SqlType {
  return {
    family: 'enum',
    oid: USER_TYPE_OID_BASE + metadata.id,
    width: 0,
    precision: 0,
    precisionIsSet: false,
    enum: metadata,
  };
}

/** The built-in type of an OID, arrays and vectors included; undefined for user-defined and unknown OIDs. */
export function typeByOid(oid: number): SqlType | undefined {
  const type = scalarByOid.get(oid);
  if (type !== undefined) return type;
  if (oid === INT2VECTOR_OID) return INT2VECTOR;
  if (oid === OIDVECTOR_OID) return OIDVECTOR;
  const element = rowByArrayOid.get(oid);
  return element === undefined ? undefined : arrayOf(scalar(element.oid as 20));
}

/** The table's row of a scalar built-in type. */
export function typeRow(type: SqlType): TypeRow | undefined {
  return type.family === 'array' || type.family === 'enum' ? undefined : rowByOid.get(type.oid);
}

function namesOf(row: TypeRow): readonly string[] {
  const crdbName = row.crdbName.toLowerCase();
  const names = [row.pgName, row.typname, crdbName, ...row.aliases];
  // `integer` is PostgreSQL's name of INT4 and CockroachDB's of INT8; unquoted `char` is not "char".
  if (row.oid === 23) return names.filter((name) => name !== 'integer');
  if (row.oid === 18) return ['"char"'];
  return names;
}

function buildNames(): ReadonlyMap<string, SqlType> {
  const names = new Map<string, SqlType>();
  for (const row of TYPE_ROWS) {
    const type = scalar(row.oid as 20);
    for (const name of namesOf(row)) names.set(name, type);
    if (row.arrayOid !== 0) names.set(`_${row.typname}`, arrayOf(type));
  }
  for (const name of ['char', 'character']) names.set(name, char(1));
  names.set('bit', bit(1));
  names.set('int2vector', INT2VECTOR);
  names.set('oidvector', OIDVECTOR);
  return names;
}

const typeByName = buildNames();

/**
 * The type that a user means by a name: every CockroachDB and PostgreSQL spelling, in lower case with single
 * spaces, without width; `_int8` array names too. `"char"` is written with its quotes. A trailing `[]` makes an array.
 */
export function typeBySqlName(name: string): SqlType | undefined {
  if (name.endsWith('[]')) {
    const element = typeByName.get(name.slice(0, -2).trimEnd());
    return element === undefined || element.family === 'array' ? undefined : arrayOf(element);
  }
  return typeByName.get(name);
}

/** `typeBySqlName`, or CockroachDB's error: 42704. */
export function requireTypeBySqlName(name: string): SqlType {
  const type = typeBySqlName(name);
  if (type === undefined) throw new SqlError('undefinedObject', `type "${name}" does not exist`);
  return type;
}

/** Same family and same kind of value; width, precision and labels may differ. */
export function sameKind(a: SqlType, b: SqlType): boolean {
  if (a.family !== b.family) return false;
  switch (a.family) {
    case 'array':
      return a.element !== undefined && b.element !== undefined && sameKind(a.element, b.element);
    case 'collatedstring':
      return a.locale === b.locale;
    case 'enum':
      return a.oid === b.oid;
    case 'tuple': {
      const left = a.fields ?? [];
      const right = b.fields ?? [];
      return (
        left.length === right.length &&
        left.every((field, i) => sameKind(field, right[i] ?? UNKNOWN))
      );
    }
    default:
      return true;
  }
}

export interface SqliteColumn {
  readonly type: 'INTEGER' | 'TEXT' | 'BLOB' | 'ANY';
  readonly collate?: 'RTRIM' | 'NOCASE';
}

const INTEGER_COLUMN: SqliteColumn = { type: 'INTEGER' };
const TEXT_COLUMN: SqliteColumn = { type: 'TEXT' };
const BLOB_COLUMN: SqliteColumn = { type: 'BLOB' };

/** Per family: the column of a STRICT table. Source: docs/decisions/0002. */
export const SQLITE_COLUMN: { readonly [F in TypeFamily]: SqliteColumn } = {
  bool: INTEGER_COLUMN,
  int: INTEGER_COLUMN,
  float: { type: 'ANY' },
  decimal: { type: 'TEXT', collate: 'RTRIM' },
  date: INTEGER_COLUMN,
  time: INTEGER_COLUMN,
  timetz: INTEGER_COLUMN,
  timestamp: INTEGER_COLUMN,
  timestamptz: INTEGER_COLUMN,
  interval: { type: 'TEXT', collate: 'NOCASE' },
  string: TEXT_COLUMN,
  collatedstring: TEXT_COLUMN,
  bytes: BLOB_COLUMN,
  uuid: BLOB_COLUMN,
  inet: BLOB_COLUMN,
  json: TEXT_COLUMN,
  bit: TEXT_COLUMN,
  oid: INTEGER_COLUMN,
  enum: BLOB_COLUMN,
  array: BLOB_COLUMN,
  tuple: BLOB_COLUMN,
  geometry: BLOB_COLUMN,
  geography: BLOB_COLUMN,
  box2d: BLOB_COLUMN,
  void: TEXT_COLUMN,
  unknown: { type: 'ANY' },
  any: { type: 'ANY' },
};

export function sqliteColumn(type: SqlType): SqliteColumn {
  return SQLITE_COLUMN[type.family];
}
