import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';

import { PairSorter } from '../../../../backup/backup/rows/pair-sorter';

interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly timestamp: bigint | string;
}

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-sorter-'));
});
afterEach(() => {
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
});

function sorted(pairs: readonly Pair[], memoryBytesMax?: number): Pair[] {
  const sorter = new PairSorter(directory, memoryBytesMax);
  try {
    // As encoders hand them over: in memory that is used again, with room behind them.
    const [keys, values] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
    for (const { key, value, timestamp } of pairs) {
      keys.set(key);
      values.set(value);
      sorter.add(keys, key.length, values, value.length, timestamp);
    }
    return [...sorter.sorted()].map(({ key, value, timestamp }) => ({
      key: key.slice(),
      value: value.slice(),
      timestamp,
    }));
  } finally {
    sorter.close();
  }
}

const expected = (pairs: readonly Pair[]): Pair[] =>
  [...pairs].sort((a, b) => Buffer.compare(a.key, b.key));

const times = fc.oneof(
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc.constantFrom('1790000000000000000.7', '1.2'),
);

test('pairs of any keys, in memory and in runs; those of one key in the order in which they came', () => {
  const pairs = fc.array(
    fc.record({
      key: fc.uint8Array({ maxLength: 3, max: 3 }),
      value: fc.uint8Array({ maxLength: 90 }),
      timestamp: times,
    }),
    { maxLength: 120 },
  );
  fc.assert(
    fc.property(pairs, fc.constantFrom(undefined, 1, 300, 4_000), (given, memoryBytesMax) => {
      expect(sorted(given, memoryBytesMax)).toEqual(expected(given));
    }),
    { numRuns: 100 },
  );
});

test('pairs that are longer than a window, and more than one window of short ones', () => {
  const pairs = Array.from({ length: 20_000 }, (_, i) => ({
    key: Buffer.from(`key ${(i * 7919) % 20_000}`),
    value: Buffer.alloc(i % 5_000 === 0 ? 700_000 : 30, i),
    timestamp: BigInt(i),
  }));
  const found = sorted(pairs, 600_000);
  expect(found.map(({ timestamp }) => timestamp)).toEqual(
    expected(pairs).map(({ timestamp }) => timestamp),
  );
  const isWrong = ({ value, timestamp }: Pair): boolean =>
    Buffer.compare(value, (pairs[Number(timestamp)] as Pair).value) !== 0;
  expect(found.filter(isWrong)).toEqual([]);
});
