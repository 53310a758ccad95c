import { ByteWriter } from '../../../base/byte-writer';

/** Writes what `RowBlockIterator` reads. Keys must come in the block's order. */
export class RowBlockWriter {
  private readonly restartInterval: number;
  private readonly out = new ByteWriter(4096);
  private restarts: number[] = [];
  private count = 0;
  private lastKey = Buffer.allocUnsafe(256);
  private lastKeyLength = 0;

  /** @param restartInterval entries from one whole key to the next */
  constructor(restartInterval: number) {
    this.restartInterval = restartInterval;
  }

  get entryCount(): number {
    return this.count;
  }

  /** Of the block if it were finished now. */
  get lengthBytes(): number {
    return this.out.length + 4 * this.restarts.length + 4;
  }

  /** Both are copied. */
  add(key: Uint8Array, value: Uint8Array): void {
    let shared = 0;
    if (this.count % this.restartInterval === 0) {
      this.restarts.push(this.out.length);
    } else {
      const { lastKey } = this;
      const sharedMax = Math.min(key.length, this.lastKeyLength);
      while (shared < sharedMax && key[shared] === lastKey[shared]) shared++;
    }
    this.out
      .uvarint(shared)
      .uvarint(key.length - shared)
      .uvarint(value.length)
      .rawFrom(key, shared)
      .raw(value);
    this.keep(key);
    this.count++;
  }

  private keep(key: Uint8Array): void {
    if (key.length > this.lastKey.length) this.lastKey = Buffer.allocUnsafe(key.length * 2);
    this.lastKey.set(key);
    this.lastKeyLength = key.length;
  }

  /** The block; the writer is empty afterwards. */
  finish(): Uint8Array {
    // An empty block has one restart point, too.
    if (this.restarts.length === 0) this.restarts.push(0);
    for (const restart of this.restarts) this.out.u32le(restart);
    this.out.u32le(this.restarts.length);
    const block = this.out.toBytes();
    this.out.clear();
    this.restarts = [];
    this.count = 0;
    this.lastKeyLength = 0;
    return block;
  }
}
