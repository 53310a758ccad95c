import { ByteWriter } from '../../base/byte-writer';
import { CorruptionError } from '../../base/errors';
import { assertNever } from '../../base/invariant';
import type { Repr, SqlType } from './sql-type';

/**
 * Arrays and tuples: per element 01 for NULL or 02 and the element, at the end 00. Elements delimit themselves:
 *
 *     integers (bool, int, oid, date, time, timetz, timestamps)  8 bytes, big endian, sign bit flipped
 *     floats          the same of the mapped integer; -0 is the value just below 0
 *     uuid, box2d     16 and 32 bytes as they are
 *     text and bytes  each 00 as 00 ff, at the end 00 01
 *     arrays, tuples  as they are: they end themselves
 */

const END = 0x00;
const NULL = 0x01;
const VALUE = 0x02;

const SIGN_BIT = 1n << 63n;
const NEGATIVE_ZERO = -1n;

interface Cursor {
  readonly bytes: Buffer;
  position: number;
}

function corrupt(cursor: Cursor, message: string): CorruptionError {
  return new CorruptionError('stored array', cursor.position, message);
}

interface ElementCodec {
  write(writer: ByteWriter, value: Exclude<Repr, null>): void;
  read(cursor: Cursor): Repr;
}

function takeBytes(cursor: Cursor, count: number): Buffer {
  const end = cursor.position + count;
  if (end > cursor.bytes.length) throw corrupt(cursor, 'element ends early');
  const taken = cursor.bytes.subarray(cursor.position, end);
  cursor.position = end;
  return taken;
}

function readInteger(cursor: Cursor): bigint {
  return BigInt.asIntN(64, takeBytes(cursor, 8).readBigUInt64BE(0) ^ SIGN_BIT);
}

function writeInteger(writer: ByteWriter, value: bigint): void {
  writer.u64be(BigInt.asUintN(64, value) ^ SIGN_BIT);
}

const integerCodec: ElementCodec = {
  write: (writer, value) => writeInteger(writer, BigInt(value as bigint | number)),
  read: readInteger,
};

/** Mapped floats below zero end at -2 (the smallest denormal): -1 is free for negative zero. */
const floatCodec: ElementCodec = {
  write: (writer, value) =>
    writeInteger(writer, Object.is(value, -0) ? NEGATIVE_ZERO : BigInt(value as bigint | number)),
  read: (cursor) => {
    const mapped = readInteger(cursor);
    return mapped === NEGATIVE_ZERO ? -0 : mapped;
  },
};

function fixedCodec(count: number): ElementCodec {
  return {
    write: (writer, value) => writer.raw(value as Uint8Array),
    read: (cursor) => takeBytes(cursor, count),
  };
}

function writeEscaped(writer: ByteWriter, bytes: Uint8Array): void {
  let from = 0;
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, from)) {
    writer.raw(bytes.subarray(from, at + 1)).u8(0xff);
    from = at + 1;
  }
  writer.raw(bytes.subarray(from)).u8(0x00).u8(0x01);
}

function readEscaped(cursor: Cursor): Buffer {
  const { bytes } = cursor;
  const pieces: Buffer[] = [];
  let from = cursor.position;
  for (;;) {
    const at = bytes.indexOf(0, from);
    if (at < 0 || at + 1 >= bytes.length) throw corrupt(cursor, 'text is not terminated');
    const next = bytes[at + 1];
    pieces.push(bytes.subarray(from, next === 0x01 ? at : at + 1));
    from = at + 2;
    if (next === 0x01) break;
    if (next !== 0xff) throw corrupt(cursor, 'bad escape');
  }
  cursor.position = from;
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

const textCodec: ElementCodec = {
  write: (writer, value) => writeEscaped(writer, Buffer.from(value as string)),
  read: (cursor) => readEscaped(cursor).toString('utf8'),
};

const bytesCodec: ElementCodec = {
  write: (writer, value) => writeEscaped(writer, value as Uint8Array),
  read: (cursor) => readEscaped(cursor),
};

function nestedCodec(codecs: (index: number) => ElementCodec): ElementCodec {
  return {
    write: (writer, value) => writer.raw(value as Uint8Array),
    read: (cursor) => {
      const from = cursor.position;
      readElements(cursor, codecs);
      return cursor.bytes.subarray(from, cursor.position);
    },
  };
}

const codecs = new WeakMap<SqlType, ElementCodec>();

function makeCodec(type: SqlType): ElementCodec {
  switch (type.family) {
    case 'bool':
    case 'int':
    case 'oid':
    case 'date':
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
      return integerCodec;
    case 'float':
      return floatCodec;
    case 'uuid':
      return fixedCodec(16);
    case 'box2d':
      return fixedCodec(32);
    case 'decimal':
    case 'interval':
    case 'string':
    case 'collatedstring':
    case 'json':
    case 'bit':
    case 'void':
    case 'unknown':
    case 'any':
      return textCodec;
    case 'bytes':
    case 'inet':
    case 'enum':
    case 'geometry':
    case 'geography':
      return bytesCodec;
    case 'array':
    case 'tuple':
      return nestedCodec(elementCodecs(type));
    default:
      return assertNever(type.family);
  }
}

function codecOf(type: SqlType): ElementCodec {
  let codec = codecs.get(type);
  if (codec === undefined) {
    codec = makeCodec(type);
    codecs.set(type, codec);
  }
  return codec;
}

function elementCodecs(type: SqlType): (index: number) => ElementCodec {
  if (type.family === 'array') {
    const codec = type.element === undefined ? textCodec : codecOf(type.element);
    return () => codec;
  }
  const fields = (type.fields ?? []).map(codecOf);
  return (index) => fields[index] ?? textCodec;
}

function readElements(cursor: Cursor, codecAt: (index: number) => ElementCodec): Repr[] {
  const values: Repr[] = [];
  for (;;) {
    const marker = cursor.bytes[cursor.position++];
    if (marker === END) return values;
    if (marker === NULL) values.push(null);
    else if (marker === VALUE) values.push(codecAt(values.length).read(cursor));
    else throw corrupt(cursor, `unknown element marker ${marker}`);
  }
}

/** The elements of a stored array or tuple. @throws CorruptionError */
export function arrayElements(type: SqlType, repr: Uint8Array): Repr[] {
  const bytes = Buffer.from(repr.buffer, repr.byteOffset, repr.length);
  const cursor = { bytes, position: 0 };
  const values = readElements(cursor, elementCodecs(type));
  if (cursor.position !== bytes.length) throw corrupt(cursor, 'bytes after the end');
  return values;
}

/** The stored form of the elements of an array or tuple of this type. */
export function arrayToRepr(type: SqlType, values: readonly Repr[]): Uint8Array {
  const writer = new ByteWriter(16 + values.length * 9);
  const codecAt = elementCodecs(type);
  for (const [i, value] of values.entries()) {
    if (value === null) writer.u8(NULL);
    else codecAt(i).write(writer.u8(VALUE), value);
  }
  return writer.u8(END).toBytes();
}
