import { assertNever, invariant } from '../../base/invariant';
import { arrayElements } from './array';
import { box2dText } from './box2d';
import { type ByteaOutput, bytesText } from './bytes';
import { dateText, timestampText, timestampTzText, timeText } from './datetime';
import { decimalText } from './decimal';
import { compileEnumText } from './enum';
import { floatDigits, floatFromRepr, floatNestedText, floatText } from './float';
import { inetText } from './inet';
import { intervalFromRepr } from './interval';
import { type IntervalStyle, styledIntervalText } from './interval-styles';
import type { Repr, SqlType } from './sql-type';
import { INT2VECTOR_OID, OIDVECTOR_OID } from './table';
import { timetzText } from './timetz';
import type { TimeZone } from './timezone';
import { uuidText } from './uuid';

/** Values to the text that a client gets: PostgreSQL's text format as CockroachDB v21.2 writes it. */

export interface TextSettings {
  readonly timeZone: TimeZone;
  /** -15 … 3 */
  readonly extraFloatDigits: number;
  readonly byteaOutput: ByteaOutput;
  readonly intervalStyle: IntervalStyle;
}

/** Never called with NULL. */
export type TextEncoder = (value: Repr) => string;

const BPCHAR_OID = 1042;

function compilePadded(width: number): TextEncoder {
  return (value) => {
    const text = value as string;
    let count = 0;
    for (const _ of text) count++;
    return count >= width ? text : text + ' '.repeat(width - count);
  };
}

function hexUpper(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex').toUpperCase();
}

const asText: TextEncoder = (value) => value as string;
const asNumber: TextEncoder = (value) => String(value);
const asBool: TextEncoder = (value) => (Number(value) === 0 ? 'f' : 't');

/** Chosen once per column; `nested` is for elements of arrays and tuples. */
function compile(type: SqlType, settings: TextSettings, nested: boolean): TextEncoder {
  switch (type.family) {
    case 'bool':
      return asBool;
    case 'int':
    case 'oid':
      return asNumber;
    case 'float': {
      if (nested) return (value) => floatNestedText(floatFromRepr(value));
      const precision = floatDigits(settings.extraFloatDigits);
      return (value) => floatText(floatFromRepr(value), precision);
    }
    case 'decimal':
      return (value) => decimalText(value as string);
    case 'date':
      return dateText;
    case 'time':
      return timeText;
    case 'timetz':
      return timetzText;
    case 'timestamp':
      return timestampText;
    case 'timestamptz': {
      const { timeZone } = settings;
      return (value) => timestampTzText(value, timeZone);
    }
    case 'interval': {
      const { intervalStyle } = settings;
      return (value) => styledIntervalText(intervalFromRepr(value as string), intervalStyle);
    }
    case 'string':
      return !nested && type.oid === BPCHAR_OID && type.width > 1
        ? compilePadded(type.width)
        : asText;
    case 'collatedstring':
    case 'json':
    case 'bit':
    case 'void':
      return asText;
    case 'bytes': {
      const { byteaOutput } = settings;
      return (value) => bytesText(value as Uint8Array, byteaOutput);
    }
    case 'uuid':
      return (value) => uuidText(value as Uint8Array);
    case 'inet':
      return (value) => inetText(value as Uint8Array);
    case 'enum': {
      const label = compileEnumText(type);
      return (value) => label(value as Uint8Array);
    }
    case 'geometry':
    case 'geography':
      return (value) => hexUpper(value as Uint8Array);
    case 'box2d':
      return (value) => box2dText(value as Uint8Array);
    case 'array':
      return compileArray(type, settings);
    case 'tuple':
      return compileTuple(type, settings);
    case 'unknown':
    case 'any':
      return (value) => String(value);
    default:
      return assertNever(type.family);
  }
}

const ARRAY_QUOTED = /[\s{},"\\]/;

function arrayElementText(text: string): string {
  if (text === '' || (text.length === 4 && text.toLowerCase() === 'null')) return `"${text}"`;
  if (!ARRAY_QUOTED.test(text)) return text;
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Points and boxes hold commas in PostgreSQL; their arrays are separated by colons. */
function delimiter(element: SqlType): string {
  return element.family === 'geometry' || element.family === 'geography' ? ':' : ',';
}

function compileArray(type: SqlType, settings: TextSettings): TextEncoder {
  const { element } = type;
  invariant(element !== undefined, 'an array type has an element type');
  const encode = compile(element, settings, true);
  // Vectors are written without braces: `1 3`.
  if (type.oid === INT2VECTOR_OID || type.oid === OIDVECTOR_OID)
    return (value) =>
      arrayElements(type, value as Uint8Array)
        .map((item) => (item === null ? 'NULL' : encode(item)))
        .join(' ');
  const between = delimiter(element);
  const nestedArray = element.family === 'array';
  return (value) => {
    const parts = arrayElements(type, value as Uint8Array).map((item) => {
      if (item === null) return 'NULL';
      return nestedArray ? encode(item) : arrayElementText(encode(item));
    });
    return `{${parts.join(between)}}`;
  };
}

const TUPLE_QUOTED = /[\s(),"\\]/;

function tupleFieldText(text: string): string {
  if (text === '') return '""';
  return TUPLE_QUOTED.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text;
}

function compileTuple(type: SqlType, settings: TextSettings): TextEncoder {
  const encoders = (type.fields ?? []).map((field) => compile(field, settings, true));
  return (value) => {
    const parts = arrayElements(type, value as Uint8Array).map((item, i) => {
      const encode = encoders[i];
      invariant(encode !== undefined, 'a tuple has as many values as its type has fields');
      return item === null ? '' : tupleFieldText(encode(item));
    });
    return `(${parts.join(',')})`;
  };
}

/** The encoder of a column, for non-null values. */
export function compileTextEncoder(type: SqlType, settings: TextSettings): TextEncoder {
  return compile(type, settings, false);
}
