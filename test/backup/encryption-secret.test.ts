import { createHash } from 'node:crypto';
import {
  type EncryptionSecret,
  findKey,
  keptKey,
  makeKey,
  withOpenedKey,
} from '../../backup/encryption-secret';
import { writeEncryptionInfo } from '../../backup/format/manifest-writer';
import { SqlError } from '../../base/errors';
import type { OpenKms } from '../../storage/external/kms/kms';
import { MemoryStorage } from '../support/memory-storage';
import { seal, unseal } from '../support/storage-servers/fake-kms';

/** Keys of encrypted backups, with a KMS in this process. */

const opened: string[] = [];
let open = 0;
const openKms: OpenKms = async (uri) => {
  const masterKeyId = uri.replace(/^local:\/\/\//, '');
  opened.push(masterKeyId);
  open++;
  return {
    masterKeyId,
    encrypt: async (plain) => {
      if (masterKeyId === 'broken') throw new SqlError('connectionFailure', 'no answer');
      return seal(masterKeyId, plain);
    },
    decrypt: async (encrypted) => unseal(masterKeyId, encrypted),
    close: () => {
      open--;
    },
  };
};
const environment = { options: { externalIoDir: undefined, nodeId: 1 }, open: openKms };
const kms = (...names: string[]): EncryptionSecret => ({
  kind: 'kms',
  uris: names.map((name) => `local:///${name}`),
});

async function encrypted(secret: EncryptionSecret) {
  const { key, info } = await makeKey(secret, environment);
  const storage = new MemoryStorage();
  await writeEncryptionInfo(storage, 'full', info);
  const find = async (other: EncryptionSecret) =>
    (await findKey(storage, 'full', other, environment)).key;
  return { key: Buffer.from(key), info, storage, find };
}

afterEach(() => expect(open).toBe(0));

test('each KMS opens the backup', async () => {
  const { key, info, find } = await encrypted(kms('a', 'b/c'));
  expect(key).toHaveLength(32);
  expect(info.salt).toHaveLength(0);
  expect(info.encryptedDataKeys.map((entry) => Buffer.from(entry.key).toString('hex'))).toEqual(
    ['a', 'b/c'].map((name) => createHash('sha256').update(name).digest('hex')),
  );
  expect(Buffer.from(await find(kms('a'))).equals(key)).toBe(true);
  expect(Buffer.from(await find(kms('b/c', 'a'))).equals(key)).toBe(true);
  opened.length = 0;
  // The first one given is asked for the key, the others only have to be known.
  await find(kms('b/c', 'a'));
  expect(opened).toEqual(['b/c', 'a', 'b/c']);
});

test('a job keeps what a KMS encrypted, and asks it again', async () => {
  const made = await makeKey(kms('a', 'b'), environment);
  const storage = new MemoryStorage();
  await writeEncryptionInfo(storage, 'full', made.info);
  const found = await findKey(storage, 'full', kms('b'), environment);
  for (const [key, uri] of [
    [made, 'local:///a'],
    [found, 'local:///b'],
  ] as const) {
    const base64 = Buffer.from(key.key).toString('base64');
    const kept = { ...keptKey(key), directory: 'd' };
    expect(kept).toMatchObject({ kmsKey: { uri } });
    expect(JSON.stringify(kept)).not.toContain(base64);
    expect(await withOpenedKey(kept, environment)).toEqual({ directory: 'd', key: base64 });
  }
  const plain = keptKey({ key: Buffer.from('k') });
  expect(plain).toEqual({ key: 'aw==' });
  expect(await withOpenedKey(plain, environment)).toEqual(plain);
  expect(keptKey(undefined)).toEqual({});
});

test('a key is another each time, and only the backup’s own KMS find it', async () => {
  const one = await encrypted(kms('a'));
  const other = await encrypted(kms('a'));
  expect(one.key.equals(other.key)).toBe(false);
  const unknown =
    'one of the provided URIs was not used when encrypting the base BACKUP: could not find an entry in the encryptedDataKeyMap';
  await expect(one.find(kms('a', 'x'))).rejects.toThrow(unknown);
  await expect(one.find(kms('x'))).rejects.toThrow(unknown);
  await expect(one.find({ kind: 'passphrase', passphrase: 'p' })).rejects.toThrow(
    'encrypted with a KMS, not a passphrase',
  );
  const byPassphrase = await encrypted({ kind: 'passphrase', passphrase: 'p' });
  await expect(byPassphrase.find(kms('a'))).rejects.toThrow(unknown);
});

test('a passphrase makes its key with the salt', async () => {
  const { key, info, find } = await encrypted({ kind: 'passphrase', passphrase: 'p' });
  expect(info.salt).toHaveLength(16);
  expect(info.encryptedDataKeys).toHaveLength(0);
  expect(Buffer.from(await find({ kind: 'passphrase', passphrase: 'p' })).equals(key)).toBe(true);
});

test('a KMS that does not answer, a backup that is not encrypted', async () => {
  await expect(makeKey(kms('a', 'broken'), environment)).rejects.toThrow('no answer');
  const find = findKey(new MemoryStorage(), 'full', kms('a'), environment);
  await expect(find).rejects.toThrow('could not find or read encryption information: ');
});
