import { initXxhash64 } from '../../../base/checksum';
import { Compression, initCompression } from '../../../base/compression';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import type { ExternalFile } from '../../../storage/external/external-storage';
import { BLOCK_TRAILER_BYTES, blockCompression, openBlock } from './block';
import type { BlockHandle } from './block-handle';
import { ChecksumType, decodeFooter, FOOTER_BYTES_MAX, type Footer } from './footer';

/** Enough for footer, metaindex, properties and, in most files, the index. */
const TAIL_BYTES = 64 << 10;

/**
 * An SSTable's file: its footer, and blocks by handle. The tail is read once and kept until
 * `dropTail`.
 */
export class TableFile {
  readonly file: ExternalFile;
  readonly footer: Footer;
  private tail: Uint8Array;
  private readonly tailStart: number;

  private constructor(file: ExternalFile, footer: Footer, tail: Uint8Array, tailStart: number) {
    this.file = file;
    this.footer = footer;
    this.tail = tail;
    this.tailStart = tailStart;
  }

  static async open(file: ExternalFile): Promise<TableFile> {
    const tailStart = Math.max(0, file.sizeBytes - TAIL_BYTES);
    const tail = await file.read(tailStart, file.sizeBytes);
    const end = tail.subarray(Math.max(0, tail.length - FOOTER_BYTES_MAX));
    const footer = decodeFooter(end, file.sizeBytes - end.length, file.name);
    if (footer.checksumType === ChecksumType.xxhash64) await initXxhash64();
    return new TableFile(file, footer, tail, tailStart);
  }

  /** Frees the tail once index and properties have been read. */
  dropTail(): void {
    this.tail = new Uint8Array(0);
  }

  /** @throws CorruptionError when the handle does not lie before the footer */
  checkHandle(handle: BlockHandle, what: string): void {
    const end = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
    const endMax = this.file.sizeBytes - this.footer.lengthBytes;
    if (end > endMax || handle.length > limits.blockBytesMax) {
      const words = `${what} block at ${handle.offset}, ${handle.length} bytes, exceeds the file`;
      throw new CorruptionError(this.file.name, undefined, words);
    }
  }

  /** Reads, checks and decompresses one block. */
  async readBlock(handle: BlockHandle, what: string): Promise<Uint8Array> {
    this.checkHandle(handle, what);
    const end = handle.offset + handle.length + BLOCK_TRAILER_BYTES;
    return this.openBlock(await this.read(handle.offset, end), handle.offset);
  }

  /**
   * Checks and decompresses a block with its trailer; loads the decompressor when it is the first
   * of its kind.
   */
  async openBlock(stored: Uint8Array, offset: number): Promise<Uint8Array> {
    if (blockCompression(stored) === Compression.zstd) await initCompression();
    return openBlock(stored, offset, this.footer.checksumType, this.file.name);
  }

  read(start: number, end: number): Promise<Uint8Array> {
    const from = start - this.tailStart;
    const to = end - this.tailStart;
    if (from >= 0 && to <= this.tail.length) return Promise.resolve(this.tail.subarray(from, to));
    return this.file.read(start, end);
  }
}
