import { notSupported } from '../../../base/errors';
import { assertNever, invariant } from '../../../base/invariant';
import { arrayToRepr } from '../../../catalog/types/array';
import { box2dToRepr } from '../../../catalog/types/box2d';
import { floatToRepr } from '../../../catalog/types/float';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { readBits } from './bit-body';
import { type DatumReader, decodeText } from './datum-reader';
import {
  dateFromDays,
  intervalFromParts,
  oidFromInt,
  timestampFromParts,
  timetzFromParts,
} from './datum-repr';
import { readDecimalBody } from './decimal-body';
import { readGeoBody } from './geo-body';
import { readJsonBody } from './json-body';
import { readKeyFloat } from './key-decoder';
import { ValueType } from './value-type';

/**
 * Values inside TUPLE bodies, stored columns and arrays (format reference 04 §7): payloads after their tag.
 */
export interface ValueDecoder {
  /** The tag's type id; bools have two. */
  readonly wireType: number;
  readonly alternateWireType: number;
  /** Reads the payload of that type. */
  readonly decode: (reader: DatumReader, wireType: number) => Repr;
  /** The representation is the payload's own bytes. */
  readonly raw?: RawValue;
}

/** `text`, `bytes`: after their length; `uuid`: 16 bytes. */
export type RawValue = 'text' | 'bytes' | 'uuid';

type Decode = ValueDecoder['decode'];

/** The length of a payload that is bytes. */
export function readLength(reader: DatumReader): number {
  const count = reader.nsu();
  return count > reader.remaining ? reader.fail(`length ${count} exceeds the value`) : count;
}

/** Reads a length and runs a body decoder that must end exactly there. */
function sized(decode: (reader: DatumReader, end: number) => Repr, length: 'nsu' | 'uleb'): Decode {
  return (reader) => {
    const count = length === 'nsu' ? reader.nsu() : reader.uleb();
    if (count > reader.remaining) reader.fail(`length ${count} exceeds the value`);
    return decode(reader, reader.position + count);
  };
}

export function readText(reader: DatumReader, end: number): string {
  const { bytes, position } = reader;
  reader.position = end;
  return decodeText(reader, bytes, position, end);
}

export function readBytes(reader: DatumReader, end: number): Uint8Array {
  return reader.copy(end - reader.position);
}

export function readInet(reader: DatumReader): Uint8Array {
  const family = reader.bytes[reader.position];
  if (reader.remaining < 2 || (family !== 0 && family !== 1)) reader.fail('bad INET value');
  return reader.copy(family === 0 ? 6 : 18);
}

function readBox2d(reader: DatumReader): Uint8Array {
  const loX = readKeyFloat(reader, false);
  const hiX = readKeyFloat(reader, false);
  const loY = readKeyFloat(reader, false);
  return box2dToRepr({ loX, hiX, loY, hiY: readKeyFloat(reader, false) });
}

function readBool(reader: DatumReader, wireType: number): number {
  if (wireType !== ValueType.True && wireType !== ValueType.False) reader.fail('not a bool');
  return wireType === ValueType.True ? 1 : 0;
}

const readTimestamp: Decode = (reader) =>
  timestampFromParts(reader, reader.zigzag(), reader.zigzag());
const readTimeTz: Decode = (reader) => timetzFromParts(reader, reader.zigzag(), reader.zigzag());
const readInterval: Decode = (reader) =>
  intervalFromParts(reader, reader.zigzag(), reader.zigzag(), reader.zigzag());

function decoder(wireType: number, decode: Decode): ValueDecoder {
  return { wireType, alternateWireType: wireType, decode };
}

const textDecoder: ValueDecoder = {
  ...decoder(ValueType.Bytes, sized(readText, 'nsu')),
  raw: 'text',
};
const bytesDecoder: ValueDecoder = {
  ...decoder(ValueType.Bytes, sized(readBytes, 'nsu')),
  raw: 'bytes',
};
const uuidDecoder: ValueDecoder = {
  ...decoder(ValueType.Uuid, (reader) => reader.copy(16)),
  raw: 'uuid',
};
const timestampDecoder = decoder(ValueType.Time, readTimestamp);
const geoDecoder = decoder(ValueType.Geo, sized(readGeoBody, 'nsu'));

