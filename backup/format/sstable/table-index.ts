import { ByteReader } from '../../../base/byte-reader';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import { compareKeys } from '../compare-keys';
import { clusterKeyLength } from '../mvcc/engine-key';
import { BLOCK_TRAILER_BYTES } from './block';
import { type BlockHandle, readBlockHandle } from './block-handle';
import { INTERNAL_TRAILER_BYTES } from './internal-key';
import { RowBlockIterator } from './row-block';
import type { TableFile } from './table-file';

/**
 * The data blocks of a table in key order. `separators[i]` is a cluster key (no version): no key
 * of block i lies above it, no key of a later block below it. It need not be a key of the table,
 * nor end where a row ends.
 */
export class TableIndex {
  readonly separators: readonly Uint8Array[];
  readonly handles: readonly BlockHandle[];

  constructor(separators: readonly Uint8Array[], handles: readonly BlockHandle[]) {
    this.separators = separators;
    this.handles = handles;
  }

  /** The first block that may hold `key` or a key above it; the number of blocks when none does. */
  blockAtOrAfter(key: Uint8Array): number {
    let low = 0;
    let high = this.separators.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const separator = this.separators[middle] as Uint8Array;
      if (compareKeys(separator, separator.length, key, key.length) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Blocks [first, last) that may hold keys in [start, end). */
  blocksOfSpan(start: Uint8Array, end: Uint8Array): { first: number; last: number } {
    const first = this.blockAtOrAfter(start);
    const last = Math.min(this.blockAtOrAfter(end) + 1, this.separators.length);
    return { first, last: Math.max(first, last) };
  }
}

/** @throws CorruptionError when entries are out of order or point outside the file */
export async function readTableIndex(table: TableFile, twoLevel: boolean): Promise<TableIndex> {
  const top = await table.readBlock(table.footer.index, 'index');
  const index = new IndexBuilder(table);
  if (!twoLevel) {
    index.add(top, table.footer.index.offset);
    return index.finish();
  }
  const partitions = new IndexBuilder(table);
  partitions.add(top, table.footer.index.offset);
  for (const handle of partitions.finish().handles)
    index.add(await table.readBlock(handle, 'index'), handle.offset);
  return index.finish();
}

class IndexBuilder {
  private readonly table: TableFile;
  private readonly separators: Uint8Array[] = [];
  private readonly handles: BlockHandle[] = [];
  /** Of the block before, in the file. */
  private end = 0;

  constructor(table: TableFile) {
    this.table = table;
  }

  add(block: Uint8Array, offset: number): void {
    const file = this.table.file.name;
    const it = new RowBlockIterator(file);
    for (it.reset(block, offset); it.next(); ) {
      const separator = clusterKey(it);
      const previous = this.separators.at(-1);
      if (previous && compareKeys(previous, previous.length, separator, separator.length) > 0)
        it.fail('index entries are out of order');
      // Block properties (Pebble 1 and later) may follow the handle.
      const handle = readBlockHandle(new ByteReader(it.value, file, offset));
      this.table.checkHandle(handle, 'data');
      // Nothing is read twice: what a table can cost is bounded by its size.
      if (handle.offset < this.end) it.fail('blocks overlap or are out of order');
      this.end = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
      this.separators.push(separator);
      this.handles.push(handle);
      if (this.handles.length > limits.tableBlocksMax)
        throw new CorruptionError(file, offset, `more than ${limits.tableBlocksMax} blocks`);
    }
  }

  finish(): TableIndex {
    return new TableIndex(this.separators, this.handles);
  }
}

function clusterKey(it: RowBlockIterator): Uint8Array {
  const engineLength = it.keyLength - INTERNAL_TRAILER_BYTES;
  if (engineLength < 0) it.fail('index key too short');
  // A table without entries has one empty block and this key.
  if (engineLength === 0) return new Uint8Array(0);
  const length = clusterKeyLength(it.keyBuffer, engineLength);
  if (length < 0) it.fail('malformed index key');
  return it.keyBuffer.slice(0, length);
}
