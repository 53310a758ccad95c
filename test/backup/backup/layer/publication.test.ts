import { randomBytes } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import {
  finishPublication,
  publish,
  publishedLayer,
} from '../../../../backup/backup/layer/publication';
import { encryptBytes } from '../../../../backup/encryption';
import { BackupManifestSchema } from '../../../../backup/format/gen/backup_pb';
import { SqlError } from '../../../../base/errors';
import { MemoryStorage } from '../../../support/memory-storage';

const ID = '0123456789abcdef0123456789abcdef';
const DIRECTORY = '2026/11/30-100000.00';
const PAYLOAD = {
  scope: { kind: 'cluster' },
  uri: 'nodelocal://1/c',
  directory: DIRECTORY,
  inCollection: true,
  backupId: ID,
} as const;

const manifest = create(BackupManifestSchema, { id: Buffer.from(ID, 'hex'), formatVersion: 1 });

/** Refuses to write a file. */
class Refusing extends MemoryStorage {
  refused: string | undefined;

  override async write(path: string, bytes: Uint8Array) {
    if (path === this.refused) throw new SqlError('insufficientPrivilege', `no ${path} here`);
    await super.write(path, bytes);
  }
}

test('a later run finishes what an earlier one could not', async () => {
  const storage = new Refusing([
    ['LATEST', Buffer.from('/before')],
    [`${DIRECTORY}/BACKUP-CHECKPOINT`, randomBytes(3)],
  ]);
  storage.refused = 'LATEST';
  expect(await publishedLayer(storage, PAYLOAD)).toBeUndefined();
  await expect(publish(storage, PAYLOAD, manifest, undefined)).rejects.toThrow(
    `the backup in "${DIRECTORY}" is complete, but LATEST could not be made to name it: no LATEST here`,
  );
  expect(Buffer.from(storage.files.get('LATEST') ?? []).toString()).toBe('/before');
  expect((await publishedLayer(storage, PAYLOAD))?.formatVersion).toBe(1);
  storage.refused = undefined;
  await finishPublication(storage, PAYLOAD);
  expect(Buffer.from(storage.files.get('LATEST') ?? []).toString()).toBe(`/${DIRECTORY}`);
  expect([...storage.files.keys()].sort()).toEqual([
    `${DIRECTORY}/BACKUP_MANIFEST`,
    `${DIRECTORY}/BACKUP_MANIFEST-CHECKSUM`,
    'LATEST',
  ]);
});

test('a manifest without its checksum is written again', async () => {
  const storage = new Refusing();
  storage.refused = `${DIRECTORY}/BACKUP_MANIFEST-CHECKSUM`;
  await expect(publish(storage, PAYLOAD, manifest, undefined)).rejects.toThrow('no 2026');
  expect(await publishedLayer(storage, PAYLOAD)).toBeUndefined();
});

test('an encrypted layer; that of another job is none', async () => {
  const key = randomBytes(32);
  const payload = { ...PAYLOAD, key: key.toString('base64') };
  const storage = new MemoryStorage();
  await publish(storage, payload, manifest, (plain) => encryptBytes(plain, key));
  expect((await publishedLayer(storage, payload))?.formatVersion).toBe(1);
  expect(
    await publishedLayer(storage, { ...payload, backupId: randomBytes(16).toString('hex') }),
  ).toBeUndefined();
});

test('an incremental layer leaves LATEST alone', async () => {
  const storage = new MemoryStorage();
  await publish(
    storage,
    { ...PAYLOAD, base: [{ uri: 'nodelocal://1/c', directory: 'full' }] },
    manifest,
    undefined,
  );
  expect(storage.files.has('LATEST')).toBe(false);
});
