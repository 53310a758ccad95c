import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBits, writeBits, writeNsu } from '../../../../backup/format/datum/bit-body';
import { DatumReader } from '../../../../backup/format/datum/datum-reader';
import { readDecimalBody, writeDecimalBody } from '../../../../backup/format/datum/decimal-body';
import { compileKeyDecoder } from '../../../../backup/format/datum/key-decoder';
import { compileKeyEncoder } from '../../../../backup/format/datum/key-encoder';
import {
  writeKeyUnsigned,
  writeKeyUnsignedDescending,
} from '../../../../backup/format/datum/key-varint';
import { compileValueDecoder } from '../../../../backup/format/datum/value-decoder';
import { compileValueEncoder, writeValueTag } from '../../../../backup/format/datum/value-encoder';
import { ByteWriter } from '../../../../base/byte-writer';
import { box2dToRepr } from '../../../../catalog/types/box2d';
import { timestampRepr } from '../../../../catalog/types/datetime';
import {
  decimalReprFromDigits,
  parseDecimal,
  splitDecimal,
} from '../../../../catalog/types/decimal';
import { floatToRepr } from '../../../../catalog/types/float';
import { parseInet } from '../../../../catalog/types/inet';
import { intervalToRepr } from '../../../../catalog/types/interval';
import type { Repr, SqlType } from '../../../../catalog/types/sql-type';
import {
  BOOL,
  BOX2D,
  BYTES,
  DECIMAL,
  FLOAT8,
  INET,
  INT8,
  INTERVAL,
  TIMESTAMP,
  TIMETZ,
  UUID,
  VARBIT,
} from '../../../../catalog/types/table';
import { timetzToRepr } from '../../../../catalog/types/timetz';
import { describeShared, sharedDir } from '../../../support/shared';

/** A value as the vectors spell it, and whether its representation can hold all of it. */
interface Argument {
  readonly repr: Repr;
  /** Nanoseconds below a microsecond are not kept. */
  readonly exact: boolean;
}

const exactly = (repr: Repr): Argument => ({ repr, exact: true });

function decimalArgument(text: string): Argument {
  const parts = splitDecimal(text);
  if (parts === undefined) return exactly(parseDecimal(text));
  return exactly(decimalReprFromDigits(parts.negative, parts.digits, parts.exponent));
}

function intervalArgument(text: string): Argument {
  const [months = 0n, days = 0n, nanos = 0n] = text.split(',').map(BigInt);
  const micros = nanos / 1000n;
  const repr = intervalToRepr({ months: Number(months), days: Number(days), micros });
  return { repr, exact: nanos % 1000n === 0n };
}

function numbers(text: string): [number, number, number, number] {
  return text.split(',').map(Number) as [number, number, number, number];
}

const KINDS: { readonly [kind: string]: readonly [SqlType, (text: string) => Argument] } = {
  int: [INT8, (text) => exactly(BigInt(text))],
  dec: [DECIMAL, decimalArgument],
  float: [FLOAT8, (text) => exactly(floatToRepr(Buffer.from(text, 'hex').readDoubleBE(0)))],
  bytes: [BYTES, (text) => exactly(new Uint8Array(Buffer.from(text, 'hex')))],
  uuid: [UUID, (text) => exactly(new Uint8Array(Buffer.from(text, 'hex')))],
  inet: [INET, (text) => exactly(parseInet(text))],
  bit: [VARBIT, exactly],
  bool: [BOOL, (text) => exactly(text === 'true' ? 1n : 0n)],
  time: [
    TIMESTAMP,
    (text) => {
      const [seconds, nanos] = numbers(text);
      return { repr: timestampRepr(seconds, Math.floor(nanos / 1000)), exact: nanos % 1000 === 0 };
    },
  ],
  ttz: [
    TIMETZ,
    (text) => {
      const [micros, offset] = numbers(text);
      return exactly(timetzToRepr(micros, offset));
    },
  ],
  dur: [INTERVAL, intervalArgument],
  box: [
    BOX2D,
    (text) => {
      const [loX, hiX, loY, hiY] = numbers(text);
      return exactly(box2dToRepr({ loX, hiX, loY, hiY }));
    },
  ],
};

function readerOf(hex: string): DatumReader {
  const reader = new DatumReader('vector');
  reader.reset(Buffer.from(hex, 'hex'));
  return reader;
}

