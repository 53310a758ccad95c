import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';

import { BackupManifestSchema } from '../../../../backup/format/gen/backup_pb';
import { readManifest } from '../../../../backup/format/manifest';
import { decodeEngineKey, encodeEngineKey } from '../../../../backup/format/mvcc/engine-key';
import { readVersions } from '../../../../backup/format/mvcc/read-versions';
import type { TableSpan } from '../../../../backup/format/mvcc/table-cursor';
import { decodeValue, encodeValue, ValueTag } from '../../../../backup/format/mvcc/value';
import type { HlcTime } from '../../../../backup/format/mvcc/version-iterator';
import { KeyKind } from '../../../../backup/format/sstable/internal-key';
import { TableReader } from '../../../../backup/format/sstable/table-reader';
import { TableWriter } from '../../../../backup/format/sstable/table-writer';
import { CorruptionError } from '../../../../base/errors';
import { MemoryStorage } from '../../../support/memory-storage';
import { describeShared, sharedDir } from '../../../support/shared';

const LOWEST = new Uint8Array(0);
const HIGHEST = Buffer.alloc(8, 0xff);

interface Version {
  readonly key: string;
  readonly wallTime: bigint;
  readonly logical: number;
  /** undefined: a tombstone. */
  readonly data: string | undefined;
}

interface Stored {
  readonly engineKey: Uint8Array;
  readonly value: Uint8Array;
}

function store(version: Version): Stored {
  const key = Buffer.from(version.key, 'hex');
  const value =
    version.data === undefined
      ? new Uint8Array(0)
      : encodeValue(key, ValueTag.bytes, Buffer.from(version.data));
  return { engineKey: encodeEngineKey(key, version.wallTime, version.logical), value };
}

async function tableOf(
  entries: readonly Stored[],
  blockBytes = 4096,
  kind?: number,
): Promise<TableReader> {
  const writer = new TableWriter({ blockBytes });
  for (const { engineKey, value } of entries) writer.add(engineKey, value, kind);
  const file = Buffer.concat(writer.finish());
  return TableReader.open(await new MemoryStorage([['x.sst', file]]).open('x.sst'));
}

function compareVersions(a: Version, b: Version): number {
  const byKey = Buffer.compare(Buffer.from(a.key, 'hex'), Buffer.from(b.key, 'hex'));
  if (byKey !== 0) return byKey;
  if (a.wallTime !== b.wallTime) return a.wallTime > b.wallTime ? -1 : 1;
  return b.logical - a.logical;
}

async function read(spans: readonly TableSpan[], asOf?: HlcTime): Promise<Version[]> {
  const result: Version[] = [];
  for await (const versions of readVersions(spans, asOf)) {
    while (versions.next()) {
      result.push({
        key: Buffer.from(versions.key).toString('hex'),
        wallTime: versions.wallTime,
        logical: versions.logical,
        data: Buffer.from(versions.data).toString(),
      });
    }
  }
  return result;
}

const whole = (table: TableReader): TableSpan => ({ table, start: LOWEST, end: HIGHEST });

describe('versions of many tables', () => {
  // Few and related keys, with zero bytes and prefixes of each other.
  const piece = fc.constantFrom('00', '01', '80', 'ff');
  const bound = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''));
  const version = fc.record({
    key: fc.array(piece, { minLength: 1, maxLength: 3 }),
    wallTime: fc.constantFrom(1n, 2n, 3n, 0xffffffffn, 0x100000000n, 1_600_000_000_000_000_000n),
    logical: fc.nat(2),
    data: fc.option(fc.constantFrom('', 'a', 'bc'), { nil: undefined }),
  });
  const layers = fc.array(fc.array(version, { maxLength: 30 }), { minLength: 1, maxLength: 5 });

  test('as a plain list of all versions says', async () => {
    const property = fc.asyncProperty(
      layers,
      fc.option(version, { nil: undefined }),
      fc.tuple(bound, bound),
      async (rawLayers, rawAsOf, [start, end]) => {
        const span = start < end ? { start, end } : { start: end, end: start };
        // A version is written once, into the first layer that has it.
        const seen = new Set<string>();
        const all: Version[] = [];
        const spans: TableSpan[] = [];
        for (const raw of rawLayers) {
          const layer: Version[] = [];
          for (const { key, ...rest } of raw) {
            const one = { key: key.join(''), ...rest };
            const id = `${one.key}@${one.wallTime}.${one.logical}`;
            if (!seen.has(id)) layer.push(one);
            seen.add(id);
          }
          layer.sort(compareVersions);
          all.push(...layer);
          const table = await tableOf(layer.map(store), 64);
          spans.push({
            table,
            start: Buffer.from(span.start, 'hex'),
            end: Buffer.from(span.end, 'hex'),
          });
        }
        const asOf = rawAsOf && { wallTime: rawAsOf.wallTime, logical: rawAsOf.logical };
        const expected: Version[] = [];
        let previous: string | undefined;
        for (const one of all.sort(compareVersions)) {
          const bytes = Buffer.from(one.key, 'hex');
          if (Buffer.compare(bytes, Buffer.from(span.start, 'hex')) < 0) continue;
          if (Buffer.compare(bytes, Buffer.from(span.end, 'hex')) >= 0) continue;
          if (asOf !== undefined) {
            if (one.wallTime > asOf.wallTime) continue;
            if (one.wallTime === asOf.wallTime && one.logical > asOf.logical) continue;
          }
          if (one.key === previous) continue;
          previous = one.key;
          if (one.data !== undefined) expected.push(one);
        }
        expect(await read(spans, asOf)).toEqual(expected);
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });

  test('a version that two layers hold is read once', async () => {
    const entries = [store({ key: 'bd89', wallTime: 5n, logical: 0, data: 'x' })];
    const spans = [whole(await tableOf(entries)), whole(await tableOf(entries))];
    expect((await read(spans)).length).toBe(1);
  });

  test('no tables: nothing', async () => {
    expect(await read([])).toEqual([]);
  });
});

