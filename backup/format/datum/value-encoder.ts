import { ByteWriter } from '../../../base/byte-writer';
import { notSupported } from '../../../base/errors';
import { assertNever, invariant } from '../../../base/invariant';
import { arrayElements } from '../../../catalog/types/array';
import { box2dFromRepr } from '../../../catalog/types/box2d';
import { floatFromRepr } from '../../../catalog/types/float';
import { intervalFromRepr } from '../../../catalog/types/interval';
import { parseJsonValue } from '../../../catalog/types/json';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { timetzFromRepr } from '../../../catalog/types/timetz';
import { ValueTag } from '../mvcc/value';
import { writeBits, writeNsu } from './bit-body';
import { dateToDays, timestampToParts } from './datum-repr';
import { writeDecimalBody } from './decimal-body';
import { writeGeoBody } from './geo-writer';
import { writeJsonBody } from './json-body';
import { writeKeyFloat, writeKeyInterval, writeKeyTimestamp, writeKeyTimeTz } from './key-encoder';
import { ValueType } from './value-type';

/** The inverse of value-decoder.ts and untagged-decoder.ts. Encoders are never called with NULL. */

type WritePayload = (writer: ByteWriter, value: Repr) => void;

export interface ValueEncoder {
  /** The tag's type id of this value: bools have two. */
  readonly wireType: (value: Repr) => number;
  readonly write: WritePayload;
}

/** Up to here twice a number is a safe integer. */
const ZIGZAG_NUMBER_MAX = 2 ** 51;

export function writeZigzag(writer: ByteWriter, given: number | bigint): void {
  if (typeof given === 'number' && Math.abs(given) < ZIGZAG_NUMBER_MAX) {
    writer.uvarint(given >= 0 ? given * 2 : -given * 2 - 1);
    return;
  }
  const value = BigInt(given);
  if (value >= 0n && value < 0x40000000n) {
    writer.uvarint(Number(value) * 2);
    return;
  }
  writer.uvarint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
}

function toBigInt(value: Repr): bigint {
  return BigInt(value as bigint | number);
}

/** `tag(column id difference, type)`. */
export function writeValueTag(writer: ByteWriter, idDifference: number, wireType: number): void {
  if (wireType < 15) writeNsu(writer, idDifference * 16 + wireType);
  else {
    writeNsu(writer, idDifference * 16 + 15);
    writeNsu(writer, wireType);
  }
}

/** What `write` writes, after its length. */
function sized(write: WritePayload, length: 'nsu' | 'uleb'): WritePayload {
  // Of this one encoder: what is inside of arrays has others.
  const body = new ByteWriter(256);
  return (writer, value) => {
    body.clear();
    write(body, value);
    if (length === 'nsu') writeNsu(writer, body.length);
    else writer.uvarint(body.length);
    writer.raw(body.view());
  };
}

const writeSizedText: WritePayload = (writer, value) => {
  writeNsu(writer, Buffer.byteLength(value as string));
  writer.utf8(value as string);
};

const writeSizedRaw: WritePayload = (writer, value) => {
  writeNsu(writer, (value as Uint8Array).length);
  writer.raw(value as Uint8Array);
};

const writeInteger: WritePayload = (writer, value) => writeZigzag(writer, toBigInt(value));
const writeDate: WritePayload = (writer, value) =>
  writeZigzag(writer, dateToDays(value as bigint | number));
const writeFloat: WritePayload = (writer, value) => {
  const float = floatFromRepr(value);
  // The bits that CockroachDB writes for NaN; JavaScript's are others.
  if (Number.isNaN(float)) writer.u32be(0x7ff80000).u32be(1);
  else writer.f64be(float);
};
const writeDecimal: WritePayload = (writer, value) => writeDecimalBody(writer, value as string);
const writeText: WritePayload = (writer, value) => writer.utf8(value as string);
const writeRaw: WritePayload = (writer, value) => writer.raw(value as Uint8Array);
const writeJson: WritePayload = (writer, value) =>
  writeJsonBody(writer, parseJsonValue(value as string));
const writeBitText: WritePayload = (writer, value) => writeBits(writer, value as string);

const writeTimestamp: WritePayload = (writer, value) => {
  const { seconds, nanos } = timestampToParts(value as bigint | number);
  writeZigzag(writer, seconds);
  writeZigzag(writer, nanos);
};

const writeTimeTz: WritePayload = (writer, value) => {
  const { micros, offsetWest } = timetzFromRepr(value);
  writeZigzag(writer, BigInt(micros));
  writeZigzag(writer, BigInt(offsetWest));
};

const writeInterval: WritePayload = (writer, value) => {
  const { months, days, micros } = intervalFromRepr(value as string);
  writeZigzag(writer, BigInt(months));
  writeZigzag(writer, BigInt(days));
  writeZigzag(writer, micros * 1000n);
};

const writeKeyBox2d: WritePayload = (writer, value) => {
  const { loX, hiX, loY, hiY } = box2dFromRepr(value as Uint8Array);
  for (const bound of [loX, hiX, loY, hiY]) writeKeyFloat(writer, bound, false);
};

const writePlainBox2d: WritePayload = (writer, value) => {
  const { loX, hiX, loY, hiY } = box2dFromRepr(value as Uint8Array);
  writer.f64be(loX).f64be(hiX).f64be(loY).f64be(hiY);
};

function encoder(wireType: number, write: WritePayload): ValueEncoder {
  return { wireType: () => wireType, write };
}

