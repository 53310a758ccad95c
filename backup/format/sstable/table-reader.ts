import { ByteReader } from '../../../base/byte-reader';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import type { ExternalFile } from '../../../storage/external/external-storage';
import { BLOCK_TRAILER_BYTES } from './block';
import { type BlockHandle, readBlockHandle } from './block-handle';
import type { Footer } from './footer';
import { decodeProperties, NO_PROPERTIES, type TableProperties } from './properties';
import { RowBlockIterator } from './row-block';
import { TableFile } from './table-file';
import { readTableIndex, type TableIndex } from './table-index';
import { readValueBlocks, ValueBlocks } from './value-blocks';

/**
 * Reads SSTables: LevelDB, RocksDB 2, Pebble 1 to 4.
 *
 *   data blocks        key-value entries in key order          row-block.ts
 *   index              one entry a data block                  table-index.ts
 *   properties         names to values                         properties.ts
 *   metaindex          names to handles of the above
 *   footer             handles of metaindex and index          footer.ts
 *
 * Each block is followed by its compression and checksum (block.ts).
 */
export class TableReader {
  readonly file: ExternalFile;
  readonly footer: Footer;
  readonly properties: TableProperties;
  readonly index: TableIndex;
  /**
   * Present when values have a prefix byte (Pebble 3 and later): pass every value through
   * `resolve`.
   */
  readonly valueBlocks: ValueBlocks | undefined;
  /**
   * Whether data blocks alone do not tell what is deleted; who reads rows must refuse such a
   * table.
   */
  readonly rangeEntries: RangeEntries;
  private readonly table: TableFile;
  private ahead: Piece | undefined;

  private constructor(
    table: TableFile,
    properties: TableProperties,
    index: TableIndex,
    valueBlocks: ValueBlocks | undefined,
    rangeEntries: RangeEntries,
  ) {
    this.table = table;
    this.file = table.file;
    this.footer = table.footer;
    this.properties = properties;
    this.index = index;
    this.valueBlocks = valueBlocks;
    this.rangeEntries = rangeEntries;
  }

  /**
   * Reads footer, metaindex, properties and index; the file stays open and the caller's.
   * @throws CorruptionError; SqlError featureNotSupported for tables of later formats
   */
  static async open(file: ExternalFile): Promise<TableReader> {
    const table = await TableFile.open(file);
    const metaindex = await readMetaindex(table);
    const propertiesHandle = metaindex.get('rocksdb.properties');
    const properties =
      propertiesHandle === undefined
        ? NO_PROPERTIES
        : await readProperties(table, handleOf(propertiesHandle, file.name));
    const rangeEntries = await findRangeEntries(table, metaindex);
    const index = await readTableIndex(table, properties.twoLevelIndex);
    const blockCount = properties.dataBlockCount;
    if (blockCount !== undefined && blockCount !== 0 && blockCount !== index.handles.length) {
      const words = `index has ${index.handles.length} data blocks, properties say ${blockCount}`;
      throw new CorruptionError(file.name, table.footer.index.offset, words);
    }
    const valueIndex = metaindex.get('pebble.value_index');
    const valueBlocks =
      table.footer.family === 'pebble' && table.footer.version >= 3
        ? await openValueBlocks(table, valueIndex)
        : undefined;
    table.dropTail();
    return new TableReader(table, properties, index, valueBlocks, rangeEntries);
  }

  /** Bytes that blocks [first, last) take in the file. */
  storedBytes(first: number, last: number): number {
    let sum = 0;
    for (const handle of this.index.handles.slice(first, last))
      sum += handle.length + BLOCK_TRAILER_BYTES;
    return sum;
  }