/** Integers may be numbers or bigints. */
function comparable(value: Repr): unknown {
  if (typeof value === 'number' && !Object.is(value, -0)) return BigInt(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}

function hexOf(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter();
  write(writer);
  return Buffer.from(writer.toBytes()).toString('hex');
}

/** What a key keeps of a value: neither trailing zeros nor the sign of zero. */
function keyPart(type: SqlType, repr: Repr, descending: boolean): unknown {
  if (type === DECIMAL) return (repr as string).trimEnd();
  if (type === FLOAT8 && (repr === 0n || Object.is(repr, -0))) return descending ? -0 : 0n;
  // Zeros of a descending key come out negative, in a box as well.
  if (type === BOX2D && descending)
    return (comparable(repr) as string).replace(/8000000000000000/g, '7fffffffffffffff');
  return comparable(repr);
}

function checkKey(kind: string, text: string, hex: string, descending: boolean): void {
  const [type, parse] = KINDS[kind] as (typeof KINDS)[string];
  const { repr, exact } = parse(text);
  const reader = readerOf(hex);
  const decoded = compileKeyDecoder(type, descending)(reader);
  expect(reader.remaining).toBe(0);
  expect(type === DECIMAL ? (decoded as string).trimEnd() : comparable(decoded)).toEqual(
    keyPart(type, repr, descending),
  );
  if (exact) expect(hexOf((w) => compileKeyEncoder(type, descending)(w, repr))).toBe(hex);
}

function checkValue(kind: string, text: string, hex: string): void {
  const [type, parse] = KINDS[kind] as (typeof KINDS)[string];
  const { repr, exact } = parse(text);
  const reader = readerOf(hex);
  const tag = reader.nsu();
  const wireType = tag % 16 === 15 ? reader.nsu() : tag % 16;
  const decoder = compileValueDecoder(type);
  expect([decoder.wireType, decoder.alternateWireType]).toContain(wireType);
  expect(comparable(decoder.decode(reader, wireType))).toEqual(comparable(repr));
  expect(reader.remaining).toBe(0);
  if (!exact) return;
  const encoder = compileValueEncoder(type);
  const written = hexOf((w) => {
    writeValueTag(w, Math.floor(tag / 16), encoder.wireType(repr));
    encoder.write(w, repr);
  });
  expect(written).toBe(hex);
}

const OTHERS: { readonly [kind: string]: (text: string, hex: string) => void } = {
  ka_uint: (text, hex) => {
    expect(BigInt(readerOf(hex).keyUnsigned())).toBe(BigInt(text));
    expect(hexOf((w) => writeKeyUnsigned(w, BigInt(text)))).toBe(hex);
  },
  kd_uint: (text, hex) => {
    expect(BigInt(readerOf(hex).keyUnsignedDescending())).toBe(BigInt(text));
    expect(hexOf((w) => writeKeyUnsignedDescending(w, BigInt(text)))).toBe(hex);
  },
  nsu: (text, hex) => {
    const value = BigInt(text);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      expect(() => readerOf(hex).nsu()).toThrow('length too');
      return;
    }
    expect(readerOf(hex).nsu()).toBe(Number(value));
    expect(hexOf((w) => writeNsu(w, Number(value)))).toBe(hex);
  },
  ns_dec: (text, hex) => {
    const { repr } = decimalArgument(text);
    const reader = readerOf(hex);
    expect(readDecimalBody(reader, reader.end)).toBe(repr);
    expect(hexOf((w) => writeDecimalBody(w, repr as string))).toBe(hex);
  },
  u_bit: (text, hex) => {
    expect(readBits(readerOf(hex))).toBe(text);
    expect(hexOf((w) => writeBits(w, text))).toBe(hex);
  },
  tag: (text, hex) => {
    const [delta, wireType] = numbers(text);
    expect(hexOf((w) => writeValueTag(w, delta, wireType))).toBe(hex);
  },
};

/** @returns false for the parts of keys that only inverted indexes have, and payloads that are no values */
function checkLine(kind: string, text: string, hex: string): boolean {
  const other = OTHERS[kind];
  if (other !== undefined) {
    other(text, hex);
    return true;
  }
  const [form = '', name = ''] = kind.split('_');
  if (KINDS[name] === undefined || !['ka', 'kd', 'v'].includes(form)) return false;
  if (form === 'v') checkValue(name, text, hex);
  else checkKey(name, text, hex, form === 'kd');
  return true;
}

