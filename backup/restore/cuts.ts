import { ByteReader } from '../../base/byte-reader';
import { limits } from '../../base/limits';
import { compareKeys } from '../format/compare-keys';
import { stripFamilySuffix } from '../format/datum/table-key';
import { clusterKeyLength } from '../format/mvcc/engine-key';
import type { TableSpan } from '../format/mvcc/table-cursor';
import { INTERNAL_TRAILER_BYTES } from '../format/sstable/internal-key';
import { RowBlockIterator } from '../format/sstable/row-block';
import type { KeySpan } from './coverage';

/**
 * Cuts a table's key span into ranges of about `limits.rangeBytesTarget` uncompressed bytes, never inside a row: the cut is the
 * row prefix of the first key of a data block, so all column families of a row are on the same side.
 */

const order = (a: Uint8Array, b: Uint8Array): number => compareKeys(a, a.length, b, b.length);

/** @param spans the table files that hold keys of `whole`; the largest one decides where the cuts are */
export async function cutSpan(whole: KeySpan, spans: readonly TableSpan[]): Promise<KeySpan[]> {
  const largest = largestOf(spans);
  if (largest === undefined) return [whole];
  const cuts: Uint8Array[] = [];
  const { table } = largest;
  const { first, last } = table.index.blocksOfSpan(largest.start, largest.end);
  const storedTarget = limits.rangeBytesTarget / expansionOf(largest);
  let stored = 0;
  for (let i = first; i < last - 1; i++) {
    stored += table.storedBytes(i, i + 1);
    if (stored < storedTarget) continue;
    const key = await firstRowOfBlock(largest, i + 1);
    const previous = cuts.at(-1) ?? whole.start;
    if (key === undefined || order(key, previous) <= 0 || order(key, whole.end) >= 0) continue;
    cuts.push(key);
    stored = 0;
  }
  const bounds = [whole.start, ...cuts, whole.end];
  return bounds.slice(1).map((end, i) => ({ start: bounds[i] ?? whole.start, end }));
}

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

function largestOf(spans: readonly TableSpan[]): TableSpan | undefined {
  const size = (span: TableSpan): number => {
    const { first, last } = span.table.index.blocksOfSpan(span.start, span.end);
    return span.table.storedBytes(first, last);
  };
  return [...spans].sort((a, b) => size(b) - size(a))[0];
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

async function firstRowOfBlock(span: TableSpan, block: number): Promise<Uint8Array | undefined> {
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
