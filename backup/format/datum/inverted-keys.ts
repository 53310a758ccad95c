import type { ByteWriter } from '../../../base/byte-writer';
import { notSupported } from '../../../base/errors';
import { invariant } from '../../../base/invariant';
import { arrayElements } from '../../../catalog/types/array';
import { decimalReprFromDigits } from '../../../catalog/types/decimal';
import { JsonNumber, type JsonValue, parseJsonValue } from '../../../catalog/types/json';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { writeDecimalKey } from './decimal-body';
import { writeKeyBytes } from './key-bytes';
import { compileKeyEncoder } from './key-encoder';
import { KeyMarker } from './value-type';

/**
 * Keys of an inverted index: one for each path of a JSON value, one for each element of an array (format reference 04 §4.1).
 *
 *     JSON:  37 | path element … | 00 01 | leaf
 *            object key: its text with 00 as 00 ff, then 00 02 unless a leaf follows; array element: 00 03
 */

/** @param write puts the key of one entry; `value` is never NULL */
export type InvertedKeys = (
  value: Repr,
  entry: (write: (writer: ByteWriter) => void) => void,
) => void;

const JSON_MARKER = 0x37;
const EMPTY_ARRAY = 0x38;
const EMPTY_OBJECT = 0x39;
const TRUE = 0x0a;
const FALSE = 0x0b;
const EMPTY_SQL_ARRAY = 0x43;
const ESCAPE = 0x00;
const END = 0x01;
const OBJECT_STEP = 0x02;
const ARRAY_STEP = 0x03;

/** Index version from which an empty array has an entry. */
const EMPTY_ARRAYS_VERSION = 2;

/**
 * @param version of the index descriptor
 * @throws SqlError 0A000 for types whose keys cannot be written exactly
 */
export function compileInvertedKeys(type: SqlType, version: number): InvertedKeys {
  if (type.family === 'json') return jsonKeys;
  if (type.family !== 'array') {
    throw notSupported(`writing an inverted index over type ${type.family}`);
  }
  invariant(type.element !== undefined, 'an array type has an element type');
  const element = compileKeyEncoder(type.element, false);
  const withEmpty = version >= EMPTY_ARRAYS_VERSION;
  return (value, entry) => {
    const values = arrayElements(type, value as Uint8Array);
    if (values.length === 0 && withEmpty) entry((writer) => writer.u8(EMPTY_SQL_ARRAY));
    for (const item of values) {
      if (item === null && !withEmpty) continue;
      entry((writer) => {
        if (item === null) writer.u8(KeyMarker.Null);
        else element(writer, item);
      });
    }
  };
}

type Step = { readonly key: string } | 'element';

const jsonKeys: InvertedKeys = (value, entry) => {
  walk(parseJsonValue(value as string), [], entry);
};

function walk(
  value: JsonValue,
  path: readonly Step[],
  entry: (write: (writer: ByteWriter) => void) => void,
): void {
  if (value instanceof Map) {
    for (const [key, item] of value) walk(item, [...path, { key }], entry);
    if (value.size > 0) return;
  } else if (Array.isArray(value)) {
    for (const item of value) walk(item, [...path, 'element'], entry);
    if (value.length > 0) return;
  }
  entry((writer) => writePath(writer, path, value));
}

function writePath(writer: ByteWriter, path: readonly Step[], leaf: JsonValue): void {
  writer.u8(JSON_MARKER);
  for (const [i, step] of path.entries()) {
    if (step === 'element') {
      writer.u8(ESCAPE).u8(ARRAY_STEP);
      continue;
    }
    for (const byte of Buffer.from(step.key)) {
      writer.u8(byte);
      if (byte === ESCAPE) writer.u8(0xff);
    }
    if (i < path.length - 1) writer.u8(ESCAPE).u8(OBJECT_STEP);
  }
  writer.u8(ESCAPE).u8(END);
  writeLeaf(writer, leaf);
}

function writeLeaf(writer: ByteWriter, leaf: JsonValue): void {
  if (leaf === null) writer.u8(KeyMarker.Null);
  else if (typeof leaf === 'boolean') writer.u8(leaf ? TRUE : FALSE);
  else if (typeof leaf === 'string') writeKeyBytes(writer, Buffer.from(leaf), false);
  else if (leaf instanceof JsonNumber) {
    const { negative, digits, exponent } = leaf.decimal;
    writeDecimalKey(writer, decimalReprFromDigits(negative, digits, exponent), false);
  } else writer.u8(leaf instanceof Map ? EMPTY_OBJECT : EMPTY_ARRAY);
}
