import type { SqlType } from './sql-type';
import { INT2VECTOR_OID, OIDVECTOR_OID, typeRow } from './table';

/** The names of a type: as SHOW CREATE TABLE, pg_typeof and error messages print them. */

const INTERVAL_UNITS = ['', 'YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'];

const SHAPES = [
  'GEOMETRY',
  'POINT',
  'LINESTRING',
  'POLYGON',
  'MULTIPOINT',
  'MULTILINESTRING',
  'MULTIPOLYGON',
  'GEOMETRY',
  'GEOMETRYCOLLECTION',
];
const SHAPE_M = 0x20000000;
const SHAPE_Z = 0x40000000;

function shapeName(shape: number): string {
  const name = SHAPES[shape & 0xff] ?? 'GEOMETRY';
  return `${name}${shape & SHAPE_Z ? 'Z' : ''}${shape & SHAPE_M ? 'M' : ''}`;
}

function precisionSuffix(type: SqlType): string {
  return type.precisionIsSet || type.precision > 0 ? `(${type.precision})` : '';
}

function intervalName(type: SqlType): string {
  const to = type.intervalTo ?? 0;
  if (to === 0) return `INTERVAL${precisionSuffix(type)}`;
  const from = type.intervalFrom ?? 0;
  const span = from === 0 ? INTERVAL_UNITS[to] : `${INTERVAL_UNITS[from]} TO ${INTERVAL_UNITS[to]}`;
  return `INTERVAL ${span}${precisionSuffix(type)}`;
}

function widthName(type: SqlType, name: string): string {
  // CHAR and BIT have the length 1 when nothing is said.
  const implied = type.oid === 1042 || type.oid === 1560 ? 1 : 0;
  return type.width === 0 || type.width === implied ? name : `${name}(${type.width})`;
}

function quoteIdentifier(name: string): string {
  if (/^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(name)) return name;
  return `"${name.replaceAll('"', '""')}"`;
}

/** As SHOW CREATE TABLE prints the type: `DECIMAL(12,2)`, `INT8[]`, `STRING COLLATE de`, `public.mood`. */
export function typeName(type: SqlType): string {
  const name = typeRow(type)?.crdbName ?? 'UNKNOWN';
  switch (type.family) {
    case 'string':
      return type.oid === 18 ? name : widthName(type, name);
    case 'collatedstring':
      return `${widthName(type, name)} COLLATE ${type.locale ?? ''}`;
    case 'bit':
      return widthName(type, name);
    case 'decimal':
      if (type.precision === 0) return name;
      if (type.width === 0) return `${name}(${type.precision})`;
      return `${name}(${type.precision},${type.width})`;
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return `${name}${precisionSuffix(type)}`;
    case 'interval':
      return intervalName(type);
    case 'geometry':
    case 'geography': {
      const shape = type.shape ?? 0;
      const srid = type.srid ?? 0;
      if (shape === 0 && srid === 0) return name;
      return `${name}(${shapeName(shape)}${srid === 0 ? '' : `,${srid}`})`;
    }
    case 'array': {
      if (type.oid === INT2VECTOR_OID) return 'INT2VECTOR';
      if (type.oid === OIDVECTOR_OID) return 'OIDVECTOR';
      const { element } = type;
      if (element === undefined) return 'ANYELEMENT[]';
      if (element.family !== 'collatedstring') return `${typeName(element)}[]`;
      const { locale: _, ...plain } = element;
      return `${typeName({ ...plain, family: 'string' })}[] COLLATE ${element.locale ?? ''}`;
    }
    case 'enum':
      return type.enum === undefined
        ? `@${type.oid}`
        : `${quoteIdentifier(type.enum.schemaName)}.${quoteIdentifier(type.enum.name)}`;
    default:
      return name;
  }
}

/** What `pg_typeof` prints: `bigint`, `text[]`, `timestamp with time zone`, `mood`. */
export function pgTypeName(type: SqlType): string {
  if (type.family === 'array') {
    if (type.oid === INT2VECTOR_OID) return 'int2vector';
    if (type.oid === OIDVECTOR_OID) return 'oidvector';
    return type.element === undefined ? 'anyarray' : `${pgTypeName(type.element)}[]`;
  }
  if (type.family === 'enum') return type.enum?.name ?? 'unknown';
  if (type.family === 'geometry' || type.family === 'geography')
    return typeName(type).toLowerCase();
  return typeRow(type)?.pgName ?? 'unknown';
}

const MESSAGE_NAMES: { readonly [oid: number]: string } = {
  17: 'bytes',
  20: 'int',
  21: 'int2',
  23: 'int4',
  25: 'string',
  700: 'float4',
  701: 'float',
  1042: 'char',
  1700: 'decimal',
};

/** The short lower-case name that error messages use: `int`, `string[]`, `collatedstring{de}`, `tuple{int, string}`. */
export function messageTypeName(type: SqlType): string {
  switch (type.family) {
    case 'array':
      return type.element === undefined ? 'anyelement[]' : `${messageTypeName(type.element)}[]`;
    case 'collatedstring':
      return `collatedstring{${type.locale ?? ''}}`;
    case 'tuple': {
      const fields = (type.fields ?? []).map((field, i) => {
        const label = type.labels?.[i];
        return label === undefined
          ? messageTypeName(field)
          : `${messageTypeName(field)} AS ${label}`;
      });
      return fields.length === 0 ? 'tuple' : `tuple{${fields.join(', ')}}`;
    }
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return `${type.family}${type.precisionIsSet ? `(${type.precision})` : ''}`;
    case 'enum':
      return type.enum?.name ?? 'unknown_enum';
    default:
      return MESSAGE_NAMES[type.oid] ?? typeRow(type)?.typname ?? type.family;
  }
}
