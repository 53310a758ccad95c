import { compress } from '@bokuweb/zstd-wasm';
import fc from 'fast-check';

import {
  compressSnappy,
  decompressSnappy,
  decompressZstd,
  initCompression,
} from '../../base/compression';
import { CorruptionError } from '../../base/errors';

// Written in JavaScript, by others; has no types.
const { uncompress } = require('snappyjs') as { uncompress(bytes: Buffer): Buffer };

const SIZE_MAX = 1 << 20;
const corrupt = { asymmetricMatch: (error: unknown) => error instanceof CorruptionError };

function errorOf(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

describe('Snappy', () => {
  test('round trip, and another implementation reads it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const compressed = compressSnappy(bytes);
        expect(Buffer.compare(decompressSnappy(compressed, SIZE_MAX, 'f', 0), bytes)).toBe(0);
        expect(Buffer.compare(Buffer.from(uncompress(Buffer.from(compressed))), bytes)).toBe(0);
      }),
    );
  });

  test('runs compress best: the bound on growth holds for them', () => {
    const zeros = new Uint8Array(SIZE_MAX);
    expect(decompressSnappy(compressSnappy(zeros), SIZE_MAX, 'f', 0).length).toBe(SIZE_MAX);
  });

  test.each([
    ['nothing', []],
    ['only a length', varint(10)],
    ['a length of 1 GiB in six bytes', [...varint(1 << 30), 0]],
    ['a length of 2^50', [...varint(2 ** 50), 0, 0, 0]],
    ['a copy from before the start', [4, 0x0d, 9]],
    ['a literal beyond the end', [4, 0x0c, 1]],
  ])('%s is corruption', (_, bytes) => {
    expect(errorOf(() => decompressSnappy(new Uint8Array(bytes), SIZE_MAX, 'f', 7))).toEqual(
      corrupt,
    );
  });
});

describe('Zstandard', () => {
  beforeAll(initCompression);

  const block = (bytes: Uint8Array, length = bytes.length): Uint8Array =>
    Buffer.concat([Buffer.from(varint(length)), compress(Buffer.from(bytes))]);

  test('round trip', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        expect(Buffer.compare(decompressZstd(block(bytes), SIZE_MAX, 'f', 0), bytes)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  const text = Buffer.from('a text of some length, a text of some length');
  test.each<[string, () => Uint8Array]>([
    ['nothing', () => new Uint8Array(0)],
    ['a length above the limit', () => block(text, SIZE_MAX + 1)],
    ["a length that is not the frame's", () => block(text, text.length + 1)],
    ['no frame', () => Buffer.from([5, 1, 2, 3, 4, 5, 6, 7])],
    ['a frame that ends early', () => block(text).subarray(0, 20)],
    [
      'a frame that claims 16 EiB',
      () => Buffer.from([5, 0x28, 0xb5, 0x2f, 0xfd, 0xe0, ...new Array<number>(8).fill(0xff)]),
    ],
  ])('%s is corruption', (_, bytes) => {
    expect(errorOf(() => decompressZstd(bytes(), SIZE_MAX, 'f', 7))).toEqual(corrupt);
  });
});
