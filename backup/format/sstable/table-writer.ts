import { BytePieces } from '../../../base/byte-pieces';
import { ByteWriter } from '../../../base/byte-writer';
import { maskedCrc32c } from '../../../base/checksum';
import { Compression, compressSnappy } from '../../../base/compression';
import { invariant } from '../../../base/invariant';
import { BLOCK_TRAILER_BYTES } from './block';
import type { BlockHandle } from './block-handle';
import { ChecksumType, FOOTER_BYTES_MAX } from './footer';
import { INTERNAL_TRAILER_BYTES, KeyKind } from './internal-key';
import { RowBlockWriter } from './row-block-writer';

/** What CockroachDB's own backup writers use. */
export const DATA_BLOCK_BYTES = 128 << 10;
const DATA_RESTART_INTERVAL = 16;
/** A block is stored compressed when that saves an eighth of it at least. */
const COMPRESSED_EIGHTHS_MAX = 7;

/** Below this part of its size a block always takes another entry. */
const FLUSH_PERCENT = 90;

const varintBytes = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;

/** A data block that was made elsewhere. Its bytes are copied. */
export interface DataBlock {
  readonly bytes: Uint8Array;
  /** With its version and trailer. */
  readonly lastKey: Uint8Array;
  readonly entryCount: number;
  /** Of all keys, with versions and trailers. */
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** As they are in keys, without what stands around them; undefined: no key has one. */
  readonly oldest: Uint8Array | undefined;
  readonly newest: Uint8Array | undefined;
}

export interface TableWriterOptions {
  readonly blockBytes?: number;
  readonly compress?: boolean;
}

/**
 * Writes an SSTable of the form that 21.1 and 21.2 back up to: RocksDB 2, CRC-32C, single-level
 * index, no filters. Keys must ascend in engine order.
 */
export class TableWriter {
  private readonly blockBytes: number;
  private readonly compress: boolean;
  private readonly data = new RowBlockWriter(DATA_RESTART_INTERVAL);
  private readonly index = new RowBlockWriter(1);
  private readonly pieces = new BytePieces();
  private offset = 0;
  private key = Buffer.alloc(256);
  private keyLength = INTERNAL_TRAILER_BYTES;
  private readonly versions = new VersionBounds();
  private entries = 0;
  private dataBlocks = 0;
  private dataBytes = 0;
  private rawKeyBytes = 0;
  private rawValueBytes = 0;

  constructor(options: TableWriterOptions = {}) {
    this.blockBytes = options.blockBytes ?? DATA_BLOCK_BYTES;
    this.compress = options.compress ?? true;
  }

  /** Bytes of finished blocks. */
  get sizeBytes(): number {
    return this.offset;
  }

  get entryCount(): number {
    return this.entries;
  }

  /** @param engineKey see mvcc/engine-key.ts; copied @param value stored as it is; copied */
  add(engineKey: Uint8Array, value: Uint8Array, kind: number = KeyKind.set): void {
    this.addVersion(engineKey, engineKey.length, NO_BYTES, value, value.length, kind);
  }

  /**
   * Adds `value[0, valueLength)` under an engine key in two parts.
   * @param version the key's end: all that comes after `key[0, keyLength)`
   */
  addVersion(
    key: Uint8Array,
    keyLength: number,
    version: Uint8Array,
    value: Uint8Array,
    valueLength: number,
    kind: number = KeyKind.set,
  ): void {
    const engineLength = keyLength + version.length;
    const length = engineLength + INTERNAL_TRAILER_BYTES;
    if (this.data.entryCount > 0 && this.isFull(length, valueLength)) this.finishDataBlock();
    if (length > this.key.length) this.key = Buffer.alloc(length * 2);
    const whole = this.key;
    for (let i = 0; i < keyLength; i++) whole[i] = key[i] as number;
    for (let i = keyLength, j = 0; i < engineLength; i++, j++) whole[i] = version[j] as number;
    whole[engineLength] = kind;
    for (let i = engineLength + 1; i < length; i++) whole[i] = 0;
    this.data.add(whole, value, length, valueLength);
    this.keyLength = length;
    this.versions.add(whole, engineLength);
    this.entries++;
    this.rawKeyBytes += length;
    this.rawValueBytes += valueLength;
  }

