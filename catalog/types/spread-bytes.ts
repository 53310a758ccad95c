/** Byte strings for the members of an enum. Source: CockroachDB, pkg/sql/enum: evenly spread, shortest first. */

const BYTE_MIN = 0;
const BYTE_MAX = 256;

/** `count` byte strings in memcmp order, as far from each other as they can be. */
export function spreadBytes(count: number): Uint8Array[] {
  const result: Uint8Array[] = new Array<Uint8Array>(count);
  fill(result, 0, count, [], []);
  return result;
}

function fill(
  result: Uint8Array[],
  from: number,
  to: number,
  lower: readonly number[],
  upper: readonly number[],
): void {
  if (from >= to) return;
  const middle = from + ((to - from) >> 1);
  const bytes = bytesBetween(lower, upper);
  result[middle] = Uint8Array.from(bytes);
  fill(result, from, middle, lower, bytes);
  fill(result, middle + 1, to, bytes, upper);
}

/** A byte string between two others; an empty one is no bound. */
export function bytesBetween(lower: readonly number[], upper: readonly number[]): number[] {
  const result: number[] = [];
  let at = 0;
  const low = (): number => lower[at] ?? BYTE_MIN;
  const high = (): number => upper[at] ?? BYTE_MAX;
  while (at < Math.max(lower.length, upper.length) && low() === high()) {
    result.push(low());
    at++;
  }
  const middle = (low() + high()) >> 1;
  result.push(middle);
  if (middle !== low()) return result;
  // No room between the two bytes: the same byte, and something after what follows it.
  return [...result, ...bytesBetween(lower.slice(at + 1), [])];
}
