/**
 * Order of a[0, aLength) and b[0, bLength) as byte strings: negative, 0, positive. Allocates
 * nothing.
 */
export function compareKeys(
  a: Uint8Array,
  aLength: number,
  b: Uint8Array,
  bLength: number,
): number {
  const length = Math.min(aLength, bLength);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