describe('one table', () => {
  const plain = store({ key: 'bd8988', wallTime: 5n, logical: 0, data: 'x' });
  const older = store({ key: 'bd8988', wallTime: 4n, logical: 0, data: 'x' });
  const later = store({ key: 'bd8a88', wallTime: 5n, logical: 0, data: 'x' });
  const key = Buffer.from('bd8988', 'hex');

  test('keys longer than any buffer, over many blocks', async () => {
    const versions = Array.from({ length: 300 }, (_, i) => ({
      key: `${'ab'.repeat(i)}${i.toString(16).padStart(4, '0')}`,
      wallTime: BigInt(i + 1),
      logical: i % 2,
      data: `value ${i}`.repeat(i % 40),
    })).sort(compareVersions);
    const table = await tableOf(versions.map(store), 1000);
    expect(table.index.handles.length).toBeGreaterThan(50);
    expect(await read([whole(table)])).toEqual(versions);
    const withEmpty = [whole(table), whole(await tableOf([]))];
    expect(await read(withEmpty)).toEqual(versions);
  });

  test('extended values', async () => {
    const header = Buffer.from('0a020805', 'hex');
    const prefix = Buffer.concat([Buffer.from([0, 0, 0, header.length, 101]), header]);
    const value = Buffer.concat([prefix, plain.value]);
    const rows = await read([whole(await tableOf([{ ...plain, value }]))]);
    expect(rows.map((row) => row.data)).toEqual(['x']);
    expect(await read([whole(await tableOf([{ ...plain, value: prefix }]))])).toEqual([]);
    expect(decodeValue(key, value, 'f')?.tag).toBe(ValueTag.bytes);
    expect(decodeValue(key, prefix, 'f')).toBeUndefined();
  });

  test('a value without a checksum', async () => {
    const value = Buffer.from('000000000361', 'hex');
    const rows = await read([whole(await tableOf([{ ...plain, value }]))]);
    expect(rows.map((row) => row.data)).toEqual(['a']);
  });

  const wrong = Buffer.from(plain.value);
  wrong[5] = 0x79;
  test.each<[string, readonly Stored[], RegExp]>([
    ['keys out of order', [later, plain], /keys are out of order/],
    ['versions out of order', [older, plain], /versions of a key are out of order/],
    ['a version twice', [plain, plain], /versions of a key are out of order/],
    ['a wrong checksum', [{ ...plain, value: wrong }], /value checksum mismatch/],
    ['a value of four bytes', [{ ...plain, value: Buffer.alloc(4) }], /malformed value/],
    [
      'an extended value that ends early',
      [{ ...plain, value: Buffer.from('0000000965', 'hex') }],
      /malformed value/,
    ],
    ['a key without version', [{ ...plain, engineKey: Buffer.from('bd8900', 'hex') }], /version/],
    [
      'a version longer than its key',
      [{ ...plain, engineKey: Buffer.from('0009', 'hex') }],
      /malformed engine key|malformed index key/,
    ],
    [
      'a lock table key',
      [{ ...plain, engineKey: Buffer.from(`bd8900${'01'.repeat(17)}12`, 'hex') }],
      /without a version/,
    ],
  ])('%s: corruption', async (_, entries, message) => {
    const failing = async (): Promise<unknown> => read([whole(await tableOf(entries))]);
    await expect(failing()).rejects.toThrow(CorruptionError);
    await expect(failing()).rejects.toThrow(message);
  });

  test.each([
    ['delete', KeyKind.delete],
    ['merge', KeyKind.merge],
    ['singleDelete', KeyKind.singleDelete],
    ['rangeDelete', KeyKind.rangeDelete],
    ['kind 9', 9],
  ])('an entry of kind %s never yields a row', async (name, kind) => {
    const table = await tableOf([plain], 4096, kind);
    await expect(read([whole(table)])).rejects.toThrow(`unexpected entry: ${name}`);
  });

  test('kind setWithDelete is a row', async () => {
    expect((await read([whole(await tableOf([plain], 4096, KeyKind.setWithDelete))])).length).toBe(
      1,
    );
  });
});