  /**
   * Blocks [first, last), checked and decompressed. Adjacent ones are read together, and the next
   * read is under way while a piece is used. Stop early with `return()` (or `break`).
   */
  async *blocks(
    first: number,
    last: number,
    readBytesTarget: number = limits.readBytesTarget,
  ): AsyncGenerator<DataBlock, void, undefined> {
    let piece = this.takeAhead(first, last) ?? this.startPiece(first, last, readBytesTarget);
    while (piece !== undefined) {
      const bytes = await piece.bytes;
      const current = piece;
      piece = this.startPiece(current.last, last, readBytesTarget);
      for (let i = current.first; i < current.last; i++) {
        const handle = this.index.handles[i] as BlockHandle;
        const start = handle.offset - current.start;
        const stored = bytes.subarray(start, start + handle.length + BLOCK_TRAILER_BYTES);
        const block = await this.table.openBlock(stored, handle.offset);
        yield { index: i, offset: handle.offset, bytes: block };
      }
    }
  }

  /** Begins to read what `blocks` of the same arguments is going to be asked for next. */
  readAhead(first: number, last: number, readBytesTarget: number = limits.readBytesTarget): void {
    this.ahead = this.startPiece(first, last, readBytesTarget);
  }

  private takeAhead(first: number, last: number): Piece | undefined {
    const { ahead } = this;
    this.ahead = undefined;
    return ahead?.first === first && ahead.last <= last ? ahead : undefined;
  }

  private startPiece(first: number, end: number, readBytesTarget: number): Piece | undefined {
    if (first >= end) return undefined;
    const start = (this.index.handles[first] as BlockHandle).offset;
    let last = first;
    let next = start;
    while (last < end) {
      const handle = this.index.handles[last] as BlockHandle;
      const blockEnd = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
      if (handle.offset !== next) break;
      if (last > first && blockEnd - start > readBytesTarget) break;
      next = blockEnd;
      last++;
    }
    const bytes = this.table.read(start, next);
    // An error is reported when the piece is awaited, which may be later than it happens.
    bytes.catch(() => undefined);
    return { first, last, start, bytes };
  }
}

export type RangeEntries = 'none' | 'range keys' | 'range deletions';

export interface DataBlock {
  /** Position in the table's index. */
  readonly index: number;
  /** Of the stored block in the file, for errors. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Blocks [first, last) and the read that fetches them. */
interface Piece {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly bytes: Promise<Uint8Array>;
}

function handleOf(value: Uint8Array, file: string): BlockHandle {
  return readBlockHandle(new ByteReader(value, file));
}

async function readMetaindex(table: TableFile): Promise<Map<string, Uint8Array>> {
  const handle = table.footer.metaindex;
  const it = new RowBlockIterator(table.file.name);
  const entries = new Map<string, Uint8Array>();
  it.reset(await table.readBlock(handle, 'metaindex'), handle.offset);
  while (it.next()) entries.set(Buffer.from(it.key).toString('latin1'), it.value);
  return entries;
}

async function readProperties(table: TableFile, handle: BlockHandle): Promise<TableProperties> {
  const block = await table.readBlock(handle, 'properties');
  return decodeProperties(block, handle.offset, table.file.name);
}

/** The kind of entry that covers whole spans, if the table has any. */
async function findRangeEntries(
  table: TableFile,
  metaindex: ReadonlyMap<string, Uint8Array>,
): Promise<RangeEntries> {
  const file = table.file.name;
  for (const name of ['rocksdb.range_del2', 'rocksdb.range_del', 'pebble.range_key']) {
    const entry = metaindex.get(name);
    if (entry === undefined) continue;
    const handle = handleOf(entry, file);
    const it = new RowBlockIterator(file);
    it.reset(await table.readBlock(handle, name), handle.offset);
    if (it.next()) return name === 'pebble.range_key' ? 'range keys' : 'range deletions';
  }
  return 'none';
}

async function openValueBlocks(
  table: TableFile,
  valueIndex: Uint8Array | undefined,
): Promise<ValueBlocks> {
  return valueIndex === undefined
    ? new ValueBlocks(table.file.name, [])
    : await readValueBlocks(table, valueIndex);
}
