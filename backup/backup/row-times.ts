import type { RecordReader } from '../../storage/staging/record-reader';

/** Reads `_ts` of row after row. Neighbours often have the same: a bigint is made only when it changes. */
export class RowTimes {
  private high = 0;
  private low = 0;
  private last = 0n;

  /** @returns nanoseconds, or the text of nanoseconds, a dot and a logical part */
  of(row: RecordReader, slot: number): bigint | string {
    if (!row.isWide(slot)) return row.value(slot) as bigint | string;
    const high = row.highWord(slot);
    const low = row.lowWord(slot);
    if (high !== this.high || low !== this.low) {
      this.high = high;
      this.low = low;
      this.last = (BigInt(high) << 32n) | BigInt(low);
    }
    return this.last;
  }
}