/** kind, value, bytes: each marker and each branch once. */
const VECTORS = `
ka_int|0|88 ka_int|109|f5 ka_int|110|f66e ka_int|65536|f8010000 ka_int|-1|87ff ka_int|-255|8701
ka_int|-256|86ff00 ka_int|-257|86feff ka_int|9223372036854775807|fd7fffffffffffffff
ka_int|-9223372036854775808|808000000000000000 kd_int|0|87ff kd_int|110|8791 kd_int|-1|88
kd_int|-9223372036854775808|fd7fffffffffffffff kd_int|9223372036854775807|808000000000000000
kd_uint|0|88 kd_uint|256|86feff kd_uint|18446744073709551615|800000000000000000
ka_float|3ff0000000000000|053ff0000000000000 ka_float|bff0000000000000|03400fffffffffffff
ka_float|0000000000000000|04 ka_float|7ff8000000000001|02 kd_float|7ff8000000000001|06
kd_float|3ff0000000000000|03400fffffffffffff kd_float|0000000000000000|04
ka_dec|0|27 ka_dec|1|2a0200 ka_dec|10|2a1400 ka_dec|99.01|2ac70200 ka_dec|1234|2b194400
ka_dec|0.123|29193c00 ka_dec|0.00123|2887fe193c00 ka_dec|-1|24fd00 ka_dec|-1.1|24fceb00
ka_dec|-0.012|25fcd700 ka_dec|1E+30|34980200 ka_dec|-7E+30|1a87eff100 ka_dec|NaN|18
ka_dec|Infinity|35 ka_dec|-Infinity|19 kd_dec|1|24fd00 kd_dec|-1|2a0200 kd_dec|NaN|36
kd_dec|1E+30|1a87effd00 ka_bytes||120001 kd_bytes||13fffe ka_bytes|00|1200ff0001
kd_bytes|00|13ff00fffe ka_bytes|ff|12ff0001 kd_bytes|ff|1300fffe ka_bytes|610062|126100ff620001
ka_time|1600000000,123456000|14f95f5e1000f9075bca00 ka_time|-1,999999000|1487fff93b9ac618
kd_time|1600000000,123456000|1484a0a1efff84f8a435ff
ka_ttz|45296123456,-3600|3cfa09b5485a4086f1f0 ka_dur|1,2,3|16fc09d29229e00003898a
kd_dur|1,2,3|1681f62d6dd61ffffc87fe87fd ka_bit|101|3afda000000000000000008b
kd_bit|101|3b805fffffffffffffffff87fc ka_bit||3a0088 ka_inet|192.168.1.2|1200ff20c0a801020001
ka_uuid|63616665000102030405060708090aff|126361666500ff0102030405060708090aff0001
ka_box|-1,2.5,0,3|4103400fffffffffffff05400400000000000004054008000000000000
v_int|1|2302 v_int|-1|1301 v_int|9223372036854775807|13feffffffffffffffff01
v_bool|true|5a v_bool|false|5b v_dec|1.3|150334890d v_dec|-123.456|15051a8b01e240
v_dec|0|150127 v_dec|0.00|15022889 v_dec|1E+5|1503348e01
v_time|1600000000,123456000|2880c0f0f50b80a8de75 v_float|3ff8000000000000|343ff8000000000000
v_uuid|63616665000102030405060708090aff|2c63616665000102030405060708090aff
v_dur|1,2,3|29020406 v_ttz|45296123456,-3600|2f1380f9dfbdd1029f38
v_bit|101|1f1103a000000000000000 v_inet|192.168.1.2|2e0020c0a80102
v_box|-1,2.5,0,3|2f1803400fffffffffffff05400400000000000004054008000000000000
tag|0,1|01 tag|8,6|8106 tag|1,16|1f10 tag|1000,3|fd03 nsu|16384|818000`
  .trim()
  .split(/\s+/)
  .map((line) => line.split('|') as [string, string, string]);

test.each(VECTORS)('%s of %s is %s', (kind, text, hex) => {
  expect(checkLine(kind, text, hex)).toBe(true);
});

describeShared('encodings.txt', () => {
  test('every line decodes and encodes', () => {
    const lines = readFileSync(join(sharedDir, 'format/expected/encodings.txt'), 'utf8')
      .trim()
      .split('\n');
    const skipped = new Set<string>();
    let checked = 0;
    for (const line of lines) {
      const [kind = '', text = '', hex = ''] = line.split('|');
      try {
        if (checkLine(kind, text, hex)) checked++;
        else skipped.add(kind);
      } catch (error) {
        throw new Error(`${line}: ${(error as Error).message}`);
      }
    }
    expect(checked).toBeGreaterThan(2000);
    expect([...skipped].sort()).toEqual(NOT_VALUES);
  });
});

/** Parts of inverted keys, markers alone, and payloads that only show their tag. */
const NOT_VALUES = [
  'arr_markers',
  'arr_null',
  'arr_term',
  'emptyarr',
  'geoinv',
  'geoinvbbox',
  'geoinvpoint',
  'interleave',
  'jsonarr',
  'jsonempty',
  'jsonkey',
  'jsonkeyend',
  'jsonterm',
  'jsontf',
  'ka_geo',
  'kd_geo',
  'nulls',
  'v_array',
  'v_geo',
  'v_json',
  'v_notnull',
  'v_null',
];
