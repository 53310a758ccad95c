/** Times as TIMESTAMP representations: microseconds since 2000. */

const EPOCH_2000_MICROS = 946_684_800_000_000n;

/** @param micros since 1970 */
export const timestampOfMicros = (micros: bigint | number): bigint =>
  BigInt(micros) - EPOCH_2000_MICROS;
