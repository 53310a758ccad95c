/** The bytes that make a key of the cluster one of the storage engine (format reference 03 §7), for one time after the other. */
export class EngineVersion {
  private last: bigint | string | undefined;
  private tail: Buffer = Buffer.alloc(0);
  private readonly endTime: bigint;

  /** @param endTime of the backup, which no version exceeds */
  constructor(endTime: bigint) {
    this.endTime = endTime;
  }

  /**
   * What follows a key.
   * @param timestamp as `_ts` has it: nanoseconds, or the text of nanoseconds, a dot and a logical part
   */
  of(timestamp: bigint | string): Uint8Array {
    if (timestamp !== this.last) {
      this.tail = this.tailOf(timestamp);
      this.last = timestamp;
    }
    return this.tail;
  }

  private tailOf(version: bigint | string): Buffer {
    const [wallText = '0', logicalText = '0'] = String(version).split('.');
    const isLater = BigInt(wallText) > this.endTime;
    const wall = isLater ? this.endTime : BigInt(wallText);
    const logical = isLater ? 0 : Number(logicalText);
    const versionBytes = logical === 0 ? 8 : 12;
    const tail = Buffer.alloc(versionBytes + 2);
    tail.writeBigUInt64BE(wall, 1);
    if (logical !== 0) tail.writeUInt32BE(logical, 9);
    tail[versionBytes + 1] = versionBytes + 1;
    return tail;
  }
}
