import { notSupported } from '../../base/errors';
import { quoteLiteral } from '../../catalog/identifiers';
import { arrayElements } from '../../catalog/types/array';
import { floatFromRepr, floatNestedText } from '../../catalog/types/float';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { typeName } from '../../catalog/types/type-name';
import { textEncoder } from '../builtins/repr';

/** Constants as CockroachDB v21.2 stores them in expressions of descriptors. */

const BPCHAR_OID = 1042;

/** A type in a stored expression: user-defined ones by OID. */
export function storedTypeName(type: SqlType): string {
  // `CHAR`, as it is shown elsewhere, is read as CHAR(1), which cuts.
  if (type.oid === BPCHAR_OID && type.width === 0) return 'BPCHAR';
  if (type.element?.oid === BPCHAR_OID && type.element.width === 0) return 'BPCHAR[]';
  if (type.family === 'enum') return `@${type.oid}`;
  if (type.element?.family === 'enum') return `@${type.oid}`;
  return typeName(type);
}

const CANONICAL: { readonly [family: string]: string } = {
  int: 'INT8',
  float: 'FLOAT8',
  decimal: 'DECIMAL',
  string: 'STRING',
  time: 'TIME',
  timetz: 'TIMETZ',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMPTZ',
  interval: 'INTERVAL',
  bit: 'VARBIT',
  geometry: 'GEOMETRY',
  geography: 'GEOGRAPHY',
};

/** A value with its type: `'x':::STRING`, `(-1):::INT8`, `NULL`, `true`. */
export function storedConstant(type: SqlType, value: Repr): string {
  if (value === null) return 'NULL';
  if (type.family === 'bool') return Number(value) === 0 ? 'false' : 'true';
  if (type.family === 'enum' && value instanceof Uint8Array) {
    return `x'${Buffer.from(value).toString('hex')}':::@${type.oid}`;
  }
  if (type.element !== undefined && value instanceof Uint8Array) {
    return storedArray(type, type.element, value);
  }
  const name = canonicalName(type);
  const text = textEncoder(type)(value);
  switch (type.family) {
    case 'timetz':
      return `'${/\d:\d\d:\d\d$/.test(text.slice(8)) ? text : `${text}:00`}':::${name}`;
    case 'collatedstring':
      return `${quoteLiteral(text)} COLLATE ${type.locale ?? ''}`;
    case 'int':
    case 'oid':
    case 'decimal': {
      if (!/^-?\d/.test(text)) return `'${text}':::${name}`;
      return text.startsWith('-') ? `(${text}):::${name}` : `${text}:::${name}`;
    }
    case 'float':
      return `${storedFloat(floatFromRepr(value))}:::${name}`;
    case 'bytes':
      return `'${text}':::${name}`;
    case 'bit':
      return `B'${text}'`;
    // The text of CHAR(n) is padded, its value is not.
    case 'string':
      return `${quoteLiteral(String(value))}:::${name}`;
    default:
      return `${quoteLiteral(text)}:::${name}`;
  }
}

/** The type `name`. */
const NAME_OID = 19;

export const canonicalName = (type: SqlType): string =>
  type.oid === NAME_OID ? 'NAME' : (CANONICAL[type.family] ?? storedTypeName(type));

/** The type says what is in an array in which nothing else does. */
function storedArray(type: SqlType, element: SqlType, value: Uint8Array): string {
  const items = arrayElements(type, value);
  const texts = items.map((item) => storedConstant(element, item)).join(', ');
  const annotation = items.every((item) => item === null) ? `:::${arrayName(type)}` : '';
  return `ARRAY[${texts}]${annotation}`;
}

function storedFloat(value: number): string {
  const text = floatNestedText(value);
  if (!Number.isFinite(value)) return `'${text}'`;
  return text.startsWith('-') ? `(${text})` : text;
}

/**
 * Arrays of constants are of the family's own type: `STRING[]` for a column of VARCHAR(3)[].
 * @throws SqlError featureNotSupported (0A000) for collated strings, whose arrays have no name behind `:::`
 */
export function arrayName(type: SqlType): string {
  const { element } = type;
  if (element?.family === 'collatedstring')
    throw notSupported('an empty array of collated strings in a definition');
  if (element === undefined || element.family === 'enum') return storedTypeName(type);
  return `${canonicalName(element)}[]`;
}
