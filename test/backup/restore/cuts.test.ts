import { join } from 'node:path';

import { BackupChain, locateLayers } from '../../../backup/chain';
import { stripFamilySuffix } from '../../../backup/format/datum/table-key';
import type { BackupManifest_File } from '../../../backup/format/gen/backup_pb';
import { readVersions } from '../../../backup/format/mvcc/read-versions';
import type { KeySpan } from '../../../backup/restore/coverage';
import { cutSpan } from '../../../backup/restore/cuts';
import { openSpan } from '../../../backup/restore/span-files';
import { initCompression } from '../../../base/compression';
import { limits } from '../../../base/limits';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

interface Cut {
  readonly whole: KeySpan;
  readonly spans: readonly KeySpan[];
  /** Distinct rows and pairs of each span. */
  readonly pairs: readonly number[];
  readonly rowsSplit: number;
}

/** @param use is given the span of a backup's largest table */
async function withLargest<T>(
  io: string,
  name: string,
  use: (chain: BackupChain, whole: KeySpan) => Promise<T>,
): Promise<T> {
  await initCompression();
  const storage = { externalIoDir: io, nodeId: 1 };
  const collection = `nodelocal://1/${name}`;
  const source = { kind: 'collection', subdirectory: { latest: true }, collection } as const;
  const chain = await BackupChain.open(await locateLayers(source, storage), { storage });
  try {
    const sizeOf = (file: BackupManifest_File) => file.entryCounts?.dataSize ?? 0n;
    const [largest] = chain.last.manifest.files
      .filter((file) => file.span !== undefined)
      .sort((a, b) => (sizeOf(a) < sizeOf(b) ? 1 : -1));
    const whole = {
      start: largest?.span?.key ?? new Uint8Array(0),
      end: largest?.span?.endKey ?? new Uint8Array(0),
    };
    return await use(chain, whole);
  } finally {
    await chain.close();
  }
}

async function cut(chain: BackupChain, whole: KeySpan, bytes: number): Promise<KeySpan[]> {
  const files = await openSpan(chain, whole);
  const spans = await cutSpan(whole, files.spans, bytes);
  await files.close();
  return spans;
}

/** Cuts the span of a backup's largest table and reads each piece. */
const cutLargest = (io: string, name: string, bytes = limits.rangeBytesTarget): Promise<Cut> =>
  withLargest(io, name, async (chain, whole) => {
    const spans = await cut(chain, whole, bytes);
    return { whole, spans, ...(await readPieces(chain, spans)) };
  });

async function readPieces(chain: BackupChain, spans: readonly KeySpan[]) {
  const pairs: number[] = [];
  let rowsSplit = 0;
  let lastRow = '';
  for (const span of spans) {
    const files = await openSpan(chain, span);
    let count = 0;
    for await (const versions of readVersions(files.spans, undefined)) {
      while (versions.next()) {
        const row = Buffer.from(stripFamilySuffix(versions.key) ?? versions.key).toString('hex');
        if (count === 0 && row === lastRow) rowsSplit++;
        lastRow = row;
        count++;
      }
    }
    await files.close();
    pairs.push(count);
  }
  return { pairs, rowsSplit };
}

const FIXTURES = join(fixturesDir, 'backups');

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a small table is one range', async () => {
  const { whole, spans, pairs } = await cutLargest(FIXTURES, 'bank');
  expect(spans).toEqual([whole]);
  expect(pairs).toEqual([9000]);
});

function expectWholeRows({ whole, spans, pairs, rowsSplit }: Cut): void {
  expect(spans.length).toBeGreaterThan(1);
  expect(spans[0]?.start).toEqual(whole.start);
  expect(spans.at(-1)?.end).toEqual(whole.end);
  for (const [i, span] of spans.entries()) {
    expect(hex(span.start) < hex(span.end)).toBe(true);
    expect(pairs[i]).toBeGreaterThan(0);
    if (i > 0) expect(span.start).toEqual(spans[i - 1]?.end);
  }
  expect(rowsSplit).toBe(0);
}

test('a table is cut between rows, without gap or overlap', async () => {
  expectWholeRows(await cutLargest(FIXTURES, 'bank', 1));
});

describeShared('of tpcc-1', () => {
  test('a large table is cut between rows, without gap or overlap', async () => {
    expectWholeRows(await cutLargest(join(sharedDir, 'backups', 'generated'), 'tpcc-1'));
  });
});

test('a part that ends where a cut would be has no cut there', async () => {
  await withLargest(FIXTURES, 'bank', async (chain, whole) => {
    const spans = await cut(chain, whole, 1);
    expect(spans.length).toBeGreaterThan(3);
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [0, 3],
      [2, spans.length - 1],
    ] as const) {
      const part = spans.slice(from, to + 1);
      const ends = { start: part[0]?.start ?? whole.start, end: part.at(-1)?.end ?? whole.end };
      expect(await cut(chain, ends, 1)).toEqual(part);
    }
  });
});
