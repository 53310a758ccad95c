import type { ByteWriter } from '../../../base/byte-writer';
import { invariant } from '../../../base/invariant';
import { limits } from '../../../base/limits';
import {
  DECIMAL_INFINITY_REPR,
  DECIMAL_NAN_REPR,
  DECIMAL_NEGATIVE_INFINITY_REPR,
  DECIMAL_ZERO_REPR,
  type DecimalDigits,
  decimalDigits,
  decimalReprFromDigits,
} from '../../../catalog/types/decimal';
import type { DatumReader } from './datum-reader';
import { writeKeyUnsigned, writeKeyUnsignedDescending } from './key-varint';
import { KeyMarker as Marker } from './value-type';

/**
 * The two encodings of decimals (format reference 04 §2.2 and §7.1).
 *
 *     in values:  marker (sign, sign of e) | e as unsigned varint if not 0 | coefficient, big endian, to the end
 *                 e = digits of the coefficient + exponent
 *     in keys:    marker (sign, size of E) | E unless it is in the marker | pairs of digits, 2p+1, the last 2p | 00
 *                 value = 0.ddd × 100^E
 */

/** e and E of exponents this size only occur in damaged bytes. */
function checkExponent(reader: DatumReader, exponent: number): void {
  if (Math.abs(exponent) > limits.decimalStoredExponentMax)
    reader.fail('decimal exponent too large');
}

function coefficientDigits(reader: DatumReader, end: number): string {
  const { bytes, position } = reader;
  const count = end - position;
  reader.position = end;
  if (count === 0) return '0';
  if (count <= 6) return String(bytes.readUIntBE(position, count));
  if (count > limits.decimalCoefficientBytesMax) reader.fail('decimal coefficient too long');
  return BigInt(`0x${bytes.toString('hex', position, end)}`).toString();
}

/** Reads a decimal that takes all bytes up to `end`. */
export function readDecimalParts(reader: DatumReader, end: number): DecimalDigits | string {
  const marker = reader.position < end ? reader.u8() : reader.fail('decimal ends early');
  let scale = 0;
  switch (marker) {
    case Marker.DecimalNaN:
      return DECIMAL_NAN_REPR;
    case Marker.DecimalNegativeInfinity:
      return DECIMAL_NEGATIVE_INFINITY_REPR;
    case Marker.DecimalInfinity:
      return DECIMAL_INFINITY_REPR;
    case Marker.DecimalZero:
      return DECIMAL_ZERO_REPR;
    case Marker.DecimalNegativeLarge:
    case Marker.DecimalPositiveLarge:
      scale = reader.keyUnsignedNumber();
      break;
    case Marker.DecimalNegativeSmall:
    case Marker.DecimalPositiveSmall:
      scale = -reader.keyUnsignedNumber();
      break;
    case Marker.DecimalNegativeMedium:
    case Marker.DecimalPositiveMedium:
      break;
    default:
      return reader.fail(`unknown decimal marker ${marker}`);
  }
  if (reader.position > end) reader.fail('decimal exceeds its length');
  checkExponent(reader, scale);
  const digits = coefficientDigits(reader, end);
  return { negative: marker < Marker.DecimalZero, digits, exponent: scale - digits.length };
}

/** To the stored representation. */
export function readDecimalBody(reader: DatumReader, end: number): string {
  const parts = readDecimalParts(reader, end);
  const repr =
    typeof parts === 'string'
      ? parts
      : decimalReprFromDigits(parts.negative, parts.digits, parts.exponent);
  if (reader.position !== end) reader.fail('bytes after a decimal');
  return repr;
}

export function writeDecimalParts(writer: ByteWriter, parts: DecimalDigits): void {
  const { negative, digits, exponent } = parts;
  if (digits === '0' && exponent === 0 && !negative) {
    writer.u8(Marker.DecimalZero);
    return;
  }
  const scale = digits.length + exponent;
  if (scale > 0) writer.u8(negative ? Marker.DecimalNegativeLarge : Marker.DecimalPositiveLarge);
  else if (scale < 0)
    writer.u8(negative ? Marker.DecimalNegativeSmall : Marker.DecimalPositiveSmall);
  else writer.u8(negative ? Marker.DecimalNegativeMedium : Marker.DecimalPositiveMedium);
  if (scale !== 0) writeKeyUnsigned(writer, BigInt(Math.abs(scale)));
  if (digits === '0') return;
  const hex = BigInt(digits).toString(16);
  writer.raw(Buffer.from(hex.length % 2 === 1 ? `0${hex}` : hex, 'hex'));
}

export function writeDecimalBody(writer: ByteWriter, repr: string): void {
  const parts = decimalDigits(repr);
  if (parts !== undefined) writeDecimalParts(writer, parts);
  else if (repr === DECIMAL_NAN_REPR) writer.u8(Marker.DecimalNaN);
  else
    writer.u8(
      repr === DECIMAL_INFINITY_REPR ? Marker.DecimalInfinity : Marker.DecimalNegativeInfinity,
    );
}

