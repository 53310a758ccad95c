import type { Repr } from '../../../catalog/types/sql-type';

/** Equal as bytes: stricter than equal as values. NULL is the same as NULL. */
export function sameValue(a: Repr | undefined, b: Repr | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return Object.is(a, b);
}

/** A text that tells rows apart by the values at some positions. */
export function identity(row: readonly Repr[], positions: readonly number[]): string {
  return JSON.stringify(
    positions.map((position) => {
      const value = row[position] ?? null;
      if (value instanceof Uint8Array) return `x${Buffer.from(value).toString('hex')}`;
      return typeof value === 'bigint' ? `i${value}` : typeof value === 'number' ? value : value;
    }),
  );
}
