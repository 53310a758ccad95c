/** Whether bytes are UTF-8: shortest forms, no surrogates, up to U+10FFFF. */
export function isUtf8(from: usize, end: usize): bool {
  let at = from;
  while (at < end) {
    const lead = load<u8>(at) as u32;
    at++;
    if (lead < 0x80) continue;
    let rest = 0;
    let low: u32 = 0x80;
    let high: u32 = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) rest = 1;
    else if (lead >= 0xe0 && lead <= 0xef) {
      rest = 2;
      if (lead === 0xe0) low = 0xa0;
      else if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      rest = 3;
      if (lead === 0xf0) low = 0x90;
      else if (lead === 0xf4) high = 0x8f;
    } else return false;
    for (; rest > 0; rest--) {
      if (at >= end) return false;
      const next = load<u8>(at) as u32;
      if (next < low || next > high) return false;
      low = 0x80;
      high = 0xbf;
      at++;
    }
  }
  return true;
}