/** @throws SqlError 0A000 for types that no column can have */
export function compileValueEncoder(type: SqlType): ValueEncoder {
  switch (type.family) {
    case 'bool':
      return {
        wireType: (value) => (Number(value) === 0 ? ValueType.False : ValueType.True),
        write: () => undefined,
      };
    case 'int':
    case 'time':
    case 'oid':
      return encoder(ValueType.Int, writeInteger);
    case 'date':
      return encoder(ValueType.Int, writeDate);
    case 'float':
      return encoder(ValueType.Float, writeFloat);
    case 'decimal':
      return encoder(ValueType.Decimal, sized(writeDecimal, 'uleb'));
    case 'string':
    case 'collatedstring':
      return encoder(ValueType.Bytes, writeSizedText);
    case 'bytes':
    case 'enum':
      return encoder(ValueType.Bytes, writeSizedRaw);
    case 'timestamp':
    case 'timestamptz':
      return encoder(ValueType.Time, writeTimestamp);
    case 'timetz':
      return encoder(ValueType.TimeTz, writeTimeTz);
    case 'interval':
      return encoder(ValueType.Duration, writeInterval);
    case 'uuid':
      return encoder(ValueType.Uuid, writeRaw);
    case 'inet':
      return encoder(ValueType.IpAddr, writeRaw);
    case 'json':
      return encoder(ValueType.Json, sized(writeJson, 'nsu'));
    case 'bit':
      return encoder(ValueType.BitArray, writeBitText);
    case 'geometry':
    case 'geography':
      return encoder(ValueType.Geo, sized(compileGeo(type.family), 'nsu'));
    case 'box2d':
      return encoder(ValueType.Box2d, writeKeyBox2d);
    case 'array':
      return encoder(ValueType.Array, sized(compileArray(type), 'nsu'));
    case 'tuple':
      return encoder(ValueType.Tuple, compileTuple(type));
    case 'void':
      return encoder(ValueType.Void, writeSizedText);
    case 'unknown':
    case 'any':
      throw notSupported(`a column of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}

function compileGeo(family: 'geometry' | 'geography'): WritePayload {
  return (writer, value) => writeGeoBody(writer, value as Uint8Array, family);
}

const HAS_NULLS = 0x10;

function compileArray(type: SqlType): WritePayload {
  invariant(type.element !== undefined, 'an array type has an element type');
  const element = compileValueEncoder(type.element);
  const isBool = type.element.family === 'bool';
  const elementType = isBool ? ValueType.True : element.wireType('');
  return (writer, value) => {
    const values = arrayElements(type, value as Uint8Array);
    const hasNulls = values.includes(null);
    writer.u8(hasNulls ? 1 + HAS_NULLS : 1);
    writeValueTag(writer, 0, elementType);
    writeNsu(writer, values.length);
    if (hasNulls) {
      const bitmap = new Uint8Array(Math.ceil(values.length / 8));
      for (const [i, item] of values.entries())
        if (item === null) bitmap[i >> 3] = (bitmap[i >> 3] as number) | (1 << (i & 7));
      writer.raw(bitmap);
    }
    for (const item of values) {
      if (item === null) continue;
      if (isBool) writer.u8(element.wireType(item));
      else element.write(writer, item);
    }
  };
}

function compileTuple(type: SqlType): WritePayload {
  const fields = (type.fields ?? []).map(compileValueEncoder);
  return (writer, value) => {
    writeNsu(writer, fields.length);
    for (const [i, item] of arrayElements(type, value as Uint8Array).entries()) {
      const field = fields[i];
      invariant(field !== undefined, 'a tuple has as many values as its type has fields');
      writeValueTag(writer, 0, item === null ? ValueType.Null : field.wireType(item));
      if (item !== null) field.write(writer, item);
    }
  };
}

export interface UntaggedEncoder {
  /** The value's own tag. */
  readonly tag: number;
  readonly write: WritePayload;
}

/** Values of families with one column. @throws SqlError 0A000 */
export function compileUntaggedEncoder(type: SqlType): UntaggedEncoder {
  switch (type.family) {
    case 'bool':
    case 'int':
    case 'time':
    case 'oid':
      return { tag: ValueTag.int, write: writeInteger };
    case 'date':
      return { tag: ValueTag.int, write: writeDate };
    case 'float':
      return { tag: ValueTag.float, write: writeFloat };
    case 'decimal':
      return { tag: ValueTag.decimal, write: writeDecimal };
    case 'string':
    case 'collatedstring':
      return { tag: ValueTag.bytes, write: writeText };
    case 'bytes':
    case 'enum':
    case 'uuid':
    case 'inet':
      return { tag: ValueTag.bytes, write: writeRaw };
    case 'json':
      return { tag: ValueTag.bytes, write: writeJson };
    case 'array':
      return { tag: ValueTag.bytes, write: compileArray(type) };
    case 'timestamp':
    case 'timestamptz':
      return { tag: ValueTag.time, write: (w, value) => writeKeyTimestamp(w, value, false) };
    case 'timetz':
      return { tag: ValueTag.timeTz, write: (w, value) => writeKeyTimeTz(w, value, false) };
    case 'interval':
      return { tag: ValueTag.duration, write: (w, value) => writeKeyInterval(w, value, false) };
    case 'bit':
      return { tag: ValueTag.bitArray, write: writeBitText };
    case 'geometry':
    case 'geography':
      return { tag: ValueTag.geo, write: compileGeo(type.family) };
    case 'box2d':
      return { tag: ValueTag.box2d, write: writePlainBox2d };
    case 'tuple':
    case 'void':
    case 'unknown':
    case 'any':
      throw notSupported(`a column family of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}
