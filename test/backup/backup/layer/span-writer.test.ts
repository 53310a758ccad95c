import fc from 'fast-check';
import { SpanWriter } from '../../../../backup/backup/layer/span-writer';
import { writeKeyNumber } from '../../../../backup/format/datum/key-varint';
import {
  encodeTablePrefix,
  prefixEnd,
  writeFamilySuffix,
} from '../../../../backup/format/datum/table-key';
import { ByteWriter } from '../../../../base/byte-writer';

/** How the pairs of a span are cut into files. */

const TABLE = 104;
const PREFIX = encodeTablePrefix(TABLE, 1);
const SPAN = { start: PREFIX, end: prefixEnd(PREFIX) };
const VALUE = Buffer.from('a value');

function rowKey(row: number): ByteWriter {
  const writer = new ByteWriter(16).raw(PREFIX);
  writeKeyNumber(writer, row);
  return writer;
}

function keyOf(row: number, family: number): Uint8Array {
  const writer = rowKey(row);
  writeFamilySuffix(writer, family);
  return writer.toBytes();
}

interface Pair {
  readonly row: number;
  readonly family: number;
  /** Of the pair. */
  readonly versions: number;
}

/** Writes the pairs in order. */
function write(pairs: readonly Pair[], fileBytesTarget: number): SpanWriter {
  const writer = new SpanWriter(SPAN, {
    endTime: 1_000n,
    primaryIndexOf: (id) => (id === TABLE ? 1 : undefined),
    fileBytesTarget,
  });
  for (const { row, family, versions } of pairs) {
    const key = keyOf(row, family);
    for (let i = 0; i < versions; i++)
      writer.add(key, key.length, VALUE, VALUE.length, 999n - BigInt(i));
  }
  writer.finish();
  return writer;
}

const pairsOfRow = fc.record({
  families: fc.subarray([0, 1, 2, 130], { minLength: 1 }),
  versions: fc.integer({ min: 1, max: 3 }),
});

test('files follow each other without a gap, are as large as they are to be, and none ends inside a row', () => {
  fc.assert(
    fc.property(
      fc.array(pairsOfRow, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 200 }),
      (rows, target) => {
        const pairs = rows.flatMap(({ families, versions }, row) =>
          families.map((family) => ({ row, family, versions })),
        );
        const { finished } = write(pairs, target);
        const starts = finished.map(({ span }) => Buffer.from(span.start));
        const ends = finished.map(({ span }) => Buffer.from(span.end));
        expect([...starts, Buffer.from(SPAN.end)]).toEqual([Buffer.from(SPAN.start), ...ends]);
        const cuts = rows.map((_, row) => rowKey(row).toBytes()).map((key) => Buffer.from(key));
        for (const start of starts.slice(1)) expect(cuts).toContainEqual(start);
        const counts = finished.map((file) => file.counts);
        expect(counts.reduce((sum, { rows: of }) => sum + of, 0n)).toBe(BigInt(rows.length));
        for (const { dataSize } of counts.slice(0, -1))
          expect(dataSize).toBeGreaterThanOrEqual(BigInt(target));
        // A cut comes before the first row that begins when there is enough.
        for (const [i, { dataSize, rows: of }] of counts.entries()) {
          if (of === 1n) continue;
          const last = cuts.findLastIndex((cut) => cut.compare(ends[i] as Buffer) < 0);
          const { families, versions } = rows[last] as (typeof rows)[number];
          const ofLast = families.reduce(
            (sum, family) => sum + versions * (keyOf(last, family).length + VALUE.length),
            0,
          );
          expect(dataSize - BigInt(ofLast)).toBeLessThan(BigInt(target));
        }
      },
    ),
    { numRuns: 100 },
  );
});

test('a span without pairs has no file', () => {
  expect(write([], 1).finished).toEqual([]);
});

test('pairs out of order are a bug', () => {
  const pairs = [1, 0].map((row) => ({ row, family: 0, versions: 1 }));
  expect(() => write(pairs, 1_000)).toThrow('pairs of a backup come in the order of their keys');
});
