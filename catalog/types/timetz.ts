import { clockText, offsetText } from './datetime';
import type { Repr } from './sql-type';

/**
 * TIMETZ: (UTC microseconds + 2^37) · 2^18 + (seconds west of UTC + 2^17); orders by instant, then by zone.
 * UTC microseconds are those of the local clock plus the offset west, so they may be negative or exceed a day.
 */
export interface TimeTzValue {
  /** Of the local clock, 0 … 86 400 000 000. */
  readonly micros: number;
  /** Seconds west of UTC, as the backup format counts them: +05:30 is -19800. */
  readonly offsetWest: number;
}

const MICROS_BIAS = 1n << 37n;
const OFFSET_SHIFT = 18n;
const OFFSET_BIAS = 1 << 17;
const OFFSET_MASK = (1n << OFFSET_SHIFT) - 1n;

/** 15:59 and 59 seconds, PostgreSQL's limit. */
export const TIMETZ_OFFSET_MAX = 15 * 3600 + 59 * 60 + 59;

export function timetzToRepr(micros: number, offsetWest: number): bigint {
  const utc = BigInt(micros + offsetWest * 1_000_000);
  return ((utc + MICROS_BIAS) << OFFSET_SHIFT) + BigInt(offsetWest + OFFSET_BIAS);
}

export function timetzFromRepr(repr: Repr): TimeTzValue {
  const value = BigInt(repr as bigint | number);
  const offsetWest = Number(value & OFFSET_MASK) - OFFSET_BIAS;
  const utc = Number((value >> OFFSET_SHIFT) - MICROS_BIAS);
  return { micros: utc - offsetWest * 1_000_000, offsetWest };
}

export function timetzText(repr: Repr): string {
  const { micros, offsetWest } = timetzFromRepr(repr);
  const seconds = Math.floor(micros / 1_000_000);
  return clockText(seconds, micros - seconds * 1_000_000) + offsetText(-offsetWest);
}
