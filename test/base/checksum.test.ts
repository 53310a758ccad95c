import { crc32 } from 'node:zlib';

import fc from 'fast-check';

import {
  crc32Ieee,
  initXxhash64,
  maskedCrc32c,
  sha256Prefix,
  xxhash64Low32,
} from '../../base/checksum';

describe('checksums', () => {
  test('masked CRC-32C of blocks', () => {
    expect(maskedCrc32c(Buffer.from('00', 'hex'))).toBe(0x49258fd2);
    expect(maskedCrc32c(Buffer.from('0001020300', 'hex'))).toBe(0xeeb6b256);
  });

  test('low half of XXH64', async () => {
    await initXxhash64();
    expect(xxhash64Low32(Buffer.from('0001020300', 'hex'))).toBe(0x5bcad7f3);
  });

  test('CRC-32 agrees with zlib, in pieces and inside a larger buffer', () => {
    const property = fc.property(
      fc.uint8Array({ maxLength: 1500 }),
      fc.nat(),
      fc.nat(20),
      (bytes, at, padding) => {
        const cut = at % (bytes.length + 1);
        const buffer = Buffer.concat([Buffer.alloc(padding, 7), bytes, Buffer.alloc(9, 7)]);
        const middle = padding + cut;
        const first = crc32Ieee(buffer, padding, middle);
        expect(crc32Ieee(buffer, middle, padding + bytes.length, first)).toBe(crc32(bytes));
      },
    );
    fc.assert(property);
  });

  test('the beginning of SHA-256', () => {
    expect(Buffer.from(sha256Prefix(Buffer.from('abc'), 4)).toString('hex')).toBe('ba7816bf');
  });
});
