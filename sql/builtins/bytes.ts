import { gunzipSync, gzipSync } from 'node:zlib';
import { notSupported, SqlError } from '../../base/errors';
import { utf8Text } from '../../base/utf8';
import { BYTES, INT8, STRING, VARBIT } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { native, udf } from './rows';

/** Bytes and bit strings. */

const RESULT_BYTES_MAX = 64 << 20;

function outOfRange(index: bigint, count: number): SqlError {
  return new SqlError(
    'arraySubscriptError',
    `bit index ${index} out of valid range (0..${count - 1})`,
  );
}

function bitPlace(bytes: Uint8Array, index: bigint): number {
  if (index < 0n || index >= BigInt(bytes.length * 8)) throw outOfRange(index, bytes.length * 8);
  return Number(index);
}

function checkBit(bit: bigint): bigint {
  if (bit === 0n || bit === 1n) return bit;
  throw new SqlError('invalidParameterValue', 'new bit must be 0 or 1.');
}

function getBit(bytes: Uint8Array, index: bigint): bigint {
  const at = bitPlace(bytes, index);
  return BigInt(((bytes[at >> 3] ?? 0) >> (at & 7)) & 1);
}

function setBit(bytes: Uint8Array, index: bigint, bit: bigint): Uint8Array {
  checkBit(bit);
  const at = bitPlace(bytes, index);
  const out = Uint8Array.from(bytes);
  const mask = 1 << (at & 7);
  out[at >> 3] = bit === 1n ? (out[at >> 3] ?? 0) | mask : (out[at >> 3] ?? 0) & ~mask;
  return out;
}

function bytePlace(bytes: Uint8Array, index: bigint): number {
  if (index >= 0n && index < BigInt(bytes.length)) return Number(index);
  throw new SqlError(
    'arraySubscriptError',
    `byte index ${index} out of valid range (0..${bytes.length - 1})`,
  );
}

function setByte(bytes: Uint8Array, index: bigint, byte: bigint): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bytePlace(bytes, index)] = Number(byte & 0xffn);
  return out;
}

function bitOf(bits: string, index: bigint): bigint {
  if (index < 0n || index >= BigInt(bits.length)) throw outOfRange(index, bits.length);
  return bits[Number(index)] === '1' ? 1n : 0n;
}

function withBit(bits: string, index: bigint, bit: bigint): string {
  checkBit(bit);
  bitOf(bits, index);
  const at = Number(index);
  return `${bits.slice(0, at)}${bit}${bits.slice(at + 1)}`;
}

/** `start` is 1-based and may be before the bits; the part before them uses up the length. */
function subBits(bits: string, start: bigint, count?: bigint): string {
  const from = Number(start) - 1;
  if (count === undefined) return bits.slice(Math.max(from, 0));
  if (count < 0n)
    throw new SqlError(
      'invalidParameterValue',
      `negative bit subarray length ${count} not allowed`,
    );
  return bits.slice(Math.max(from, 0), Math.max(from + Number(count), 0));
}

function leftBytes(bytes: Uint8Array, count: bigint): Uint8Array {
  const n = Number(count);
  return bytes.subarray(0, n < 0 ? Math.max(bytes.length + n, 0) : n);
}

function rightBytes(bytes: Uint8Array, count: bigint): Uint8Array {
  const n = Number(count);
  return bytes.subarray(n < 0 ? Math.min(-n, bytes.length) : Math.max(bytes.length - n, 0));
}

const UTF8_NAMES = new Set(['utf8', 'unicode', 'cp65001']);
const LATIN1_NAMES = new Set(['latin1', 'iso88591', 'cp28591']);

function encoding(name: string): 'utf8' | 'latin1' {
  const plain = name.toLowerCase().replace(/[-_]/g, '');
  if (UTF8_NAMES.has(plain)) return 'utf8';
  if (LATIN1_NAMES.has(plain)) return 'latin1';
  throw new SqlError('invalidParameterValue', `invalid source encoding name "${name}"`);
}

function convertFrom(bytes: Uint8Array, name: string): string {
  if (encoding(name) === 'latin1') return Buffer.from(bytes).toString('latin1');
  return utf8Text(bytes);
}

function convertTo(text: string, name: string): Uint8Array {
  if (encoding(name) === 'utf8') return Buffer.from(text, 'utf8');
  const wide = Array.from(text).find((c) => (c.codePointAt(0) ?? 0) > 0xff);
  if (wide !== undefined)
    throw new SqlError(
      'characterNotInRepertoire',
      `character ${wide} has no representation in encoding "LATIN1"`,
    );
  return Buffer.from(text, 'latin1');
}

function checkCodec(codec: string): void {
  const known = codec.toUpperCase();
  if (known === 'GZIP') return;
  if (['LZ4', 'SNAPPY', 'ZSTD'].includes(known)) throw notSupported(`the codec ${known}`);
  throw new SqlError('invalidParameterValue', "only 'gzip' codec is supported for compress()");
}

function compress(bytes: Uint8Array, codec: string): Uint8Array {
  checkCodec(codec);
  return gzipSync(bytes);
}

function decompress(bytes: Uint8Array, codec: string): Uint8Array {
  checkCodec(codec);
  try {
    return gunzipSync(bytes, { maxOutputLength: RESULT_BYTES_MAX });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SqlError('invalidParameterValue', `failed to decompress: ${reason}`);
  }
}

const position = (text: string, wanted: string): bigint => BigInt(text.indexOf(wanted) + 1);

const bytePosition = (bytes: Uint8Array, wanted: Uint8Array): bigint =>
  BigInt(Buffer.from(bytes).indexOf(wanted) + 1);

const subBitRows = ['substr', 'substring'].flatMap((name) => [
  udf(name, ['bit', 'int'], VARBIT, subBits),
  udf(name, ['bit', 'int', 'int'], VARBIT, subBits),
]);

export const byteBuiltins: readonly FunctionRow[] = [
  udf('get_bit', ['bytes', 'int'], INT8, getBit),
  udf('get_bit', ['bit', 'int'], INT8, bitOf),
  udf('set_bit', ['bytes', 'int', 'int'], BYTES, setBit),
  udf('set_bit', ['bit', 'int', 'int'], VARBIT, withBit),
  udf('get_byte', ['bytes', 'int'], INT8, (b: Uint8Array, i: bigint) =>
    BigInt(b[bytePlace(b, i)] ?? 0),
  ),
  udf('set_byte', ['bytes', 'int', 'int'], BYTES, setByte),
  native('bit_length', ['bit'], INT8, ([bits]) => `length(${bits})`),
  udf('octet_length', ['bit'], INT8, (bits: string) => BigInt(Math.ceil(bits.length / 8))),
  native('character_length', ['bytes'], INT8, ([bytes]) => `length(${bytes})`),
  udf('left', ['bytes', 'int'], BYTES, leftBytes),
  udf('right', ['bytes', 'int'], BYTES, rightBytes),
  udf('strpos', ['bit', 'bit'], INT8, position),
  udf('strpos', ['bytes', 'bytes'], INT8, bytePosition),
  ...subBitRows,
  udf('convert_from', ['bytes', 'string'], STRING, convertFrom),
  udf('convert_to', ['string', 'string'], BYTES, convertTo),
  udf('to_hex', ['string'], STRING, (text: string) => Buffer.from(text, 'utf8').toString('hex')),
  udf('compress', ['bytes', 'string'], BYTES, compress),
  udf('decompress', ['bytes', 'string'], BYTES, decompress),
];
