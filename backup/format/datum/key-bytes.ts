import type { ByteWriter } from '../../../base/byte-writer';
import { type DatumReader, decodeText } from './datum-reader';
import { KeyMarker } from './value-type';

/**
 * Bytes in keys: marker, data with each 00 as 00 ff, at the end 00 01. Descending: all but the marker complemented.
 */

/** The data after the marker up to its terminator, unescaped; a copy when anything had to change. */
function readEscaped(reader: DatumReader, flip: number): Buffer {
  const { bytes, end } = reader;
  const out = Buffer.allocUnsafe(end - reader.position);
  let used = 0;
  let at = reader.position;
  for (;;) {
    if (at >= end) return reader.fail('key bytes are not terminated');
    const byte = (bytes[at] as number) ^ flip;
    if (byte !== 0) {
      out[used++] = byte;
      at += 1;
      continue;
    }
    if (at + 1 >= end) return reader.fail('key bytes are not terminated');
    const next = (bytes[at + 1] as number) ^ flip;
    at += 2;
    if (next === 0x01) break;
    if (next !== 0xff) return reader.fail('bad escape in key bytes');
    out[used++] = 0;
  }
  reader.position = at;
  return out.subarray(0, used);
}

/** Without a leading marker. */
export function readKeyBytesBody(reader: DatumReader, descending: boolean): Buffer {
  return readEscaped(reader, descending ? 0xff : 0);
}

function readMarker(reader: DatumReader, descending: boolean): void {
  const wanted = descending ? KeyMarker.BytesDescending : KeyMarker.Bytes;
  const marker = reader.u8();
  if (marker !== wanted) reader.fail(`key bytes start with ${marker}`);
}

export function readKeyBytes(reader: DatumReader, descending: boolean): Uint8Array {
  readMarker(reader, descending);
  const escaped = readEscaped(reader, descending ? 0xff : 0);
  return Uint8Array.prototype.slice.call(escaped);
}

export function readKeyText(reader: DatumReader, descending: boolean): string {
  readMarker(reader, descending);
  if (!descending) {
    const { bytes, position, end } = reader;
    let at = position;
    let all = 0;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === 0) break;
      all |= byte;
    }
    if (bytes[at + 1] === 0x01 && at + 1 < end) {
      reader.position = at + 2;
      if (all < 0x80) return bytes.toString('latin1', position, at);
      return decodeText(reader, bytes, position, at);
    }
  }
  const data = readEscaped(reader, descending ? 0xff : 0);
  return decodeText(reader, data, 0, data.length);
}

export function writeKeyBytes(writer: ByteWriter, data: Uint8Array, descending: boolean): void {
  writeKeyBytesOf(writer, data, 0, data.length, descending);
}

/** `data[start, end)`. */
export function writeKeyBytesOf(
  writer: ByteWriter,
  data: Uint8Array,
  start: number,
  end: number,
  descending: boolean,
): void {
  const flip = descending ? 0xff : 0;
  writer.u8(descending ? KeyMarker.BytesDescending : KeyMarker.Bytes);
  for (let i = start; i < end; i++) {
    const byte = data[i] as number;
    writer.u8(byte ^ flip);
    if (byte === 0) writer.u8(0xff ^ flip);
  }
  writer.u8(flip).u8(0x01 ^ flip);
}
