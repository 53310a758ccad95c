import { notSupported } from '../../../base/errors';
import { assertNever, invariant } from '../../../base/invariant';
import { arrayToRepr } from '../../../catalog/types/array';
import { box2dToRepr } from '../../../catalog/types/box2d';
import { floatToRepr } from '../../../catalog/types/float';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { readBitsKey } from './bit-body';
import { DatumReader } from './datum-reader';
import {
  dateFromDays,
  intervalFromParts,
  oidFromInt,
  timestampFromParts,
  timetzFromParts,
} from './datum-repr';
import { readDecimalKey } from './decimal-body';
import { readGeoBody } from './geo-body';
import { readKeyBytes, readKeyBytesBody, readKeyText } from './key-bytes';
import { KeyMarker } from './value-type';

/**
 * Columns in keys (format reference 04 §2): bytes whose order is that of the values.
 * A decoder reads one column, NULL included. A collated string decodes to the bytes of its collation key: its text is
 * among the row's values, which override.
 */
export type KeyDecoder = (reader: DatumReader) => Repr;

const scratch = new DataView(new ArrayBuffer(8));

/** A float; a zero that was stored descending comes out as -0, as in CockroachDB. */
export function readKeyFloat(reader: DatumReader, descending: boolean): number {
  const marker = reader.u8();
  let value: number;
  switch (marker) {
    case KeyMarker.FloatNaN:
    case KeyMarker.FloatNaNDescending:
      return Number.NaN;
    case KeyMarker.FloatZero:
      value = 0;
      break;
    case KeyMarker.FloatPositive:
      value = reader.f64();
      break;
    case KeyMarker.FloatNegative:
      scratch.setUint32(0, ~reader.u32());
      scratch.setUint32(4, ~reader.u32());
      value = scratch.getFloat64(0);
      break;
    default:
      return reader.fail(`float key starts with ${marker}`);
  }
  return descending ? -value : value;
}

type ReadInt = (reader: DatumReader) => number | bigint;

const ascendingInt: ReadInt = (reader) => reader.keyInt();
const descendingInt: ReadInt = (reader) => reader.keyIntDescending();

function expectMarker(reader: DatumReader, wanted: number, what: string): void {
  const marker = reader.u8();
  if (marker !== wanted) reader.fail(`${what} key starts with ${marker}`);
}

export function readKeyTimestamp(reader: DatumReader, descending: boolean): number | bigint {
  expectMarker(reader, KeyMarker.Time, 'timestamp');
  const readInt = descending ? descendingInt : ascendingInt;
  return timestampFromParts(reader, readInt(reader), readInt(reader));
}

export function readKeyTimeTz(reader: DatumReader, descending: boolean): bigint {
  expectMarker(reader, KeyMarker.TimeTz, 'timetz');
  const readInt = descending ? descendingInt : ascendingInt;
  const utcMicros = readInt(reader);
  const offsetWest = readInt(reader);
  const local = Number(utcMicros) - Number(offsetWest) * 1_000_000;
  return timetzFromParts(reader, local, offsetWest);
}

export function readKeyInterval(reader: DatumReader, descending: boolean): string {
  expectMarker(reader, KeyMarker.Duration, 'interval');
  const readInt = descending ? descendingInt : ascendingInt;
  const total = BigInt(readInt(reader));
  const months = readInt(reader);
  const days = readInt(reader);
  const nanos = total - (BigInt(months) * 30n + BigInt(days)) * 86_400_000_000_000n;
  return intervalFromParts(reader, months, days, nanos);
}

function readKeyUuid(reader: DatumReader, descending: boolean): Uint8Array {
  const bytes = readKeyBytes(reader, descending);
  return bytes.length === 16 ? bytes : reader.fail(`uuid of ${bytes.length} bytes`);
}

function readKeyInet(reader: DatumReader, descending: boolean): Uint8Array {
  const bytes = readKeyBytes(reader, descending);
  const wanted = bytes[0] === 0 ? 6 : 18;
  return bytes.length === wanted ? bytes : reader.fail(`inet of ${bytes.length} bytes`);
}