describeShared('vectors', () => {
  const vectors = JSON.parse(
    readFileSync(join(sharedDir, 'format', 'expected', 'vectors.json'), 'utf8'),
  ) as { group: string; what: string; hex: string }[];

  test('engine keys', () => {
    const rows = vectors.filter((row) => row.group === 'mvcc key');
    const [wall, logical, unversioned] = rows.map((row) => Buffer.from(row.hex, 'hex'));
    const key = Buffer.from('bd898988', 'hex');
    const wallTime = 1568602919000000000n;
    expect(decodeEngineKey(wall as Buffer, 'f')).toEqual({
      key,
      wallTime,
      logical: 0,
      versioned: true,
    });
    expect(decodeEngineKey(logical as Buffer, 'f')).toMatchObject({ key, wallTime, logical: 3 });
    expect(decodeEngineKey(unversioned as Buffer, 'f')).toMatchObject({ key, versioned: false });
    expect(Buffer.from(encodeEngineKey(key, wallTime, 0))).toEqual(wall);
    expect(Buffer.from(encodeEngineKey(key, wallTime, 3))).toEqual(logical);
  });

  test('values of real clusters', () => {
    const rows = vectors.filter((row) => row.group === 'fixture kv');
    let checked = 0;
    for (let i = 0; i + 2 < rows.length; i += 3) {
      const engineKey = Buffer.from(rows[i]?.hex ?? '', 'hex');
      const { key, wallTime, logical } = decodeEngineKey(engineKey, 'f');
      expect(Buffer.from(key).toString('hex')).toBe(rows[i + 1]?.hex);
      expect(rows[i + 1]?.what).toContain(`wall ${wallTime}, logical ${logical}`);
      const stored = Buffer.from(rows[i + 2]?.hex ?? '', 'hex');
      const value = decodeValue(key, stored, 'f');
      if (value === undefined) continue;
      expect(rows[i + 2]?.what).toContain(`tag ${value.tag})`);
      expect(Buffer.from(encodeValue(key, value.tag, value.data))).toEqual(stored);
      checked++;
    }
    expect(checked).toBe(13);
  });
});

interface Counts {
  readonly points: number;
  readonly tombstones: number;
}

describeShared('chains of real clusters', () => {
  const counts = JSON.parse(
    readFileSync(join(sharedDir, 'format', 'expected', 'index.json'), 'utf8'),
  ) as Record<string, Counts>;

  test('all layers of the incremental chain', async () => {
    const chain = join(sharedDir, 'backups', 'upstream', 'incremental-chain-v20.2.7');
    const storage = MemoryStorage.fromDirectory(chain);
    const spans: TableSpan[] = [];
    let points = 0;
    let tombstones = 0;
    const live = new Map<string, bigint>();
    for (let layer = 0; layer <= 8; layer++) {
      const { manifest } = await readManifest(storage, String(layer));
      expect(manifest.$typeName).toBe(BackupManifestSchema.typeName);
      for (const file of manifest.files) {
        const table = await TableReader.open(await storage.open(`${layer}/${file.path}`));
        const start = file.span?.key ?? LOWEST;
        const end = file.span?.endKey ?? LOWEST;
        spans.push({ table, start, end });
        points += table.properties.entryCount ?? 0;
        // Layers hold the newest version of each key only.
        for (const row of await read([{ table, start, end }])) live.set(row.key, row.wallTime);
      }
      const expected = counts[`inc_missing_addsst_v20.2.7_chain0-${layer}`];
      expect(points).toBe(expected?.points);
      tombstones = expected?.tombstones ?? 0;
    }
    const rows = await read(spans);
    expect(tombstones).toBeGreaterThan(100);
    expect(rows.length).toBeLessThan(points - tombstones);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
    for (const row of rows) expect(live.get(row.key)).toBe(row.wallTime);
  });
});
