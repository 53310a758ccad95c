import { ByteWriter } from '../../../base/byte-writer';

/** Writes what `RowBlockIterator` reads. Keys must come in the block's order. */
export class RowBlockWriter {
  private readonly restartInterval: number;
  private readonly out = new ByteWriter(4096);
  private restarts: number[] = [];
  private count = 0;
  private lastKey: Uint8Array = new Uint8Array(0);

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

  /** The key is kept until the next call: hand over a copy. */
  add(key: Uint8Array, value: Uint8Array): void {
    let shared = 0;
    if (this.count % this.restartInterval === 0) {
      this.restarts.push(this.out.length);
    } else {
      const sharedMax = Math.min(key.length, this.lastKey.length);
      while (shared < sharedMax && key[shared] === this.lastKey[shared]) shared++;
    }
    this.out
      .uvarint(shared)
      .uvarint(key.length - shared)
      .uvarint(value.length)
      .raw(key.subarray(shared))
      .raw(value);
    this.lastKey = key;
    this.count++;
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
    this.lastKey = new Uint8Array(0);
    return block;
  }
}
