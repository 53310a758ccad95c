import { ByteReader } from '../../../base/byte-reader';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import { readBlockHandle } from './block-handle';
import type { TableFile } from './table-file';

/**
 * Pebble 3 and later put a byte before each value and may move older versions' values into blocks
 * of their own.
 *
 *   prefix byte   bits 6-7: 0 the value follows, 2 a handle does, 1 it lies in another file
 *   handle        length, block number, offset in the block: varints
 *   value index   records of block number, offset, length, LE; widths from the metaindex
 *
 * Source: pebble sstable/value_block.go. CockroachDB's backups are Pebble 2 at most; tables of
 * other makers are small enough to hold all value blocks.
 */
export class ValueBlocks {
  private readonly file: string;
  private readonly blocks: readonly Uint8Array[];

  constructor(file: string, blocks: readonly Uint8Array[]) {
    this.file = file;
    this.blocks = blocks;
  }

  /** The value behind a stored value (a prefix byte and what follows it). A view. */
  resolve(stored: Uint8Array): Uint8Array {
    const reader = new ByteReader(stored, this.file);
    const place = reader.u8() >> 6;
    if (place === 0) return stored.subarray(1);
    if (place !== 2) return reader.fail('value in another file');
    const length = reader.uvarint();
    const block = this.blocks[reader.uvarint()];
    const offset = reader.uvarint();
    if (block === undefined || offset + length > block.length)
      return reader.fail('value handle points outside the value blocks');
    return block.subarray(offset, offset + length);
  }
}

/** @param entry the metaindex entry `pebble.value_index`: a handle and three widths in bytes */
export async function readValueBlocks(table: TableFile, entry: Uint8Array): Promise<ValueBlocks> {
  const file = table.file.name;
  const reader = new ByteReader(entry, file);
  const handle = readBlockHandle(reader);
  const widths = [reader.u8(), reader.u8(), reader.u8()] as const;
  const records = new ByteReader(await table.readBlock(handle, 'value index'), file, handle.offset);
  const recordBytes = widths[0] + widths[1] + widths[2];
  if (recordBytes === 0 || records.remaining % recordBytes !== 0)
    records.fail('ragged value index');
  const blocks: Uint8Array[] = [];
  let total = 0;
  while (records.remaining > 0) {
    if (readLittleEndian(records, widths[0]) !== blocks.length)
      records.fail('value blocks are out of order');
    const offset = readLittleEndian(records, widths[1]);
    const length = readLittleEndian(records, widths[2]);
    const block = await table.readBlock({ offset, length }, 'value');
    total += block.length;
    if (total > limits.blockBytesMax)
      throw new CorruptionError(file, offset, `value blocks exceed ${limits.blockBytesMax} bytes`);
    blocks.push(block);
  }
  return new ValueBlocks(file, blocks);
}

function readLittleEndian(reader: ByteReader, width: number): number {
  let value = 0;
  for (let i = 0, scale = 1; i < width; i++, scale *= 256) value += reader.u8() * scale;
  if (!Number.isSafeInteger(value)) reader.fail('number too large');
  return value;
}
