import type { ByteWriter } from '../../../base/byte-writer';
import { notSupported } from '../../../base/errors';
import { assertNever, invariant } from '../../../base/invariant';
import { arrayElements } from '../../../catalog/types/array';
import { box2dFromRepr } from '../../../catalog/types/box2d';
import { floatFromRepr } from '../../../catalog/types/float';
import { intervalFromRepr, intervalTotalMicros } from '../../../catalog/types/interval';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { timetzFromRepr } from '../../../catalog/types/timetz';
import { writeBitsKey } from './bit-body';
import { dateToDays, timestampToParts } from './datum-repr';
import { writeDecimalKey } from './decimal-body';
import { writeKeyBytes } from './key-bytes';
import { writeKeyInt, writeKeyIntDescending } from './key-varint';
import { KeyMarker } from './value-type';

/** The inverse of key-decoder.ts. NULL is written by the encoder too. */
export type KeyEncoder = (writer: ByteWriter, value: Repr) => void;

const scratch = new DataView(new ArrayBuffer(8));

export function writeKeyFloat(writer: ByteWriter, value: number, descending: boolean): void {
  if (Number.isNaN(value)) {
    writer.u8(descending ? KeyMarker.FloatNaNDescending : KeyMarker.FloatNaN);
    return;
  }
  if (value === 0) {
    writer.u8(KeyMarker.FloatZero);
    return;
  }
  const stored = descending ? -value : value;
  scratch.setFloat64(0, stored);
  const high = scratch.getUint32(0);
  const low = scratch.getUint32(4);
  if (stored > 0) writer.u8(KeyMarker.FloatPositive).u32be(high).u32be(low);
  else
    writer
      .u8(KeyMarker.FloatNegative)
      .u32be(~high >>> 0)
      .u32be(~low >>> 0);
}

function writeInt(writer: ByteWriter, given: number | bigint, descending: boolean): void {
  const value = BigInt(given);
  if (descending) writeKeyIntDescending(writer, value);
  else writeKeyInt(writer, value);
}

function toBigInt(value: Repr): bigint {
  return BigInt(value as bigint | number);
}

export function writeKeyTimestamp(writer: ByteWriter, value: Repr, descending: boolean): void {
  const { seconds, nanos } = timestampToParts(value as bigint | number);
  writer.u8(KeyMarker.Time);
  writeInt(writer, seconds, descending);
  writeInt(writer, nanos, descending);
}

export function writeKeyTimeTz(writer: ByteWriter, value: Repr, descending: boolean): void {
  const { micros, offsetWest } = timetzFromRepr(value);
  writer.u8(KeyMarker.TimeTz);
  writeInt(writer, BigInt(micros) + BigInt(offsetWest) * 1_000_000n, descending);
  writeInt(writer, BigInt(offsetWest), descending);
}

/** @throws SqlError 0A000 when the length in nanoseconds exceeds 64 bits, which CockroachDB refuses as well */
export function writeKeyInterval(writer: ByteWriter, value: Repr, descending: boolean): void {
  const interval = intervalFromRepr(value as string);
  const nanos = intervalTotalMicros(interval) * 1000n;
  if (BigInt.asIntN(64, nanos) !== nanos) throw notSupported('an index key of so long an interval');
  writer.u8(KeyMarker.Duration);
  writeInt(writer, nanos, descending);
  writeInt(writer, BigInt(interval.months), descending);
  writeInt(writer, BigInt(interval.days), descending);
}

function writeKeyBox2d(writer: ByteWriter, value: Repr, descending: boolean): void {
  const { loX, hiX, loY, hiY } = box2dFromRepr(value as Uint8Array);
  writer.u8(KeyMarker.Box2d);
  for (const bound of [loX, hiX, loY, hiY]) writeKeyFloat(writer, bound, descending);
}

function compileArray(type: SqlType, descending: boolean): KeyEncoder {
  invariant(type.element !== undefined, 'an array type has an element type');
  const element = compileNotNull(type.element, descending);
  return (writer, value) => {
    writer.u8(descending ? KeyMarker.ArrayDescending : KeyMarker.Array);
    for (const item of arrayElements(type, value as Uint8Array)) {
      if (item === null) writer.u8(descending ? 0xfe : 0x01);
      else element(writer, item);
    }
    writer.u8(descending ? 0xff : 0x00);
  };
}

function compileTuple(type: SqlType, descending: boolean): KeyEncoder {
  const fields = (type.fields ?? []).map((field) => compileKeyEncoder(field, descending));
  return (writer, value) => {
    for (const [i, item] of arrayElements(type, value as Uint8Array).entries())
      fields[i]?.(writer, item);
  };
}

function compileNotNull(type: SqlType, descending: boolean): KeyEncoder {
  switch (type.family) {
    case 'bool':
    case 'int':
    case 'time':
    case 'oid':
      return (writer, value) => writeInt(writer, toBigInt(value), descending);
    case 'date':
      return (writer, value) => writeInt(writer, dateToDays(value as bigint | number), descending);
    case 'float':
      return (writer, value) => writeKeyFloat(writer, floatFromRepr(value), descending);
    case 'decimal':
      return (writer, value) => writeDecimalKey(writer, value as string, descending);
    case 'string':
      return (writer, value) => writeKeyBytes(writer, Buffer.from(value as string), descending);
    case 'bytes':
    case 'enum':
    case 'uuid':
    case 'inet':
      return (writer, value) => writeKeyBytes(writer, value as Uint8Array, descending);
    case 'timestamp':
    case 'timestamptz':
      return (writer, value) => writeKeyTimestamp(writer, value, descending);
    case 'timetz':
      return (writer, value) => writeKeyTimeTz(writer, value, descending);
    case 'interval':
      return (writer, value) => writeKeyInterval(writer, value, descending);
    case 'bit':
      return (writer, value) => writeBitsKey(writer, value as string, descending);
    case 'box2d':
      return (writer, value) => writeKeyBox2d(writer, value, descending);
    case 'array':
      return compileArray(type, descending);
    case 'tuple':
      return compileTuple(type, descending);
    case 'collatedstring':
      throw notSupported(
        'writing an index key of a collated string',
        'its sort keys are those of another collation library',
      );
    case 'geometry':
    case 'geography':
      throw notSupported(`writing an index key of type ${type.family}`);
    case 'json':
    case 'void':
    case 'unknown':
    case 'any':
      throw notSupported(`an index key of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}

/** @throws SqlError 0A000 for types whose keys cannot be written exactly */
export function compileKeyEncoder(type: SqlType, descending: boolean): KeyEncoder {
  const encode = compileNotNull(type, descending);
  const nullMarker = descending ? KeyMarker.NullDescending : KeyMarker.Null;
  return (writer, value) => {
    if (value === null) writer.u8(nullMarker);
    else encode(writer, value);
  };
}

/**
 * Whether the key alone does not give the value back, so that it has to be stored as a value too (format reference
 * 04 §3.3).
 */
export function compileIsComposite(type: SqlType): (value: Repr) => boolean {
  switch (type.family) {
    case 'collatedstring':
      return () => true;
    case 'float':
      return (value) => Object.is(value, -0);
    case 'decimal':
      // A coefficient divisible by 10: it shows trailing zeros, or is a zero, NaN or an infinity.
      return (value) => (value as string).length === 1 || (value as string).endsWith(' ');
    case 'array': {
      invariant(type.element !== undefined, 'an array type has an element type');
      const isComposite = compileIsComposite(type.element);
      return (value) =>
        arrayElements(type, value as Uint8Array).some((item) => item !== null && isComposite(item));
    }
    default:
      return () => false;
  }
}
