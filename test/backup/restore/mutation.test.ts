import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { fromBinary, toBinary } from '@bufbuild/protobuf';

import { type BackupManifest, BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { CorruptionError, SqlError } from '../../../base/errors';
import { fixturesDir } from '../../support/shared';
import { damage, randomNumbers } from './support/damage';
import { mutateMessage } from './support/mutate-message';
import { latestIn, RestoreHarness } from './support/restore-harness';

/**
 * Whole RESTOREs of damaged copies of a real backup: each is refused with an error for the user and leaves the store as it
 * was, or gives the rows that the intact backup gives.
 */

const LAYER = 'bank/2026/11/22-171336.11';

let io: string;
let harness: RestoreHarness;
let intactRows: string;

beforeAll(async () => {
  io = mkdtempSync(join(tmpdir(), 'ootheca-io-'));
  cpSync(join(fixturesDir, 'backups', 'bank'), join(io, 'bank'), { recursive: true });
  harness = await RestoreHarness.open(io);
  await harness.restoreDatabase('bank', latestIn('bank'));
  intactRows = harness.rows('bank');
  await harness.dropDatabase('bank');
});

afterAll(async () => {
  await harness.close();
  rmSync(io, { recursive: true });
});

/** Restores with some files replaced (null: missing) and puts them back. @returns whether it was refused */
async function restoreWith(files: ReadonlyMap<string, Uint8Array | null>): Promise<boolean> {
  const before = harness.contents();
  const originals = [...files.keys()].map((path) => [path, readFileSync(join(io, path))] as const);
  for (const [path, bytes] of files) {
    if (bytes === null) rmSync(join(io, path));
    else writeFileSync(join(io, path), bytes);
  }
  try {
    await harness.restoreDatabase('bank', latestIn('bank'));
    return false;
  } catch (error) {
    if (!(error instanceof CorruptionError || error instanceof SqlError)) throw error;
    expect(harness.contents()).toEqual(before);
    return true;
  } finally {
    for (const [path, bytes] of originals) writeFileSync(join(io, path), bytes);
  }
}

const isTable = (path: string): boolean => path.endsWith('.sst');

test('damaged files: an error and nothing left behind, or the same rows', async () => {
  const random = randomNumbers(20261122);
  const names = readdirSync(join(io, LAYER)).map((name) => `${LAYER}/${name}`);
  const files = ['bank/LATEST', ...names];
  const refusedBy = new Map<string, number>();
  for (let i = 0; i < 180; i++) {
    const path = files[i % files.length] ?? '';
    const bytes = readFileSync(join(io, path));
    const damaged = random(12) === 0 ? null : damage(bytes, random);
    if (await restoreWith(new Map([[path, damaged]]))) {
      refusedBy.set(path, (refusedBy.get(path) ?? 0) + 1);
      continue;
    }
    expect([path, harness.rows('bank')]).toEqual([path, intactRows]);
    await harness.dropDatabase('bank');
  }
  // What a checksum covers is refused nearly always; statistics and leftovers of checkpoints never matter.
  for (const path of files.filter((name) => isTable(name) || name.endsWith('_MANIFEST'))) {
    expect([path, (refusedBy.get(path) ?? 0) > 8]).toEqual([path, true]);
  }
  expect(refusedBy.get(`${LAYER}/BACKUP-STATISTICS`)).toBeUndefined();
});

test('manifests whose descriptors contradict themselves: an error and nothing left behind', async () => {
  const random = randomNumbers(42);
  const manifest = `${LAYER}/BACKUP_MANIFEST`;
  const plain = gunzipSync(readFileSync(join(io, manifest)));
  let refused = 0;
  for (let i = 0; i < 200; i++) {
    const message = fromBinary(BackupManifestSchema, plain);
    const path = mutateMessage(message, random);
    const files = new Map<string, Uint8Array | null>([
      [manifest, encoded(message)],
      [`${manifest}-CHECKSUM`, null],
    ]);
    try {
      if (await restoreWith(files)) refused++;
      else await harness.dropDatabase('bank');
    } catch (error) {
      throw new Error(`after a change of ${path}`, { cause: error });
    }
  }
  expect(refused).toBeGreaterThan(20);
});

/** Undefined when the changed value does not fit its field: then the manifest is as bad as an empty one. */
function encoded(message: BackupManifest): Uint8Array {
  try {
    return gzipSync(toBinary(BackupManifestSchema, message));
  } catch {
    return new Uint8Array(0);
  }
}