function readKeyBox2d(reader: DatumReader, descending: boolean): Uint8Array {
  expectMarker(reader, KeyMarker.Box2d, 'box2d');
  const loX = readKeyFloat(reader, descending);
  const hiX = readKeyFloat(reader, descending);
  const loY = readKeyFloat(reader, descending);
  return box2dToRepr({ loX, hiX, loY, hiY: readKeyFloat(reader, descending) });
}

function readKeyGeo(reader: DatumReader, descending: boolean): Uint8Array {
  expectMarker(reader, descending ? KeyMarker.GeoDescending : KeyMarker.Geo, 'geo');
  reader.take(8);
  const body = readKeyBytesBody(reader, descending);
  const nested = new DatumReader(reader.file);
  nested.reset(body);
  return readGeoBody(nested, body.length);
}

function compileArray(type: SqlType, descending: boolean): KeyDecoder {
  invariant(type.element !== undefined, 'an array type has an element type');
  const element = compileNotNull(type.element, descending);
  const marker = descending ? KeyMarker.ArrayDescending : KeyMarker.Array;
  // Inside arrays the NULL marker is the one after the terminator.
  const end = descending ? 0xff : 0x00;
  const nullMarker = descending ? 0xfe : 0x01;
  return (reader) => {
    expectMarker(reader, marker, 'array');
    const values: Repr[] = [];
    for (;;) {
      const next = reader.u8();
      if (next === end) return arrayToRepr(type, values);
      if (next === nullMarker) values.push(null);
      else {
        reader.position--;
        values.push(element(reader));
      }
    }
  };
}

function compileTuple(type: SqlType, descending: boolean): KeyDecoder {
  const fields = (type.fields ?? []).map((field) => compileKeyDecoder(field, descending));
  return (reader) =>
    arrayToRepr(
      type,
      fields.map((field) => field(reader)),
    );
}

function compileNotNull(type: SqlType, descending: boolean): KeyDecoder {
  const readInt = descending ? descendingInt : ascendingInt;
  switch (type.family) {
    case 'bool':
    case 'int':
    case 'time':
      return readInt;
    case 'date':
      return (reader) => dateFromDays(readInt(reader));
    case 'oid':
      return (reader) => oidFromInt(readInt(reader));
    case 'float':
      return (reader) => floatToRepr(readKeyFloat(reader, descending));
    case 'decimal':
      return (reader) => readDecimalKey(reader, descending);
    case 'string':
      return (reader) => readKeyText(reader, descending);
    case 'collatedstring':
    case 'bytes':
    case 'enum':
      return (reader) => readKeyBytes(reader, descending);
    case 'uuid':
      return (reader) => readKeyUuid(reader, descending);
    case 'inet':
      return (reader) => readKeyInet(reader, descending);
    case 'timestamp':
    case 'timestamptz':
      return (reader) => readKeyTimestamp(reader, descending);
    case 'timetz':
      return (reader) => readKeyTimeTz(reader, descending);
    case 'interval':
      return (reader) => readKeyInterval(reader, descending);
    case 'bit':
      return (reader) => readBitsKey(reader, descending);
    case 'box2d':
      return (reader) => readKeyBox2d(reader, descending);
    case 'geometry':
    case 'geography':
      return (reader) => readKeyGeo(reader, descending);
    case 'array':
      return compileArray(type, descending);
    case 'tuple':
      return compileTuple(type, descending);
    case 'json':
    case 'void':
    case 'unknown':
    case 'any':
      throw notSupported(`an index key of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}

/** @throws SqlError 0A000 for types that cannot be in an index of v21.2 */
export function compileKeyDecoder(type: SqlType, descending: boolean): KeyDecoder {
  const decode = compileNotNull(type, descending);
  const nullMarker = descending ? KeyMarker.NullDescending : KeyMarker.Null;
  return (reader) => {
    if (reader.bytes[reader.position] === nullMarker && reader.position < reader.end) {
      reader.position++;
      return null;
    }
    return decode(reader);
  };
}
