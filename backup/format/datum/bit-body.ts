import type { ByteWriter } from '../../../base/byte-writer';
import type { DatumReader } from './datum-reader';
import { writeKeyUnsigned, writeKeyUnsignedDescending } from './key-varint';
import { KeyMarker } from './value-type';

/** Bit strings in 64-bit words, the first bit being the most significant; the last word is padded with zeros. */

const WORD_BITS = 64;

function wordText(word: bigint): string {
  return word.toString(2).padStart(WORD_BITS, '0');
}

/** nsu bit count, then the words. */
export function readBits(reader: DatumReader): string {
  const count = reader.nsu();
  const wordCount = Math.ceil(count / WORD_BITS);
  if (wordCount * 8 > reader.remaining) reader.fail('bit string ends early');
  let text = '';
  for (let i = 0; i < wordCount; i++) text += wordText(reader.u64());
  if (text.includes('1', count)) reader.fail('bit string has bits after its end');
  return text.slice(0, count);
}

function wordsOf(bits: string): bigint[] {
  const words: bigint[] = [];
  for (let at = 0; at < bits.length; at += WORD_BITS)
    words.push(BigInt(`0b${bits.slice(at, at + WORD_BITS).padEnd(WORD_BITS, '0')}`));
  return words;
}

export function writeNsu(writer: ByteWriter, value: number): void {
  if (value < 128) {
    writer.u8(value);
    return;
  }
  const groups: number[] = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    groups.push((rest % 128) | 0x80);
  for (let i = groups.length - 1; i >= 0; i--) writer.u8(groups[i] as number);
}

export function writeBits(writer: ByteWriter, bits: string): void {
  writeNsu(writer, bits.length);
  for (const word of wordsOf(bits)) writer.u64be(word);
}

/** Marker, words as varints, a terminator, bits used in the last word. */
export function readBitsKey(reader: DatumReader, descending: boolean): string {
  if (reader.u8() !== (descending ? KeyMarker.BitArrayDescending : KeyMarker.BitArray))
    return reader.fail('not a bit string key');
  const terminator = descending ? 0xff : 0x00;
  const parts: string[] = [];
  while (reader.bytes[reader.position] !== terminator) {
    const word = descending ? reader.keyUnsignedDescending() : reader.keyUnsigned();
    parts.push(wordText(BigInt(word)));
  }
  reader.u8();
  const used = Number(descending ? reader.keyUnsignedDescending() : reader.keyUnsigned());
  const last = parts.length - 1;
  if (used > WORD_BITS || (used === 0) !== last < 0) reader.fail('bad bit count of a last word');
  if (last >= 0) parts[last] = (parts[last] as string).slice(0, used);
  return parts.join('');
}

export function writeBitsKey(writer: ByteWriter, bits: string, descending: boolean): void {
  writer.u8(descending ? KeyMarker.BitArrayDescending : KeyMarker.BitArray);
  const write = descending ? writeKeyUnsignedDescending : writeKeyUnsigned;
  const words = wordsOf(bits);
  for (const word of words) write(writer, word);
  writer.u8(descending ? 0xff : 0x00);
  const used = words.length === 0 ? 0 : bits.length - (words.length - 1) * WORD_BITS;
  write(writer, BigInt(used));
}
