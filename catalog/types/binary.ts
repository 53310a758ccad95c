import { ByteReader } from '../../base/byte-reader';
import type { ByteWriter } from '../../base/byte-writer';
import { CorruptionError, notSupported, SqlError } from '../../base/errors';
import { utf8Text } from '../../base/utf8';
import { arrayDecoder, arrayEncoder, recordDecoder, recordEncoder } from './binary-array';
import { readDecimal, writeDecimal } from './binary-decimal';
import { readBits, readInet, writeBits, writeInet } from './binary-network';
import { box2dFromRepr, box2dToRepr } from './box2d';
import {
  DATE_INFINITY,
  DATE_MAX_DAYS,
  DATE_MIN_DAYS,
  DATE_NEGATIVE_INFINITY,
  DAY_MICROS_NUMBER,
  EPOCH_2000_DAYS,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from './datetime';
import { floatFromRepr, floatToRepr } from './float';
import { parseGeo } from './geo';
import { intervalFromRepr, intervalToRepr } from './interval';
import { compileTextDecoder } from './parse-text';
import type { Repr, SqlType, TypeFamily } from './sql-type';
import { typeRow } from './table';
import { compileTextEncoder } from './text';
import { TIMETZ_OFFSET_MAX, timetzFromRepr, timetzToRepr } from './timetz';
import { UTC } from './timezone';

/**
 * Values in PostgreSQL's binary format (`…_send` and `…_recv`), as CockroachDB writes and reads it: one row a family, what
 * writes beside what reads.
 */

/** Writes a value without its length. Never called with NULL. @throws SqlError 22003, 22008 the format can't hold it */
export type BinaryEncoder = (out: ByteWriter, value: Repr) => void;

/** Reads a value from exactly these bytes. @throws CorruptionError, SqlError */
export type BinaryDecoder = (input: ByteReader) => Repr;

interface BinaryRow {
  /** Chosen once a column. */
  encoder(type: SqlType): BinaryEncoder;
  decoder(type: SqlType): BinaryDecoder;
}

const INT_SIZES: ReadonlyMap<number, number> = new Map([
  [21, 2],
  [23, 4],
]);
const INT32_MAX = 0x7fffffff;
const INT32_MIN = -0x80000000;
const INT64_MAX = (1n << 63n) - 1n;
const INT64_MIN = -(1n << 63n);

/** @throws SqlError 42601, as CockroachDB */
function exactly(input: ByteReader, sizeBytes: number, type: SqlType): void {
  if (input.remaining === sizeBytes) return;
  const name = typeRow(type)?.typname ?? type.family;
  throw new SqlError('syntaxError', `${name} requires ${sizeBytes} bytes for binary format`);
}

function outOfRange(what: string): SqlError {
  return new SqlError('datetimeFieldOverflow', `${what} out of range`);
}

/** A row of a type whose values always take as many bytes. */
function fixed(
  sizeBytes: number,
  encode: BinaryEncoder,
  decode: (input: ByteReader) => Repr,
): BinaryRow {
  return {
    encoder: () => encode,
    decoder: (type) => (input) => {
      exactly(input, sizeBytes, type);
      return decode(input);
    },
  };
}

const BOOL: BinaryRow = {
  encoder: () => (out, value) => out.u8(Number(value)),
  decoder: () => (input) => {
    const [byte] = input.bytes;
    if (input.remaining === 1 && (byte === 0 || byte === 1)) return input.u8();
    const hex = Buffer.from(input.bytes).toString('hex');
    throw new SqlError('syntaxError', `unsupported binary bool: ${hex}`);
  },
};

/** A result may be wider than its type says: sums of INT4 are computed as INT8. */
function smallInt(value: Repr, sizeBytes: number): number {
  const limit = 2 ** (sizeBytes * 8 - 1);
  const small = Number(value);
  if (small >= -limit && small < limit) return small;
  throw new SqlError('numericValueOutOfRange', `integer out of range for type int${sizeBytes}`);
}

const INT: BinaryRow = {
  encoder: (type) => {
    const sizeBytes = INT_SIZES.get(type.oid);
    if (sizeBytes === 2) return (out, value) => out.i16be(smallInt(value, 2));
    if (sizeBytes === 4) return (out, value) => out.i32be(smallInt(value, 4));
    return (out, value) => out.i64be(BigInt(value as bigint | number));
  },
  decoder: (type) => {
    const sizeBytes = INT_SIZES.get(type.oid) ?? 8;
    return (input) => {
      exactly(input, sizeBytes, type);
      if (sizeBytes === 2) return input.i16be();
      return sizeBytes === 4 ? input.i32be() : input.i64be();
    };
  },
};

const FLOAT: BinaryRow = {
  encoder: (type) =>
    type.width === 32
      ? (out, value) => out.f32be(floatFromRepr(value))
      : (out, value) => out.f64be(floatFromRepr(value)),
  decoder: (type) => (input) => {
    exactly(input, type.width === 32 ? 4 : 8, type);
    return floatToRepr(type.width === 32 ? input.f32be() : input.f64be());
  },
};

const OID = fixed(
  4,
  (out, value) => out.u32be(Number(value)),
  (input) => input.u32be(),
);

const DATE = fixed(
  4,
  (out, value) => {
    const days = BigInt(value as bigint | number);
    if (days === DATE_INFINITY) out.i32be(INT32_MAX);
    else if (days === DATE_NEGATIVE_INFINITY) out.i32be(INT32_MIN);
    else out.i32be(Number(days) - EPOCH_2000_DAYS);
  },
  (input) => {
    const days = input.i32be();
    if (days === INT32_MAX) return DATE_INFINITY;
    if (days === INT32_MIN) return DATE_NEGATIVE_INFINITY;
    const since1970 = days + EPOCH_2000_DAYS;
    if (since1970 < DATE_MIN_DAYS || since1970 > DATE_MAX_DAYS) throw outOfRange('date');
    return since1970;
  },
);

function readClock(input: ByteReader): number {
  const micros = input.i64be();
  if (micros < 0n || micros > BigInt(DAY_MICROS_NUMBER)) throw outOfRange('time');
  return Number(micros);
}

const TIME = fixed(8, (out, value) => out.i64be(BigInt(value as bigint | number)), readClock);

const TIMETZ = fixed(
  12,
  (out, value) => {
    const { micros, offsetWest } = timetzFromRepr(value);
    out.i64be(BigInt(micros)).i32be(offsetWest);
  },
  (input) => {
    const micros = readClock(input);
    const offsetWest = input.i32be();
    if (Math.abs(offsetWest) > TIMETZ_OFFSET_MAX) throw outOfRange('time zone displacement');
    return timetzToRepr(micros, offsetWest);
  },
);

/** PostgreSQL's infinities are the ends of CockroachDB's range. */
const TIMESTAMP = fixed(
  8,
  (out, value) => out.i64be(BigInt(value as bigint | number)),
  (input) => {
    const micros = input.i64be();
    if (micros === INT64_MAX) return TIMESTAMP_MAX;
    if (micros === INT64_MIN) return TIMESTAMP_MIN;
    if (micros < TIMESTAMP_MIN || micros > TIMESTAMP_MAX) throw outOfRange('timestamp');
    return micros;
  },
);

const INTERVAL = fixed(
  16,
  (out, value) => {
    const { months, days, micros } = intervalFromRepr(value as string);
    for (const field of [months, days]) {
      if (field > INT32_MAX || field < INT32_MIN) throw outOfRange('interval');
    }
    out.i64be(micros).i32be(days).i32be(months);
  },
  (input) => {
    const micros = input.i64be();
    const days = input.i32be();
    return intervalToRepr({ months: input.i32be(), days, micros });
  },
);

const BYTES: BinaryRow = {
  encoder: () => (out, value) => out.raw(value as Uint8Array),
  decoder: () => (input) => Uint8Array.from(input.slice(input.remaining)),
};

const UUID: BinaryRow = {
  ...BYTES,
  decoder: (type) => (input) => {
    exactly(input, 16, type);
    return Uint8Array.from(input.slice(16));
  },
};

const GEO: BinaryRow = {
  ...BYTES,
  decoder: ({ family }) => {
    const geo = family === 'geography' ? 'geography' : 'geometry';
    return (input) => parseGeo(Buffer.from(input.slice(input.remaining)).toString('hex'), geo);
  },
};

const BOX2D = fixed(
  32,
  (out, value) => {
    const { loX, hiX, loY, hiY } = box2dFromRepr(value as Uint8Array);
    out.f64be(loX).f64be(hiX).f64be(loY).f64be(hiY);
  },
  (input) =>
    box2dToRepr({
      loX: input.f64be(),
      hiX: input.f64be(),
      loY: input.f64be(),
      hiY: input.f64be(),
    }),
);

/** No setting has a say in how these types' text is read or written. */
const TEXT_INPUT = { timeZone: UTC };
const TEXT_OUTPUT = {
  timeZone: UTC,
  extraFloatDigits: 0,
  byteaOutput: 'hex',
  intervalStyle: 'postgres',
} as const;

/** Types whose binary format is their text. */
const TEXT: BinaryRow = {
  encoder: (type) => {
    const text = compileTextEncoder(type, TEXT_OUTPUT);
    return (out, value) => out.utf8(text(value));
  },
  decoder: (type) => {
    const parse = compileTextDecoder(type, TEXT_INPUT);
    return (input) => parse(utf8Text(input.slice(input.remaining)));
  },
};

const JSON_VERSION = 1;

/** The version, then the text. JSON, which clients declare for the same parameter, has none: it never begins so. */
const JSONB: BinaryRow = {
  encoder: () => (out, value) => out.u8(JSON_VERSION).utf8(value as string),
  decoder: (type) => {
    const parse = compileTextDecoder(type, TEXT_INPUT);
    return (input) => {
      if (input.bytes[0] === JSON_VERSION) input.skip(1);
      return parse(utf8Text(input.slice(input.remaining)));
    };
  },
};

const ROWS: { readonly [F in TypeFamily]: BinaryRow } = {
  bool: BOOL,
  int: INT,
  float: FLOAT,
  decimal: {
    encoder: () => (out, value) => writeDecimal(out, value as string),
    decoder: () => readDecimal,
  },
  date: DATE,
  time: TIME,
  timetz: TIMETZ,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMP,
  interval: INTERVAL,
  string: TEXT,
  collatedstring: TEXT,
  bytes: BYTES,
  uuid: UUID,
  inet: {
    encoder: () => (out, value) => writeInet(out, value as Uint8Array),
    decoder: () => readInet,
  },
  json: JSONB,
  bit: { encoder: () => (out, value) => writeBits(out, value as string), decoder: () => readBits },
  oid: OID,
  enum: TEXT,
  array: {
    encoder: (type) => arrayEncoder(type, encoderOf),
    decoder: (type) => arrayDecoder(type, decoderOf),
  },
  tuple: {
    encoder: (type) => recordEncoder(type, encoderOf),
    decoder: (type) => recordDecoder(type, decoderOf),
  },
  geometry: GEO,
  geography: GEO,
  box2d: BOX2D,
  void: TEXT,
  unknown: TEXT,
  any: TEXT,
};

function encoderOf(type: SqlType): BinaryEncoder {
  return ROWS[type.family].encoder(type);
}

function decoderOf(type: SqlType): BinaryDecoder {
  const decode = ROWS[type.family].decoder(type);
  return (input) => {
    const value = decode(input);
    if (input.remaining > 0) input.fail('bytes after the value');
    return value;
  };
}

/** @throws SqlError 0A000 a type that has no binary format here */
export function compileBinaryEncoder(type: SqlType): BinaryEncoder {
  return encoderOf(type);
}

/** @throws SqlError 22P03 (from the decoder) bytes that are no value of the type; 22003, 22008 out of range */
export function compileBinaryDecoder(type: SqlType): (bytes: Uint8Array) => Repr {
  if (type.family === 'any') throw notSupported('the binary format of a parameter without a type');
  const decode = decoderOf(type);
  return (bytes) => {
    try {
      return decode(new ByteReader(bytes, 'binary value'));
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      throw new SqlError('invalidBinaryRepresentation', error.reason);
    }
  };
}
