/** SQLite's varints: seven bits a byte, most significant first, nine bytes at most. Here up to 2^53, eight bytes. */

/** Bytes that a value takes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** @returns where the varint ends */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value < 0x4000) {
    bytes[at] = (value >>> 7) | 0x80;
    bytes[at + 1] = value & 0x7f;
    return at + 2;
  }
  const end = at + varintLength(value);
  let rest = value;
  for (let i = end - 1; i >= at; i--) {
    const group = rest % 0x80;
    bytes[i] = i === end - 1 ? group : group | 0x80;
    rest = (rest - group) / 0x80;
  }
  return end;
}
