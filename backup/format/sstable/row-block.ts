import { CorruptionError } from '../../../base/errors';

/**
 * Walks the entries of a row-oriented block: data, index, properties, metaindex, range deletions.
 *
 *   entry     shared varint, unshared varint, value length varint, unshared key bytes, value
 *             key = the first `shared` bytes of the entry before + the unshared bytes
 *   at end    u32 LE * n offsets of entries with shared = 0, u32 LE n
 *
 * One iterator serves many blocks: `reset` starts the next one. Nothing is allocated per entry;
 * the key lies in a buffer that the next entry overwrites, the value in the block.
 *
 *   for (it.reset(block, offset); it.next(); )
 *     use(it.keyBuffer, it.keyLength, block, it.valueStart, it.valueEnd);
 */
export class RowBlockIterator {
  readonly file: string;
  /** The block being walked. */
  block: Uint8Array = new Uint8Array(0);
  /** Bytes [0, keyLength) are the current key. Replaced when a longer key needs a larger one. */
  keyBuffer: Uint8Array = new Uint8Array(256);
  keyLength = 0;
  /** Leading bytes that the key has in common with the key before it, also across `reset`. */
  commonLength = 0;
  /** What the key before had at `commonLength`; -1 when it ended there. */
  previousByte = -1;
  valueStart = 0;
  valueEnd = 0;
  private position = 0;
  private entriesEnd = 0;
  private sharedMax = 0;
  private blockOffset = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Views; prefer the fields where every nanosecond counts. */
  get key(): Uint8Array {
    return this.keyBuffer.subarray(0, this.keyLength);
  }

  get value(): Uint8Array {
    return this.block.subarray(this.valueStart, this.valueEnd);
  }

  /**
   * Goes before the first entry of `block`.
   * @param blockOffset of the stored block in the file, for errors
   * @throws CorruptionError when the restart array does not fit
   */
  reset(block: Uint8Array, blockOffset: number): void {
    const length = block.length;
    this.block = block;
    this.blockOffset = blockOffset;
    this.position = 0;
    this.sharedMax = 0;
    if (length < 4) this.fail('block lacks its restart count');
    const restarts = new DataView(block.buffer, block.byteOffset + length - 4, 4).getUint32(
      0,
      true,
    );
    this.entriesEnd = length - 4 - restarts * 4;
    if (restarts < 1 || this.entriesEnd < 0) this.fail(`block with ${restarts} restart points`);
  }

  /** @returns false at the end of the block. @throws CorruptionError */
  next(): boolean {
    const block = this.block;
    const end = this.entriesEnd;
    let at = this.position;
    if (at >= end) return false;
    // The restart array is at least 8 bytes long: these three never lie outside the block.
    let shared = block[at] as number;
    let unshared = block[at + 1] as number;
    let valueLength = block[at + 2] as number;
    if ((shared | unshared | valueLength) < 0x80) {
      at += 3;
    } else {
      shared = this.varint();
      unshared = this.varint();
      valueLength = this.varint();
      at = this.position;
    }
    const keyEnd = at + unshared;
    if (shared > this.sharedMax || keyEnd + valueLength > end) this.fail('entry exceeds its block');
    this.setKey(shared, at, keyEnd);
    this.valueStart = keyEnd;
    this.position = this.valueEnd = keyEnd + valueLength;
    return true;
  }

  private setKey(shared: number, start: number, end: number): void {
    const block = this.block;
    const length = shared + end - start;
    if (length > this.keyBuffer.length) this.growKey(length);
    const buffer = this.keyBuffer;
    const previousLength = this.keyLength;
    const commonMax = Math.min(length, previousLength);
    let to = shared;
    let from = start;
    while (to < commonMax && buffer[to] === block[from]) {
      to++;
      from++;
    }
    this.commonLength = to;
    this.previousByte = to < previousLength ? (buffer[to] as number) : -1;
    while (from < end) buffer[to++] = block[from++] as number;
    this.keyLength = length;
    this.sharedMax = length;
  }

  private growKey(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.keyBuffer.length * 2));
    grown.set(this.keyBuffer);
    this.keyBuffer = grown;
  }

  /** Advances `position` over an unsigned varint of at most 32 bits. */
  private varint(): number {
    let value = 0;
    for (let scale = 1, i = 0; i < 5; i++, scale *= 128) {
      if (this.position >= this.entriesEnd) this.fail('entry exceeds its block');
      const byte = this.block[this.position++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    return this.fail('varint too long');
  }

  fail(message: string): never {
    const where = `${message} (${this.position} bytes into the block)`;
    throw new CorruptionError(this.file, this.blockOffset, where);
  }
}
