import { ByteReader } from '../../base/byte-reader';
import { mapConcurrently } from '../../base/concurrently';
import { limits } from '../../base/limits';
import { compareKeys } from '../format/compare-keys';
import { stripFamilySuffix } from '../format/datum/table-key';
import { clusterKeyLength } from '../format/mvcc/engine-key';
import type { TableSpan } from '../format/mvcc/table-cursor';
import { INTERNAL_TRAILER_BYTES } from '../format/sstable/internal-key';
import { RowBlockIterator } from '../format/sstable/row-block';
import type { KeySpan } from './coverage';

/**
 * Cuts a table's key span into ranges of about a given number of uncompressed bytes, never inside a row: the cut is the
 * row prefix of the first key of a data block, so all column families of a row are on the same side.
 */

const order = (a: Uint8Array, b: Uint8Array): number => compareKeys(a, a.length, b, b.length);

/** A small backup is cut finer, so that all threads have something to do up to its end. */
const RANGES_WANTED = 64;
const RANGE_BYTES_MIN = 1 << 20;

/** @param dataBytes of the whole backup, uncompressed @returns about how many of them a range should have */
export function rangeBytes(dataBytes: number): number {
  const fine = Math.max(dataBytes / RANGES_WANTED, RANGE_BYTES_MIN);
  return Math.min(fine, limits.rangeBytesTarget);
}

/** In one piece, a table's first rows are copied record by record: see decision 0038. */
export const FIRST_RANGE_BYTES = 32 << 20;

/**
 * @param spans the table files that hold keys of `whole`; the largest ones that do not overlap decide where the cuts are
 * @param bytes about how many uncompressed bytes a range should have
 * @param firstBytes and the first one
 */
export async function cutSpan(
  whole: KeySpan,
  spans: readonly TableSpan[],
  bytes: number,
  firstBytes = bytes,
): Promise<KeySpan[]> {
  const places: CutPlace[] = [];
  let sizeBytes = 0;
  for (const span of largestOf(spans)) {
    const { table } = span;
    const { first, last } = table.index.blocksOfSpan(span.start, span.end);
    const expansion = expansionOf(span);
    for (let block = first; block < last; block++) {
      if (sizeBytes >= (places.length === 0 ? firstBytes : bytes)) {
        places.push({ span, block });
        sizeBytes = 0;
      }
      sizeBytes += table.storedBytes(block, block + 1) * expansion;
    }
  }
  const cuts: Uint8Array[] = [];
  for (const key of await mapConcurrently(places, CUTS_AT_ONCE, firstRowOfBlock)) {
    const previous = cuts.at(-1) ?? whole.start;
    // A row as large as a range is in one with what is before it.
    if (key !== undefined && order(key, previous) > 0 && order(key, whole.end) < 0) cuts.push(key);
  }
  const bounds = [whole.start, ...cuts, whole.end];
  return bounds.slice(1).map((end, i) => ({ start: bounds[i] ?? whole.start, end }));
}

interface CutPlace {
  readonly span: TableSpan;
  readonly block: number;
}

/** Blocks that are read side by side. */
const CUTS_AT_ONCE = 4;

/** Bytes that the blocks of a span take in the table files. */
export function storedBytesOfSpan(span: KeySpan, spans: readonly TableSpan[]): number {
  let sum = 0;
  for (const { table, start, end } of spans) {
    const from = order(start, span.start) < 0 ? span.start : start;
    const to = order(end, span.end) < 0 ? end : span.end;
    if (order(from, to) >= 0) continue;
    const { first, last } = table.index.blocksOfSpan(from, to);
    sum += table.storedBytes(first, last);
  }
  return sum;
}

/** @returns the largest ones that do not overlap, in the order of their keys */
function largestOf(spans: readonly TableSpan[]): TableSpan[] {
  const size = (span: TableSpan): number => {
    const { first, last } = span.table.index.blocksOfSpan(span.start, span.end);
    return span.table.storedBytes(first, last);
  };
  const taken: TableSpan[] = [];
  for (const span of [...spans].sort((a, b) => size(b) - size(a))) {
    const overlaps = ({ start, end }: TableSpan): boolean =>
      order(span.start, end) < 0 && order(start, span.end) < 0;
    if (!taken.some(overlaps)) taken.push(span);
  }
  return taken.sort((a, b) => order(a.start, b.start));
}

/** How many bytes of keys and values a stored byte stands for; a guess when the file does not say. */
function expansionOf({ table }: TableSpan): number {
  const number = (name: string): number => {
    const bytes = table.properties.all.get(name);
    return bytes === undefined ? 0 : new ByteReader(bytes, table.file.name).uvarint();
  };
  const stored = table.storedBytes(0, table.index.handles.length);
  const raw = number('rocksdb.raw.key.size') + number('rocksdb.raw.value.size');
  return stored > 0 && raw > 0 ? Math.max(1, raw / stored) : EXPANSION_GUESS;
}

const EXPANSION_GUESS = 3;

async function firstRowOfBlock({ span, block }: CutPlace): Promise<Uint8Array | undefined> {
  for await (const { bytes, offset } of span.table.blocks(block, block + 1)) {
    const entries = new RowBlockIterator(span.table.file.name);
    entries.reset(bytes, offset);
    if (!entries.next()) return undefined;
    const length = clusterKeyLength(entries.keyBuffer, entries.keyLength - INTERNAL_TRAILER_BYTES);
    if (length < 0) return undefined;
    const key = Uint8Array.prototype.slice.call(entries.keyBuffer, 0, length);
    return stripFamilySuffix(key);
  }
  return undefined;
}