  /** Adds entries that come after all that were added before. */
  addBlock(block: DataBlock): void {
    if (this.data.entryCount > 0) this.finishDataBlock();
    this.writeDataBlock(block.bytes, block.lastKey);
    this.entries += block.entryCount;
    this.rawKeyBytes += block.keyBytes;
    this.rawValueBytes += block.valueBytes;
    for (const version of [block.oldest, block.newest]) {
      if (version !== undefined) this.versions.addVersion(version);
    }
  }

  /** Whether another entry belongs into another block. Source: pebble sstable/writer.go, shouldFlush. */
  private isFull(keyBytes: number, valueBytes: number): boolean {
    const { lengthBytes, entryCount } = this.data;
    if (lengthBytes >= this.blockBytes) return true;
    if (lengthBytes <= Math.floor((this.blockBytes * FLUSH_PERCENT + 99) / 100)) return false;
    const restart = entryCount % DATA_RESTART_INTERVAL === 0 ? 4 : 0;
    const lengths = 4 + varintBytes(keyBytes) + varintBytes(valueBytes);
    return lengthBytes + keyBytes + valueBytes + restart + lengths > this.blockBytes;
  }

  /** The pieces of the file, in order. Nothing may be added afterwards. */
  finish(): Uint8Array[] {
    if (this.data.entryCount > 0 || this.dataBlocks === 0) this.finishDataBlock();
    const properties = this.writeBlock(this.propertiesBlock(), false);
    const index = this.writeBlock(this.index.finish(), this.compress);
    const metaindexBlock = new RowBlockWriter(1);
    metaindexBlock.add(Buffer.from('rocksdb.properties'), encodeHandle(properties));
    const metaindex = this.writeBlock(metaindexBlock.finish(), false);
    const footer = new ByteWriter().u8(ChecksumType.crc32c);
    footer.raw(encodeHandle(metaindex)).raw(encodeHandle(index));
    footer
      .raw(new Uint8Array(41 - footer.length))
      .u32le(2)
      .raw(ROCKSDB_MAGIC);
    invariant(footer.length === FOOTER_BYTES_MAX, 'footer of another length');
    this.pieces.take(footer.length).set(footer.view());
    return this.pieces.finish();
  }

  private finishDataBlock(): void {
    this.writeDataBlock(this.data.finish(), this.key.subarray(0, this.keyLength));
  }

  private writeDataBlock(block: Uint8Array, lastKey: Uint8Array): void {
    const before = this.offset;
    const handle = this.writeBlock(block, this.compress);
    this.index.add(lastKey, encodeHandle(handle));
    this.dataBlocks++;
    this.dataBytes += this.offset - before;
  }

