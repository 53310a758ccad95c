/** Small and fast; the same numbers in each run. Source: Marsaglia's xorshift32. */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A copy of the bytes with one thing wrong with it. */
export function damage(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  switch (random(6)) {
    case 0:
    case 1:
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << random(8)), at);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + random(16))]);
    case 4:
      // A length field, perhaps, that says: very much.
      return copy.fill(0xff, at, Math.min(copy.length, at + 1 + random(5)));
    default: {
      const from = random(copy.length);
      return copy.copyWithin(at, from, Math.min(copy.length, from + 1 + random(64)));
    }
  }
}
