import type { ByteWriter } from '../../../base/byte-writer';
import { smallDecimalOf, smallDecimalScale } from '../../../catalog/types/decimal';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import type { RecordReader } from '../../../storage/staging/record-reader';
import { writeNsu } from './bit-body';
import { timestampToParts } from './datum-repr';
import { writeKeyBytesOf } from './key-bytes';
import { compileIsComposite, compileKeyEncoder } from './key-encoder';
import { writeKeyInt, writeKeyNumber } from './key-varint';
import { compileValueEncoder, writeZigzag } from './value-encoder';
import { KeyMarker, ValueType } from './value-type';

/**
 * Values straight from SQLite's records to those of keys and tuples: for the types that most columns have without an object in
 * between, for all others through what key-encoder.ts and value-encoder.ts do with a representation.
 */

/** Writes a slot of the row as a part of a key, NULL included. */
export type StoredKeyWriter = (writer: ByteWriter, row: RecordReader, slot: number) => void;

/** Writes a slot that is not NULL. */
export type StoredValueWriter = (writer: ByteWriter, row: RecordReader, slot: number) => void;

export interface StoredValueEncoder {
  /** Of the tag; undefined: that depends on the value. */
  readonly wireType: number | undefined;
  readonly wireTypeOf: (row: RecordReader, slot: number) => number;
  readonly write: StoredValueWriter;
}

/** @throws SqlError 0A000 for types whose keys cannot be written exactly */
export function compileStoredKey(type: SqlType, descending: boolean): StoredKeyWriter {
  const write = compilePresentKey(type, descending);
  const nullMarker = descending ? KeyMarker.NullDescending : KeyMarker.Null;
  return (writer, row, slot) => {
    if (row.isNull(slot)) writer.u8(nullMarker);
    else write(writer, row, slot);
  };
}

function compilePresentKey(type: SqlType, descending: boolean): StoredKeyWriter {
  switch (type.family) {
    case 'bool':
    case 'int':
    case 'time':
    case 'oid':
      return descending
        ? (writer, row, slot) => writeInt(writer, complementOf(row.integer(slot)))
        : (writer, row, slot) => writeInt(writer, row.integer(slot));
    case 'string':
    case 'bytes':
    case 'enum':
    case 'uuid':
    case 'inet':
      return (writer, row, slot) => {
        const start = row.start(slot);
        writeKeyBytesOf(writer, row.bytes, start, start + row.size(slot), descending);
      };
    default: {
      const encode = compileKeyEncoder(type, descending);
      return (writer, row, slot) => encode(writer, row.value(slot));
    }
  }
}

function writeInt(writer: ByteWriter, value: number | bigint): void {
  if (typeof value === 'number') writeKeyNumber(writer, value);
  else writeKeyInt(writer, value);
}

function complementOf(value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return -1n - value;
  return value === Number.MAX_SAFE_INTEGER ? -1n - BigInt(value) : -1 - value;
}

/**
 * Whether the key alone does not give the value back (see `compileIsComposite`); undefined for types of which it always does.
 */
export function compileStoredIsComposite(
  type: SqlType,
): ((row: RecordReader, slot: number) => boolean) | undefined {
  switch (type.family) {
    case 'decimal':
      return (row, slot) => {
        const size = row.size(slot);
        return size === 1 || row.bytes[row.start(slot) + size - 1] === SPACE;
      };
    case 'float':
    case 'collatedstring':
    case 'array': {
      const isComposite = compileIsComposite(type);
      return (row, slot) => isComposite(row.value(slot) as Repr);
    }
    default:
      return undefined;
  }
}

const SPACE = 0x20;

/** @throws SqlError 0A000 for types that no column can have */
export function compileStoredValue(type: SqlType): StoredValueEncoder {
  switch (type.family) {
    case 'int':
    case 'time':
    case 'oid':
      return fixed(ValueType.Int, (writer, row, slot) => writeZigzag(writer, row.integer(slot)));
    case 'bool':
      return {
        wireType: undefined,
        wireTypeOf: (row, slot) => (row.integer(slot) === 0 ? ValueType.False : ValueType.True),
        write: () => undefined,
      };
    case 'date': {
      const rare = compileValueEncoder(type);
      return fixed(ValueType.Int, (writer, row, slot) => {
        const days = row.integer(slot);
        // The infinities are no safe integers.
        if (typeof days === 'number') writeZigzag(writer, days);
        else rare.write(writer, days);
      });
    }
    case 'string':
    case 'collatedstring':
    case 'bytes':
    case 'enum':
      return fixed(ValueType.Bytes, (writer, row, slot) => {
        const start = row.start(slot);
        const size = row.size(slot);
        writeNsu(writer, size);
        writer.range(row.bytes, start, start + size);
      });
    case 'uuid':
    case 'inet':
      return fixed(type.family === 'uuid' ? ValueType.Uuid : ValueType.IpAddr, writeBytes);
    case 'timestamp':
    case 'timestamptz':
      return fixed(ValueType.Time, writeTimestamp);
    case 'decimal':
      return fixed(ValueType.Decimal, compileDecimal(type));
    default:
      return compileAny(type);
  }
}

function fixed(wireType: number, write: StoredValueWriter): StoredValueEncoder {
  return { wireType, wireTypeOf: () => wireType, write };
}

function compileAny(type: SqlType): StoredValueEncoder {
  const encoder = compileValueEncoder(type);
  return {
    wireType: undefined,
    wireTypeOf: (row, slot) => encoder.wireType(row.value(slot)),
    write: (writer, row, slot) => encoder.write(writer, row.value(slot)),
  };
}

const writeBytes: StoredValueWriter = (writer, row, slot) => {
  const start = row.start(slot);
  writer.range(row.bytes, start, start + row.size(slot));
};

const writeTimestamp: StoredValueWriter = (writer, row, slot) => {
  const { seconds, nanos } = timestampToParts(row.integer(slot));
  writeZigzag(writer, seconds);
  writeZigzag(writer, nanos);
};

function compileDecimal(type: SqlType): StoredValueWriter {
  const rare = compileValueEncoder(type);
  return (writer, row, slot) => {
    const start = row.start(slot);
    const size = row.size(slot);
    const coefficient = smallDecimalOf(row.bytes, start, start + size);
    if (coefficient === undefined) rare.write(writer, row.value(slot));
    else writeSmallDecimal(writer, coefficient, row.bytes[start] as number, size);
  };
}

/** As `writeDecimalBody`, with its length in front. */
function writeSmallDecimal(
  writer: ByteWriter,
  coefficient: number,
  kind: number,
  size: number,
): void {
  const at = writer.length;
  writer.u8(0);
  const scale = smallDecimalScale(kind, size);
  if (coefficient === 0 && size === 1) writer.u8(KeyMarker.DecimalZero);
  else {
    if (scale > 0) writer.u8(KeyMarker.DecimalPositiveLarge);
    else writer.u8(scale < 0 ? KeyMarker.DecimalPositiveSmall : KeyMarker.DecimalPositiveMedium);
    if (scale !== 0) writeKeyNumber(writer, Math.abs(scale));
    if (coefficient !== 0) {
      let count = 1;
      for (let limit = 0x100; coefficient >= limit; limit *= 0x100) count++;
      writer.lowBytes(coefficient, count);
    }
  }
  writer.patchU8(at, writer.length - at - 1);
}
