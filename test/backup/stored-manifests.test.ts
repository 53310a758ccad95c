import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BackupChain, locateLayers } from '../../backup/chain';
import { StoredManifests } from '../../backup/stored-manifests';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import { temporaryDirectory } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';

const directory = temporaryDirectory();
const storage: ExternalStorageOptions = { externalIoDir: directory.path, nodeId: 1 };
afterAll(() => directory.remove());

test('a chain is opened again without reading manifests, also by a thread that was sent them', async () => {
  cpSync(join(fixturesDir, 'backups', 'bank'), join(directory.path, 'bank'), { recursive: true });
  const collection = 'nodelocal://1/bank';
  const layers = await locateLayers(
    { kind: 'collection', subdirectory: { latest: true }, collection },
    storage,
  );
  const manifests = new StoredManifests();
  const chain = await BackupChain.open(layers, { storage, manifests });
  rmSync(join(directory.path, 'bank'), { recursive: true });
  await expect(BackupChain.open(layers, { storage })).rejects.toThrow(/BACKUP_MANIFEST/);
  const sent = new StoredManifests(structuredClone(manifests.byLocation));
  const again = await BackupChain.open(layers, { storage, manifests: sent });
  expect(again.layers.map(({ manifest }) => manifest)).toEqual(
    chain.layers.map(({ manifest }) => manifest),
  );
  for (const each of [chain, again]) await each.close();
});

test('more than 16 MiB of manifests are read again', () => {
  const manifests = new StoredManifests();
  const place = (directory: string) => ({ uri: 'u', directory });
  for (const name of ['a', 'b', 'c']) {
    manifests.keep(place(name), { fileName: 'BACKUP_MANIFEST', bytes: Buffer.alloc(7 << 20) });
  }
  const kept = ['a', 'b', 'c'].map((name) => manifests.find(place(name)) !== undefined);
  expect(kept).toEqual([true, true, false]);
});