/** Digit pairs to the terminator; `flip` = 0xff for negative values. */
function readPairs(reader: DatumReader, flip: number): string {
  let digits = '';
  for (;;) {
    const byte = reader.u8();
    if (byte === 0) return reader.fail('decimal without a last digit pair');
    const pair = byte ^ flip;
    if (pair > 199) return reader.fail(`decimal digit pair ${byte}`);
    const value = pair >>> 1;
    digits += value < 10 ? `0${value}` : String(value);
    if (digits.length > limits.decimalStoredExponentMax) return reader.fail('decimal key too long');
    if ((pair & 1) === 0) break;
  }
  if (reader.u8() !== 0) return reader.fail('decimal key is not terminated');
  return digits;
}

export function readDecimalKey(reader: DatumReader, descending: boolean): string {
  const marker = reader.u8();
  let half: number;
  if (marker === Marker.DecimalZero) return DECIMAL_ZERO_REPR;
  if (marker === Marker.DecimalNaN || marker === Marker.DecimalNaNDescending)
    return DECIMAL_NAN_REPR;
  if (marker === Marker.DecimalInfinity || marker === Marker.DecimalNegativeInfinity)
    return (marker === Marker.DecimalInfinity) !== descending
      ? DECIMAL_INFINITY_REPR
      : DECIMAL_NEGATIVE_INFINITY_REPR;
  const negative = marker < Marker.DecimalZero;
  switch (marker) {
    case Marker.DecimalPositiveLarge:
      half = reader.keyUnsignedNumber();
      break;
    case Marker.DecimalNegativeSmall:
      half = -reader.keyUnsignedNumber();
      break;
    case Marker.DecimalNegativeLarge:
      half = Number(reader.keyUnsignedDescending());
      break;
    case Marker.DecimalPositiveSmall:
      half = -Number(reader.keyUnsignedDescending());
      break;
    default:
      if (marker <= Marker.DecimalNegativeLarge || marker >= Marker.DecimalPositiveLarge)
        return reader.fail(`unknown decimal marker ${marker}`);
      half = negative
        ? Marker.DecimalNegativeMedium - marker
        : marker - Marker.DecimalPositiveMedium;
  }
  checkExponent(reader, half);
  const pairs = readPairs(reader, negative ? 0xff : 0);
  const leading = pairs.startsWith('0') ? 1 : 0;
  const digits = pairs.slice(leading).replace(/0$/, '');
  if (digits === '') return reader.fail('decimal key without digits');
  const scale = 2 * half - leading;
  return decimalReprFromDigits(negative !== descending, digits, scale - digits.length);
}

function writePairs(writer: ByteWriter, digits: string, flip: number): void {
  for (let i = 0; i < digits.length; i += 2) {
    const pair = (digits.charCodeAt(i) - 0x30) * 10 + digits.charCodeAt(i + 1) - 0x30;
    const last = i + 2 >= digits.length;
    writer.u8((pair * 2 + (last ? 0 : 1)) ^ flip);
  }
  writer.u8(0);
}

function writeHalf(writer: ByteWriter, negative: boolean, half: number): void {
  if (half >= 0 && half <= 10) {
    writer.u8(negative ? Marker.DecimalNegativeMedium - half : Marker.DecimalPositiveMedium + half);
    return;
  }
  if (half > 10) {
    writer.u8(negative ? Marker.DecimalNegativeLarge : Marker.DecimalPositiveLarge);
    if (negative) writeKeyUnsignedDescending(writer, BigInt(half));
    else writeKeyUnsigned(writer, BigInt(half));
    return;
  }
  writer.u8(negative ? Marker.DecimalNegativeSmall : Marker.DecimalPositiveSmall);
  if (negative) writeKeyUnsigned(writer, BigInt(-half));
  else writeKeyUnsignedDescending(writer, BigInt(-half));
}

export function writeDecimalKey(writer: ByteWriter, repr: string, descending: boolean): void {
  const parts = decimalDigits(repr);
  if (parts === undefined) {
    if (repr === DECIMAL_NAN_REPR)
      writer.u8(descending ? Marker.DecimalNaNDescending : Marker.DecimalNaN);
    else
      writer.u8(
        (repr === DECIMAL_INFINITY_REPR) !== descending
          ? Marker.DecimalInfinity
          : Marker.DecimalNegativeInfinity,
      );
    return;
  }
  if (parts.digits === '0') {
    writer.u8(Marker.DecimalZero);
    return;
  }
  const scale = parts.digits.length + parts.exponent;
  let digits = parts.digits.replace(/0+$/, '');
  const half = Math.ceil(scale / 2);
  if (2 * half !== scale) digits = `0${digits}`;
  if (digits.length % 2 === 1) digits += '0';
  const negative = parts.negative !== descending;
  invariant(digits.length >= 2, 'a nonzero decimal has digits');
  writeHalf(writer, negative, half);
  writePairs(writer, digits, negative ? 0xff : 0);
}
