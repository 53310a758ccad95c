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
const DATA_BLOCK_BYTES = 128 << 10;
const DATA_RESTART_INTERVAL = 16;
/** A block is stored compressed when that saves an eighth of it at least. */
const COMPRESSED_EIGHTHS_MAX = 7;

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
  private readonly pieces: Uint8Array[] = [];
  private offset = 0;
  private lastKey: Uint8Array = new Uint8Array(INTERNAL_TRAILER_BYTES);
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
    const key = new Uint8Array(engineKey.length + INTERNAL_TRAILER_BYTES);
    key.set(engineKey);
    key[engineKey.length] = kind;
    this.data.add(key, value);
    this.lastKey = key;
    this.entries++;
    this.rawKeyBytes += key.length;
    this.rawValueBytes += value.length;
    if (this.data.lengthBytes >= this.blockBytes) this.finishDataBlock();
  }

  /** The pieces of the file, in order. Nothing may be added afterwards. */
  finish(): readonly Uint8Array[] {
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
    this.pieces.push(footer.toBytes());
    return this.pieces;
  }

  private finishDataBlock(): void {
    const before = this.offset;
    const handle = this.writeBlock(this.data.finish(), this.compress);
    this.index.add(this.lastKey, encodeHandle(handle));
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
    const bytes = Buffer.allocUnsafe(stored.length + BLOCK_TRAILER_BYTES);
    bytes.set(stored);
    bytes[stored.length] = compression;
    bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, stored.length + 1)), stored.length + 1);
    const handle = { offset: this.offset, length: stored.length };
    this.pieces.push(bytes);
    this.offset += bytes.length;
    return handle;
  }

  private propertiesBlock(): Uint8Array {
    const varint = (value: number): Uint8Array => new ByteWriter(10).uvarint(value).toBytes();
    const text = (value: string): Uint8Array => Buffer.from(value);
    const properties: readonly (readonly [string, Uint8Array])[] = [
      ['rocksdb.block.based.table.index.type', new Uint8Array(4)],
      ['rocksdb.block.based.table.prefix.filtering', text('0')],
      ['rocksdb.block.based.table.whole.key.filtering', text('0')],
      ['rocksdb.column.family.id', varint(0x7fffffff)],
      ['rocksdb.comparator', text('cockroach_comparator')],
      ['rocksdb.compression', text(this.compress ? 'Snappy' : 'NoCompression')],
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
      ['rocksdb.property.collectors', text('[]')],
      ['rocksdb.raw.key.size', varint(this.rawKeyBytes)],
      ['rocksdb.raw.value.size', varint(this.rawValueBytes)],
    ];
    const block = new RowBlockWriter(properties.length);
    for (const [name, value] of properties) block.add(Buffer.from(name), value);
    return block.finish();
  }
}

const ROCKSDB_MAGIC = Buffer.from('f7cff485b741e288', 'hex');

function encodeHandle(handle: BlockHandle): Uint8Array {
  return new ByteWriter(20).uvarint(handle.offset).uvarint(handle.length).toBytes();
}
