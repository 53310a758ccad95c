/** Writes at a place that moves on. There is room: rows that could exceed it are odd. */

let to: usize = 0;

export function writeTo(at: usize): void {
  to = at;
}

export function written(): usize {
  return to;
}

export function putByte(value: u32): void {
  store<u8>(to++, <u8>value);
}

export function putU64(value: u64): void {
  store<u64>(to, bswap<u64>(value));
  to += 8;
}

export function putBytes(from: usize, length: u32): void {
  memory.copy(to, from, length);
  to += length;
}

/** Base 128, most significant group first: tags and lengths of values. */
export function bigEndianVarint(value: u32): void {
  if (value < 0x80) return putByte(value);
  const groups = (38 - clz<u32>(value)) / 7;
  for (let shift = (groups - 1) * 7; shift > 0; shift -= 7)
    putByte(0x80 | ((value >>> shift) & 0x7f));
  putByte(value & 0x7f);
}

/** LEB128. */
export function littleEndianVarint(value: u64): void {
  let rest = value;
  while (rest >= 0x80) {
    putByte(<u32>(rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  putByte(<u32>rest);
}

export function zigzag(value: i64): void {
  littleEndianVarint(<u64>((value << 1) ^ (value >> 63)));
}

/** Bytes that an unsigned number takes; 0 of 0. */
export function byteCount(value: u64): u32 {
  return (71 - <u32>clz<u64>(value)) >>> 3;
}

/** Big endian. */
export function lowBytes(value: u64, count: u32): void {
  for (let shift = (<u64>count) << 3; shift > 0; ) {
    shift -= 8;
    putByte(<u32>((value >> shift) & 0xff));
  }
}

/** Order-preserving varint. */
export function keyInt(value: i64): void {
  if (value >= 0) {
    if (value <= 109) return putByte(0x88 + <u32>value);
    const count = byteCount(<u64>value);
    putByte(0xf5 + count);
    return lowBytes(<u64>value, count);
  }
  const count = byteCount(<u64>-value);
  putByte(0x88 - count);
  lowBytes(<u64>value, count);
}
