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

  /** `key[0, keyLength)` and `value[0, valueLength)`; both are copied. */
  add(
    key: Uint8Array,
    value: Uint8Array,
    keyLength = key.length,
    valueLength = value.length,
  ): void {
    let shared = 0;
    if (this.count % this.restartInterval === 0) {
      this.restarts.push(this.out.length);
    } else {
      const { lastKey } = this;
      const sharedMax = Math.min(keyLength, this.lastKeyLength);
      while (shared < sharedMax && key[shared] === lastKey[shared]) shared++;
    }
    this.out
      .uvarint(shared)
      .uvarint(keyLength - shared)
      .uvarint(valueLength)
      .range(key, shared, keyLength)
      .range(value, 0, valueLength);
    this.keep(key, keyLength, shared);
    this.count++;
  }

  private keep(key: Uint8Array, length: number, shared: number): void {
    if (length > this.lastKey.length) {
      const grown = Buffer.allocUnsafe(length * 2);
      grown.set(this.lastKey);
      this.lastKey = grown;
    }
    const { lastKey } = this;
    for (let i = shared; i < length; i++) lastKey[i] = key[i] as number;
    this.lastKeyLength = length;
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
