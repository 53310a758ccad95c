/**
 * Keys in data and index blocks: the engine key, then 8 bytes, LE: sequence number << 8 | kind.
 * Source: pebble internal/base/internal.go.
 */

export const INTERNAL_TRAILER_BYTES = 8;

export const KeyKind = {
  delete: 0,
  set: 1,
  merge: 2,
  singleDelete: 7,
  rangeDelete: 15,
  separator: 17,
  setWithDelete: 18,
  rangeKeyDelete: 19,
  rangeKeyUnset: 20,
  rangeKeySet: 21,
  deleteSized: 23,
} as const;

/** Pebble 4 marks entries that a newer one hides with this bit of the kind. */
const OBSOLETE_BIT = 0x40;

export function kindOf(trailerByte: number): number {
  return trailerByte & ~OBSOLETE_BIT;
}

export function kindName(kind: number): string {
  for (const [name, value] of Object.entries(KeyKind)) if (value === kind) return name;
  return `kind ${kind}`;
}
