/** CRC-32 (IEEE), eight bytes a step. */

const TABLES: usize = memory.data(8 * 1024);

function makeTables(): void {
  for (let byte: u32 = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    store<u32>(TABLES + (byte << 2), crc);
  }
  for (let i: u32 = 256; i < 2048; i++) {
    const previous = load<u32>(TABLES + ((i - 256) << 2));
    store<u32>(TABLES + (i << 2), (previous >>> 8) ^ load<u32>(TABLES + ((previous & 0xff) << 2)));
  }
}

/** Once an instance. */
makeTables();

function entry(table: usize, index: u32): u32 {
  return load<u32>(TABLES + (table << 10) + (index << 2));
}

/** @param crc not inverted: ~0 to begin with @returns not inverted either */
export function crc32(from: usize, end: usize, crc: u32): u32 {
  let c = crc;
  let at = from;
  while (at + 8 <= end) {
    const low = load<u32>(at) ^ c;
    const high = load<u32>(at + 4);
    c =
      entry(7, low & 0xff) ^
      entry(6, (low >>> 8) & 0xff) ^
      entry(5, (low >>> 16) & 0xff) ^
      entry(4, low >>> 24) ^
      entry(3, high & 0xff) ^
      entry(2, (high >>> 8) & 0xff) ^
      entry(1, (high >>> 16) & 0xff) ^
      entry(0, high >>> 24);
    at += 8;
  }
  while (at < end) {
    c = (c >>> 8) ^ entry(0, (c ^ load<u8>(at)) & 0xff);
    at++;
  }
  return c;
}
