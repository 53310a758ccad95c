import { SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import type { RawRow, RowReader } from './row-reader';

/**
 * The binary format, as PostgreSQL documents it:
 *
 *     header   'PGCOPY\n\xff\r\n\0'  flags u32  length of an extension u32  the extension
 *     tuple    fields i16  for each: length i32 (-1 = NULL)  bytes
 *     trailer  -1 i16
 */

export const SIGNATURE: Buffer = Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1');
export const TRAILER: Buffer = Buffer.of(0xff, 0xff);

/** Flags that a reader has to know. */
const CRITICAL_FLAGS = 0xffff0000;

function bad(message: string): SqlError {
  return new SqlError('badCopyFileFormat', message);
}

/** Bytes that have come, taken from the front. */
class ByteQueue {
  private chunks: Buffer[] = [];
  private sizeBytes = 0;

  push(chunk: Uint8Array): void {
    // A copy: what comes is good only until more comes.
    this.chunks.push(Buffer.from(chunk));
    this.sizeBytes += chunk.length;
  }

  get length(): number {
    return this.sizeBytes;
  }

  /** The first bytes, all of which have come; they stay. */
  peek(count: number): Buffer {
    const [first] = this.chunks;
    if (first !== undefined && first.length >= count) return first.subarray(0, count);
    const joined = Buffer.concat(this.chunks);
    this.chunks = [joined];
    return joined.subarray(0, count);
  }

  take(count: number): Buffer {
    const taken = this.peek(count);
    const [first, ...rest] = this.chunks;
    if (first !== undefined) this.chunks = [first.subarray(count), ...rest];
    this.sizeBytes -= count;
    return taken;
  }
}

export class BinaryReader implements RowReader {
  private readonly fieldCount: number;
  private readonly queue = new ByteQueue();
  private expects: 'header' | 'extension' | 'tuple' | 'field' | 'nothing' = 'header';
  /** Of the extension or field that comes next, once it is known. */
  private wantedBytes: number | undefined;
  private fields: (Uint8Array | null)[] = [];
  private tuple = 0;

  constructor(fieldCount: number) {
    this.fieldCount = fieldCount;
  }

  read(chunk: Uint8Array): RawRow[] {
    const rows: RawRow[] = [];
    this.queue.push(chunk);
    while (this.step(rows)) {
      // Each step takes what it needs, and is false when that has not come.
    }
    return rows;
  }

  finish(): RawRow[] {
    if (this.expects === 'header') throw bad('COPY file signature not recognized');
    // The trailer may be missing: pgx sends none.
    const isWhole = this.expects === 'tuple' && this.queue.length === 0;
    if (!isWhole && this.expects !== 'nothing') throw bad('unexpected EOF in COPY data');
    return [];
  }

  private step(rows: RawRow[]): boolean {
    switch (this.expects) {
      case 'header':
        return this.header();
      case 'extension':
        return this.extension();
      case 'tuple':
        return this.tupleStart();
      case 'field':
        return this.field(rows);
      case 'nothing':
        if (this.queue.length > 0) throw bad('received copy data after EOF marker');
        return false;
    }
  }

  private header(): boolean {
    if (this.queue.length < SIGNATURE.length + 8) return false;
    if (!this.queue.take(SIGNATURE.length).equals(SIGNATURE)) {
      throw bad('COPY file signature not recognized');
    }
    const flags = this.queue.take(4).readUInt32BE(0);
    if ((flags & CRITICAL_FLAGS) !== 0) {
      throw bad('unrecognized critical flags in COPY file header');
    }
    this.wantedBytes = this.queue.take(4).readInt32BE(0);
    if (this.wantedBytes < 0) throw bad('invalid COPY file header (missing length)');
    this.expects = 'extension';
    return true;
  }

  private extension(): boolean {
    const wanted = this.wantedBytes ?? 0;
    const skipped = Math.min(wanted, this.queue.length);
    this.queue.take(skipped);
    this.wantedBytes = wanted - skipped;
    if (this.wantedBytes > 0) return false;
    this.wantedBytes = undefined;
    this.expects = 'tuple';
    return true;
  }

  private tupleStart(): boolean {
    if (this.queue.length < 2) return false;
    const count = this.queue.take(2).readInt16BE(0);
    if (count === -1) {
      this.expects = 'nothing';
      return true;
    }
    this.tuple++;
    if (count !== this.fieldCount) {
      throw bad(`row field count is ${count}, expected ${this.fieldCount}`);
    }
    this.fields = [];
    this.expects = 'field';
    return true;
  }

  private field(rows: RawRow[]): boolean {
    if (this.fields.length === this.fieldCount) {
      rows.push({ fields: this.fields, line: this.tuple });
      this.expects = 'tuple';
      return true;
    }
    if (this.wantedBytes === undefined) {
      if (this.queue.length < 4) return false;
      const sizeBytes = this.queue.take(4).readInt32BE(0);
      if (sizeBytes < -1 || sizeBytes > limits.messageBytesMax) throw bad('invalid field size');
      if (sizeBytes === -1) {
        this.fields.push(null);
        return true;
      }
      this.wantedBytes = sizeBytes;
    }
    if (this.queue.length < this.wantedBytes) return false;
    this.fields.push(this.queue.take(this.wantedBytes));
    this.wantedBytes = undefined;
    return true;
  }
}