/** @throws SqlError 0A000 for types that no column can have */
export function compileValueDecoder(type: SqlType): ValueDecoder {
  switch (type.family) {
    case 'bool':
      return { wireType: ValueType.True, alternateWireType: ValueType.False, decode: readBool };
    case 'int':
    case 'time':
      return decoder(ValueType.Int, (reader) => reader.zigzag());
    case 'date':
      return decoder(ValueType.Int, (reader) => dateFromDays(reader.zigzag()));
    case 'oid':
      return decoder(ValueType.Int, (reader) => oidFromInt(reader.zigzag()));
    case 'float':
      return decoder(ValueType.Float, (reader) => floatToRepr(reader.f64()));
    case 'decimal':
      return decoder(ValueType.Decimal, sized(readDecimalBody, 'uleb'));
    case 'string':
    case 'collatedstring':
      return textDecoder;
    case 'bytes':
    case 'enum':
      return bytesDecoder;
    case 'timestamp':
    case 'timestamptz':
      return timestampDecoder;
    case 'timetz':
      return decoder(ValueType.TimeTz, readTimeTz);
    case 'interval':
      return decoder(ValueType.Duration, readInterval);
    case 'uuid':
      return uuidDecoder;
    case 'inet':
      return decoder(ValueType.IpAddr, readInet);
    case 'json':
      return decoder(ValueType.Json, sized(readJsonBody, 'nsu'));
    case 'bit':
      return decoder(ValueType.BitArray, readBits);
    case 'geometry':
    case 'geography':
      return geoDecoder;
    case 'box2d':
      return decoder(ValueType.Box2d, readBox2d);
    case 'array':
      return decoder(ValueType.Array, sized(compileArrayBody(type), 'nsu'));
    case 'tuple':
      return decoder(ValueType.Tuple, compileTuple(type));
    case 'void':
      return decoder(ValueType.Void, sized(readText, 'nsu'));
    case 'unknown':
    case 'any':
      throw notSupported(`a column of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}

/** Type id of the next value's tag; its column id difference must be 0. */
function readElementTag(reader: DatumReader): number {
  const tag = reader.nsu();
  if (tag >> 4 !== 0) reader.fail('element with a column id');
  return tag === 15 ? reader.nsu() : tag;
}

const HAS_NULLS = 0x10;

/**
 * header (dimensions, 0x10 = has NULLs) | element tag | nsu count | [NULL bitmap] | payloads.
 * Source: format reference 04 §7.2.
 */
export function compileArrayBody(type: SqlType): (reader: DatumReader, end: number) => Uint8Array {
  invariant(type.element !== undefined, 'an array type has an element type');
  const element = compileValueDecoder(type.element);
  const isBool = type.element.family === 'bool';
  return (reader, end) => {
    const header = reader.u8();
    if ((header & ~HAS_NULLS) !== 1) reader.fail('array is not one-dimensional');
    const wireType = readElementTag(reader);
    const count = reader.nsu();
    const bitmapStart = (header & HAS_NULLS) === 0 ? -1 : reader.take(Math.ceil(count / 8));
    // Each element takes a byte or a bit at least: a hostile count ends here.
    if (bitmapStart < 0 && count > end - reader.position) reader.fail('array ends early');
    if (count > 0 && wireType !== element.wireType && wireType !== element.alternateWireType)
      reader.fail(`array elements of type ${wireType}`);
    const values: Repr[] = [];
    for (let i = 0; i < count; i++) {
      const isNull =
        bitmapStart >= 0 && ((reader.bytes[bitmapStart + (i >> 3)] as number) >> (i & 7)) & 1;
      if (isNull) values.push(null);
      else values.push(element.decode(reader, isBool ? reader.u8() : wireType));
    }
    if (reader.position !== end) reader.fail('array of another length');
    return arrayToRepr(type, values);
  };
}

function compileTuple(type: SqlType): Decode {
  const decoders = (type.fields ?? []).map(compileValueDecoder);
  return (reader) => {
    if (reader.nsu() !== decoders.length) reader.fail('tuple of another length');
    const values = decoders.map((field) => {
      const wireType = readElementTag(reader);
      if (wireType === ValueType.Null) return null;
      if (wireType !== field.wireType && wireType !== field.alternateWireType)
        return reader.fail(`tuple field of type ${wireType}`);
      return field.decode(reader, wireType);
    });
    return arrayToRepr(type, values);
  };
}

/** Moves past a payload whose column is not known. */
export function skipValue(reader: DatumReader, wireType: number): void {
  switch (wireType) {
    case ValueType.Null:
    case ValueType.NotNull:
    case ValueType.True:
    case ValueType.False:
      return;
    case ValueType.Int:
      reader.zigzag();
      return;
    case ValueType.Float:
      reader.take(8);
      return;
    case ValueType.Decimal:
      reader.take(reader.uleb());
      return;
    case ValueType.Time:
    case ValueType.TimeTz:
      reader.zigzag();
      reader.zigzag();
      return;
    case ValueType.Duration:
      reader.zigzag();
      reader.zigzag();
      reader.zigzag();
      return;
    case ValueType.Uuid:
      reader.take(16);
      return;
    case ValueType.IpAddr:
      readInet(reader);
      return;
    case ValueType.BitArray:
      reader.take(Math.ceil(reader.nsu() / 64) * 8);
      return;
    case ValueType.Box2d:
      readBox2d(reader);
      return;
    case ValueType.Tuple: {
      const count = reader.nsu();
      for (let i = 0; i < count; i++) skipValue(reader, readElementTag(reader));
      return;
    }
    case ValueType.Bytes:
    case ValueType.Array:
    case ValueType.Json:
    case ValueType.Geo:
    case ValueType.Void:
    case ValueType.TsQuery:
    case ValueType.TsVector:
    case ValueType.PgVector:
    case ValueType.LTree:
      reader.take(reader.nsu());
      return;
    default:
      reader.fail(`unknown value type ${wireType}`);
  }
}
