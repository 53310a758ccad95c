import { notSupported, SqlError } from '../../base/errors';
import type { SqlType } from '../../catalog/types/sql-type';
import {
  arrayOf,
  bit,
  char,
  decimal,
  geo,
  INT4,
  INT8,
  typeBySqlName,
  withPrecision,
  withWidth,
} from '../../catalog/types/table';
import { typeName as fullTypeName } from '../../catalog/types/type-name';
import type { PgNode, TypeName } from '../parse/pg-tree';
import type { CatalogView } from './catalog-view';
import { integerOf, names } from './pg-access';

/** From a type as PostgreSQL's tree spells it to a SqlType. */

/** Bits of an interval's typmod, by field. Source: PostgreSQL, src/include/utils/timestamp.h. */
const INTERVAL_FIELDS: ReadonlyMap<number, readonly [from: number, to: number]> = new Map([
  [1 << 2, [0, 1]],
  [1 << 1, [0, 2]],
  [1 << 3, [0, 3]],
  [1 << 10, [0, 4]],
  [1 << 11, [0, 5]],
  [1 << 12, [0, 6]],
  [(1 << 2) | (1 << 1), [1, 2]],
  [(1 << 3) | (1 << 10), [3, 4]],
  [(1 << 3) | (1 << 10) | (1 << 11), [3, 5]],
  [(1 << 3) | (1 << 10) | (1 << 11) | (1 << 12), [3, 6]],
  [(1 << 10) | (1 << 11), [4, 5]],
  [(1 << 10) | (1 << 11) | (1 << 12), [4, 6]],
  [(1 << 11) | (1 << 12), [5, 6]],
]);
const INTERVAL_FULL_RANGE = 0x7fff;

export function resolveTypeName(name: TypeName, catalog: CatalogView): SqlType {
  if (name.setof === true) throw notSupported('SETOF types');
  let type = scalarType(name, catalog);
  for (const _ of name.arrayBounds ?? []) {
    if (type.family === 'array') throw notSupported('arrays of arrays');
    type = arrayOf(type);
  }
  return type;
}

function scalarType(name: TypeName, catalog: CatalogView): SqlType {
  if (name.oidReference !== undefined) {
    const byOid = catalog.resolveTypeByOid(name.oidReference);
    if (byOid !== undefined) return byOid;
    throw new SqlError('undefinedObject', `type with ID ${name.oidReference} does not exist`);
  }
  const parts = names(name.names);
  const builtIn = builtInType(parts);
  if (builtIn !== undefined) return withModifiers(builtIn, name.typmods ?? []);
  const userType = catalog.resolveType(parts);
  if (userType !== undefined) return userType;
  throw new SqlError('undefinedObject', `type "${parts.join('.')}" does not exist`);
}

function builtInType(parts: readonly string[]): SqlType | undefined {
  const last = parts[parts.length - 1] ?? '';
  const system = parts.length === 2 && parts[0] === 'pg_catalog';
  if (parts.length > 1 && !system) return undefined;
  // PostgreSQL's grammar turns INT and INTEGER into pg_catalog.int4: CockroachDB's are 8 bytes wide.
  if (system && last === 'int4') return INT8;
  if (system && last === 'bpchar') return char(0);
  // The keyword CHAR is bpchar; only the quoted name gets here.
  if (last === 'char') return typeBySqlName('"char"');
  if (!system && last === 'int4') return INT4;
  if (system && last === 'bit') return bit(0);
  return typeBySqlName(last);
}

function withModifiers(type: SqlType, modifiers: readonly PgNode[]): SqlType {
  const first = integerOf(modifiers[0]);
  if (type.family === 'geometry' || type.family === 'geography') return geoType(type, modifiers);
  if (first === undefined) {
    if (modifiers.length > 0) throw notSupported('this type modifier');
    return type;
  }
  switch (type.family) {
    case 'decimal':
      return decimal(first, integerOf(modifiers[1]) ?? 0);
    case 'string':
    case 'bit':
      return withWidth(type, first);
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return withPrecision(type, checkPrecision(first));
    case 'interval':
      return intervalType(type, first, integerOf(modifiers[1]));
    case 'float':
      return first <= 24 ? (typeBySqlName('float4') ?? type) : type;
    default:
      throw new SqlError('syntaxError', `type ${fullTypeName(type)} takes no modifier`);
  }
}

const SHAPES = ['POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON'];

/** `GEOMETRY(POINT, 4326)`. */
function geoType(type: SqlType, [shape, srid, ...more]: readonly PgNode[]): SqlType {
  if (shape === undefined) return type;
  const name = 'ColumnRef' in shape ? (names(shape.ColumnRef.fields)[0] ?? '') : '';
  const number = SHAPES.indexOf(name.toUpperCase()) + 1;
  if (number === 0 || more.length > 0) throw notSupported('this type modifier');
  return geo(type, number, integerOf(srid) ?? 0);
}

function checkPrecision(precision: number): number {
  if (precision <= 6) return precision;
  throw new SqlError('invalidParameterValue', `precision ${precision} out of range`);
}

function intervalType(type: SqlType, fields: number, precision: number | undefined): SqlType {
  const precise = precision === undefined ? type : withPrecision(type, checkPrecision(precision));
  if (fields === INTERVAL_FULL_RANGE) return precise;
  const span = INTERVAL_FIELDS.get(fields);
  if (span === undefined) throw notSupported('this interval field');
  return { ...precise, intervalFrom: span[0], intervalTo: span[1] };
}
