import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decryptBytes, openDecrypted } from '../../backup/encryption';
import type { ExternalFile } from '../../storage/external/external-storage';
import { encryptBytes, keyOf } from '../support/encrypt-backup';
import { describeShared, sharedDir } from '../support/shared';

const bytesFile = (bytes: Uint8Array): ExternalFile & { closed: boolean } => ({
  name: 'f.sst',
  sizeBytes: bytes.length,
  closed: false,
  read: async (start, end) => bytes.subarray(start, end),
  async close() {
    this.closed = true;
  },
});

const key = keyOf('secret', Buffer.alloc(16, 7));
const plainOf = (length: number): Buffer =>
  Buffer.from('backup!'.repeat(length / 7 + 1)).subarray(0, length);

describeShared('files that the original wrote', () => {
  const folder = join(sharedDir, 'format', 'expected', 'enc');

  test.each([0, 1, 100, 65_535, 65_536, 65_537])('%d bytes', (length) => {
    const original = keyOf('correct horse', readFileSync(join(folder, 'salt')));
    const stored = readFileSync(join(folder, `${length}.enc`));
    expect(Buffer.compare(decryptBytes(stored, original, 'x'), plainOf(length))).toBe(0);
  });
});

test.each([1, 2] as const)('version %d is read from anywhere', async (version) => {
  const plain = plainOf(200_000);
  const file = await openDecrypted(bytesFile(encryptBytes(plain, key, version)), key);
  expect(file.sizeBytes).toBe(plain.length);
  for (const [start, end] of [
    [0, 10],
    [65_530, 65_540],
    [131_072, 200_000],
    [65_536, 131_072],
    [0, 200_000],
    [5, 5],
  ] as const) {
    expect(Buffer.compare(await file.read(start, end), plain.subarray(start, end))).toBe(0);
  }
  await expect(file.read(199_999, 200_001)).rejects.toThrow('truncated');
});

test('a wrong key, a file that is not encrypted, one that was cut off between chunks', async () => {
  const stored = encryptBytes(plainOf(70_000), key, 2);
  const wrong = keyOf('Secret', Buffer.alloc(16, 7));
  expect(() => decryptBytes(stored, wrong, 'x')).toThrow(
    'failed to decrypt — maybe incorrect key: cipher: message authentication failed',
  );
  expect(() => decryptBytes(Buffer.from('plain'), key, 'x')).toThrow(
    'file does not appear to be encrypted',
  );
  const cut = stored.subarray(0, 20 + 65_536 + 16);
  expect(() => decryptBytes(cut, key, 'x')).toThrow('truncated');
  const file = bytesFile(cut);
  await expect(openDecrypted(file, key)).rejects.toThrow('truncated');
  expect(file.closed).toBe(true);
  stored[7] = 9;
  expect(() => decryptBytes(stored, key, 'x')).toThrow(
    'unexpected encryption scheme/config version 9',
  );
});
