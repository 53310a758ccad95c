import { notSupported } from '../../../base/errors';
import { assertNever } from '../../../base/invariant';
import { box2dToRepr } from '../../../catalog/types/box2d';
import { floatToRepr } from '../../../catalog/types/float';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { ValueTag } from '../mvcc/value';
import { readBits } from './bit-body';
import type { DatumReader } from './datum-reader';
import { dateFromDays, oidFromInt } from './datum-repr';
import { readDecimalBody } from './decimal-body';
import { readGeoBody } from './geo-body';
import { readJsonBody } from './json-body';
import { readKeyInterval, readKeyTimestamp, readKeyTimeTz } from './key-decoder';
import { compileArrayBody, readBytes, readInet, readText } from './value-decoder';

/**
 * Values of families with one column, which have a key-value pair of their own and no tag inside
 * (format reference 04 §8). The decoder reads all of the data.
 */
export interface UntaggedDecoder {
  /** The value's own tag. */
  readonly tag: number;
  readonly decode: (reader: DatumReader) => Repr;
}

function readBox2d(reader: DatumReader): Uint8Array {
  return box2dToRepr({
    loX: reader.f64(),
    hiX: reader.f64(),
    loY: reader.f64(),
    hiY: reader.f64(),
  });
}

function readUuid(reader: DatumReader): Uint8Array {
  return reader.remaining === 16 ? reader.copy(16) : reader.fail('uuid of another length');
}

function readBool(reader: DatumReader): Repr {
  const value = reader.zigzag();
  return value === 0 || value === 1 ? value : reader.fail('not a bool');
}

function exactly(tag: number, decode: (reader: DatumReader) => Repr): UntaggedDecoder {
  return {
    tag,
    decode: (reader) => {
      const value = decode(reader);
      if (reader.position !== reader.end) reader.fail('bytes after a value');
      return value;
    },
  };
}

/** @throws SqlError 0A000 for types that no column can have */
export function compileUntaggedDecoder(type: SqlType): UntaggedDecoder {
  switch (type.family) {
    case 'bool':
      return exactly(ValueTag.int, readBool);
    case 'int':
    case 'time':
      return exactly(ValueTag.int, (reader) => reader.zigzag());
    case 'date':
      return exactly(ValueTag.int, (reader) => dateFromDays(reader.zigzag()));
    case 'oid':
      return exactly(ValueTag.int, (reader) => oidFromInt(reader.zigzag()));
    case 'float':
      return exactly(ValueTag.float, (reader) => floatToRepr(reader.f64()));
    case 'decimal':
      return exactly(ValueTag.decimal, (reader) => readDecimalBody(reader, reader.end));
    case 'string':
    case 'collatedstring':
      return exactly(ValueTag.bytes, (reader) => readText(reader, reader.end));
    case 'bytes':
    case 'enum':
      return exactly(ValueTag.bytes, (reader) => readBytes(reader, reader.end));
    case 'uuid':
      return exactly(ValueTag.bytes, readUuid);
    case 'inet':
      return exactly(ValueTag.bytes, readInet);
    case 'json':
      return exactly(ValueTag.bytes, (reader) => readJsonBody(reader, reader.end));
    case 'array': {
      const decode = compileArrayBody(type);
      return exactly(ValueTag.bytes, (reader) => decode(reader, reader.end));
    }
    case 'timestamp':
    case 'timestamptz':
      return exactly(ValueTag.time, (reader) => readKeyTimestamp(reader, false));
    case 'timetz':
      return exactly(ValueTag.timeTz, (reader) => readKeyTimeTz(reader, false));
    case 'interval':
      return exactly(ValueTag.duration, (reader) => readKeyInterval(reader, false));
    case 'bit':
      return exactly(ValueTag.bitArray, readBits);
    case 'geometry':
    case 'geography':
      return exactly(ValueTag.geo, (reader) => readGeoBody(reader, reader.end));
    case 'box2d':
      return exactly(ValueTag.box2d, readBox2d);
    case 'tuple':
    case 'void':
    case 'unknown':
    case 'any':
      throw notSupported(`a column family of type ${type.family}`);
    default:
      return assertNever(type.family);
  }
}
