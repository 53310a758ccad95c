import type { RecordReader } from '../../../storage/staging/record-reader';

/**
 * The time of a pair that a layer, whose versions lie in (start, end], says of a row: later than all that the chain has of the key. Rows of
 * a transaction carry the time of its first write, which may be earlier.
 */
export function timeInLayer(
  timestamp: bigint | string,
  { startTime, endTime }: { readonly startTime: bigint; readonly endTime: bigint },
): bigint | string {
  return wallOf(timestamp) > startTime ? timestamp : endTime;
}

/** The nanoseconds of a time as `_ts` has it. */
export const wallOf = (timestamp: bigint | string): bigint =>
  typeof timestamp === 'bigint' ? timestamp : BigInt(timestamp.split('.')[0] ?? 0);

/** Reads `_ts` of row after row. Neighbours often have the same: a bigint is made only when it changes. */
export class RowTimes {
  private high = 0;
  private low = 0;
  private last = 0n;
  private readonly endTime: bigint;

  /** @param endTime of rows without a time of their own */
  constructor(endTime: bigint) {
    this.endTime = endTime;
  }

  /** @returns nanoseconds, or the text of nanoseconds, a dot and a logical part */
  of(row: RecordReader, slot: number): bigint | string {
    if (!row.isWide(slot)) return (row.value(slot) as bigint | string | null) ?? this.endTime;
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
