import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { toBinary } from '@bufbuild/protobuf';

import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { readManifest } from '../../../backup/format/manifest';
import { readVersions } from '../../../backup/format/mvcc/read-versions';
import { TableReader } from '../../../backup/format/sstable/table-reader';
import { CorruptionError, SqlError } from '../../../base/errors';
import { upgradeDescriptors } from '../../../catalog/descriptor/upgrade';
import { MemoryStorage } from '../../support/memory-storage';
import { fixturesDir } from '../../support/shared';

/**
 * Damaged files of real backups. A file that a checksum covers must be refused or give what the
 * whole file gives; other files must be refused or be read as something, never crash, hang, or
 * take memory without bound.
 */

/** Small and fast; the same numbers in each run. Source: Marsaglia's xorshift32. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A copy of the bytes with one thing wrong with it. */
function damage(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = random(copy.length);
  switch (random(6)) {
    case 0:
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1 + random(16))]);
    case 4:
      // A length field, perhaps, that says: very much.
      copy.fill(0xff, at, Math.min(copy.length, at + 1 + random(5)));
      return copy;
    default: {
      const from = random(copy.length);
      copy.copyWithin(at, from, Math.min(copy.length, from + 1 + random(64)));
      return copy;
    }
  }
}

const REFUSED = 'refused';

/** What the body returns, or `REFUSED` when it throws as damaged bytes should. */
async function outcome(body: () => Promise<string>): Promise<string> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof SqlError) return REFUSED;
    throw error;
  }
}

async function tableContents(bytes: Uint8Array): Promise<string> {
  const table = await TableReader.open(await new MemoryStorage([['x', bytes]]).open('x'));
  const rows: string[] = [];
  const span = { table, start: new Uint8Array(0), end: Buffer.alloc(4, 0xff) };
  for await (const versions of readVersions([span], undefined)) {
    while (versions.next()) {
      const key = Buffer.from(versions.key).toString('latin1');
      rows.push(`${key} ${versions.wallTime} ${Buffer.from(versions.data).toString('latin1')}`);
    }
  }
  return rows.join('\n');
}

const backups = join(fixturesDir, 'backups');
const paths = readdirSync(backups, { recursive: true, encoding: 'utf8' }).sort();

test('damaged tables: refused or the same rows', async () => {
  const random = randomNumbers(20261122);
  const tables = paths
    .filter((path) => path.endsWith('.sst'))
    .map((path) => readFileSync(join(backups, path)))
    .filter((bytes) => bytes.length < 40_000);
  expect(tables.length).toBeGreaterThan(20);
  const whole = await Promise.all(tables.map(tableContents));
  let refused = 0;
  for (let i = 0; i < 2500; i++) {
    const which = i % tables.length;
    const damaged = damage(tables[which] as Uint8Array, random);
    const result = await outcome(() => tableContents(damaged));
    if (result === REFUSED) refused++;
    else expect(result).toBe(whole[which]);
  }
  expect(refused).toBeGreaterThan(2000);
});

test('one flipped bit anywhere in a table is never read as other rows', async () => {
  const path = paths.find((name) => name.endsWith('.sst')) as string;
  const bytes = readFileSync(join(backups, path));
  const whole = await tableContents(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const result = await outcome(() => tableContents(damaged));
    if (result !== REFUSED) expect(result).toBe(whole);
  }
});

const manifests = paths
  .filter((path) => path.endsWith('BACKUP_MANIFEST'))
  .map((path) => ({
    stored: readFileSync(join(backups, path)),
    checksum: readFileSync(join(backups, `${path}-CHECKSUM`)),
  }));

test('damaged manifests with a checksum: refused or the same', async () => {
  const random = randomNumbers(7);
  const read = async (stored: Uint8Array, checksum: Uint8Array): Promise<string> => {
    const storage = new MemoryStorage([
      ['BACKUP_MANIFEST', stored],
      ['BACKUP_MANIFEST-CHECKSUM', checksum],
    ]);
    const { manifest } = await readManifest(storage, '');
    return Buffer.from(toBinary(BackupManifestSchema, manifest)).toString('latin1');
  };
  for (const { stored, checksum } of manifests) {
    const whole = await read(stored, checksum);
    for (let i = 0; i < 150; i++) {
      const inChecksum = random(8) === 0;
      const result = await outcome(() =>
        inChecksum
          ? read(stored, damage(checksum, random))
          : read(damage(stored, random), checksum),
      );
      if (result !== REFUSED) expect(result).toBe(whole);
    }
  }
});

test('damaged descriptors without a checksum: refused, or upgraded without a crash', async () => {
  const random = randomNumbers(99);
  let refused = 0;
  let accepted = 0;
  for (const { stored } of manifests) {
    const plain = gunzipSync(stored);
    for (let i = 0; i < 150; i++) {
      const damaged = damage(plain, random);
      const storage = new MemoryStorage([
        ['BACKUP_MANIFEST', i % 2 === 0 ? damaged : gzipSync(damaged, { level: 1 })],
      ]);
      const result = await outcome(async () => {
        const { manifest } = await readManifest(storage, '');
        upgradeDescriptors(manifest.descriptors, 'damaged');
        return 'accepted';
      });
      if (result === REFUSED) refused++;
      else accepted++;
    }
  }
  expect(refused).toBeGreaterThan(100);
  expect(accepted).toBeGreaterThan(10);
});