  private writeBlock(block: Uint8Array, compress: boolean): BlockHandle {
    let stored = block;
    let compression: number = Compression.none;
    if (compress) {
      const compressed = compressSnappy(block);
      if (compressed.length <= (block.length * COMPRESSED_EIGHTHS_MAX) / 8) {
        stored = compressed;
        compression = Compression.snappy;
      }
    }
    const bytes = this.pieces.take(stored.length + BLOCK_TRAILER_BYTES);
    bytes.set(stored);
    bytes[stored.length] = compression;
    bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, stored.length + 1)), stored.length + 1);
    const handle = { offset: this.offset, length: stored.length };
    this.offset += bytes.length;
    return handle;
  }

  private propertiesBlock(): Uint8Array {
    const varint = (value: number): Uint8Array => new ByteWriter(10).uvarint(value).toBytes();
    const text = (value: string): Uint8Array => Buffer.from(value);
    const properties: readonly (readonly [string, Uint8Array])[] = [
      ...this.versions.properties(),
      ['rocksdb.block.based.table.index.type', new Uint8Array(4)],
      ['rocksdb.block.based.table.prefix.filtering', text('0')],
      ['rocksdb.block.based.table.whole.key.filtering', text('0')],
      ['rocksdb.column.family.id', varint(0x7fffffff)],
      ['rocksdb.comparator', text('cockroach_comparator')],
      ['rocksdb.compression', text(this.compress ? 'Snappy' : 'NoCompression')],
      ['rocksdb.compression_options', text(COMPRESSION_OPTIONS)],
      ['rocksdb.creation.time', varint(0)],
      ['rocksdb.data.size', varint(this.dataBytes)],
      ['rocksdb.deleted.keys', varint(0)],
      ['rocksdb.external_sst_file.global_seqno', new Uint8Array(8)],
      ['rocksdb.external_sst_file.version', Buffer.from([2, 0, 0, 0])],
      ['rocksdb.filter.size', varint(0)],
      ['rocksdb.fixed.key.length', varint(0)],
      ['rocksdb.format.version', varint(0)],
      ['rocksdb.index.key.is.user.key', varint(0)],
      ['rocksdb.index.size', varint(this.index.lengthBytes + BLOCK_TRAILER_BYTES)],
      ['rocksdb.index.value.is.delta.encoded', varint(0)],
      ['rocksdb.merge.operands', varint(0)],
      ['rocksdb.merge.operator', text('nullptr')],
      ['rocksdb.num.data.blocks', varint(this.dataBlocks)],
      ['rocksdb.num.entries', varint(this.entries)],
      ['rocksdb.num.range-deletions', varint(0)],
      ['rocksdb.oldest.key.time', varint(0)],
      ['rocksdb.prefix.extractor.name', text('nullptr')],
      ['rocksdb.property.collectors', text(COLLECTORS)],
      ['rocksdb.raw.key.size', varint(this.rawKeyBytes)],
      ['rocksdb.raw.value.size', varint(this.rawValueBytes)],
    ];
    const block = new RowBlockWriter(properties.length);
    for (const [name, value] of properties) block.add(Buffer.from(name), value);
    return block.finish();
  }
}

const NO_BYTES = new Uint8Array();

const ROCKSDB_MAGIC = Buffer.from('f7cff485b741e288', 'hex');

/** As Pebble writes it, whatever the compression. */
const COMPRESSION_OPTIONS =
  'window_bits=-14; level=32767; strategy=0; max_dict_bytes=0; zstd_max_train_bytes=0; enabled=0; ';
const COLLECTORS = '[TimeBoundTblPropCollectorFactory,DeleteRangeTblPropCollectorFactory]';

/** The oldest and the newest version in a table, as their bytes are in engine keys. */
class VersionBounds {
  private min: Buffer | undefined;
  private max: Buffer | undefined;
  /** The one before: neighbours often have the same. */
  private last = Buffer.alloc(0);

  add(engineKey: Uint8Array, length: number): void {
    const end = length - 1;
    const start = end - Math.max(0, (engineKey[end] ?? 0) - 1);
    if (start === end || start < 0 || this.isLast(engineKey, start, end)) return;
    this.addVersion(engineKey.subarray(start, end));
  }

  /** @param bytes copied */
  addVersion(bytes: Uint8Array): void {
    const version = Buffer.from(bytes);
    this.last = version;
    if (this.min === undefined || version.compare(this.min) < 0) this.min = version;
    if (this.max === undefined || version.compare(this.max) > 0) this.max = version;
  }

  private isLast(engineKey: Uint8Array, start: number, end: number): boolean {
    const { last } = this;
    if (last.length !== end - start) return false;
    for (let i = last.length - 1; i >= 0; i--) if (last[i] !== engineKey[start + i]) return false;
    return true;
  }

  properties(): (readonly [string, Uint8Array])[] {
    if (this.min === undefined || this.max === undefined) return [];
    return [
      ['crdb.ts.max', this.max],
      ['crdb.ts.min', this.min],
    ];
  }
}

function encodeHandle(handle: BlockHandle): Uint8Array {
  return new ByteWriter(20).uvarint(handle.offset).uvarint(handle.length).toBytes();
}
