import { BytePieces } from '../../base/byte-pieces';

test('what was filled comes in order, in few pieces, however long each part is', () => {
  const pieces = new BytePieces();
  const lengths = [3, 0, 20_000, 5, 40_000, 3 << 20, 1, 7];
  for (const [i, length] of lengths.entries()) pieces.take(length).fill(i);
  for (let i = 0; i < 1_000; i++) pieces.take(10_000).fill(9);
  const all = pieces.finish();
  const expected = [
    ...lengths.map((length, i) => Buffer.alloc(length, i)),
    Buffer.alloc(10_000_000, 9),
  ];
  expect(Buffer.compare(Buffer.concat(all), Buffer.concat(expected))).toBe(0);
  expect(all.length).toBeLessThan(20);
});

test('nothing', () => {
  expect(new BytePieces().finish()).toEqual([]);
});
