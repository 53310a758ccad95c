import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { create, toBinary } from '@bufbuild/protobuf';

import {
  BackupManifestSchema,
  BackupPartitionDescriptorSchema,
} from '../../../backup/format/gen/backup_pb';
import {
  listCollectionIncrementals,
  listFullBackups,
  listIncrementals,
  readLatest,
} from '../../../backup/format/layout';
import {
  readEncryptionInfo,
  readManifest,
  readPartitionDescriptor,
  readStatistics,
} from '../../../backup/format/manifest';
import { sha256Prefix } from '../../../base/checksum';
import { CorruptionError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import { MemoryStorage } from '../../support/memory-storage';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

const SUBDIRECTORY = {
  alltypes: '2026/11/22-171335.87',
  bank: '2026/11/22-171336.11',
  movr: '2026/11/22-171336.29',
} as const;

describe.each(Object.entries(SUBDIRECTORY))('collection %s', (name, subdirectory) => {
  const storage = MemoryStorage.fromDirectory(join(fixturesDir, 'backups', name));

  test('LATEST and the list of backups agree', async () => {
    expect(await readLatest(storage)).toBe(subdirectory);
    expect(await listFullBackups(storage)).toEqual([subdirectory]);
    expect(await listCollectionIncrementals(storage, subdirectory)).toEqual([]);
  });

  test('manifest and statistics', async () => {
    const { manifest, fileName } = await readManifest(storage, subdirectory);
    expect(fileName).toBe('BACKUP_MANIFEST');
    expect(manifest.clusterId.length).toBe(16);
    expect(manifest.formatVersion).toBe(1);
    for (const file of manifest.files)
      expect(storage.files.has(`${subdirectory}/${file.path}`)).toBe(true);
    expect((await readStatistics(storage, subdirectory)).statistics).toBeDefined();
  });

  test('every bit of the manifest is covered by its checksum', async () => {
    const path = `${subdirectory}/BACKUP_MANIFEST`;
    const bytes = storage.files.get(path) as Uint8Array;
    for (let bit = 0; bit < bytes.length * 8; bit += 997) {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const damaged = new MemoryStorage(storage.files);
      damaged.files.set(path, copy);
      await expect(readManifest(damaged, subdirectory)).rejects.toThrow(/checksum mismatch/);
    }
  });
});

const manifest = create(BackupManifestSchema, {
  endTime: { wallTime: 7n },
  descriptors: [
    { union: { case: 'table', value: { id: 53, name: 't', version: 1 } } },
    { union: { case: 'table', value: { id: 54, name: 'u', version: 2 } } },
  ],
  descriptorChanges: [{ desc: { union: { case: 'table', value: { id: 55, version: 1 } } } }],
});
const bytes = toBinary(BackupManifestSchema, manifest);

describe('names of manifests', () => {
  test.each([['BACKUP'], ['BACKUP_MANIFEST'], ['BACKUP_METADATA']])('%s', async (name) => {
    for (const stored of [bytes, gzipSync(bytes)]) {
      const layer = await readManifest(new MemoryStorage([[`a/b/${name}`, stored]]), 'a/b');
      expect(layer.fileName).toBe(name);
      expect(layer.manifest.endTime?.wallTime).toBe(7n);
    }
  });

  test('the newest name wins', async () => {
    const files: [string, Uint8Array][] = ['BACKUP', 'BACKUP_MANIFEST'].map((name) => [
      name,
      bytes,
    ]);
    expect((await readManifest(new MemoryStorage(files), '')).fileName).toBe('BACKUP_MANIFEST');
  });

  test('a slim manifest gives way to the whole one', async () => {
    const slim = toBinary(
      BackupManifestSchema,
      create(BackupManifestSchema, { hasExternalManifestSsts: true }),
    );
    const storage = new MemoryStorage([['BACKUP_METADATA', slim]]);
    await expect(readManifest(storage, '')).rejects.toThrow(/BACKUP_METADATA/);
    storage.files.set('BACKUP_MANIFEST', bytes);
    expect((await readManifest(storage, '')).fileName).toBe('BACKUP_MANIFEST');
  });

  test('no manifest: as the storage says of BACKUP_MANIFEST', async () => {
    await expect(readManifest(new MemoryStorage(), 'x')).rejects.toMatchObject({
      sqlstate: '58P01',
      message: 'memory storage file does not exist: x/BACKUP_MANIFEST',
    });
  });
});

describe('contents of manifests', () => {
  test('tables of version 1 without a time get one', async () => {
    const layer = await readManifest(new MemoryStorage([['BACKUP', bytes]]), '');
    const times = layer.manifest.descriptors.map(({ union }) =>
      union.case === 'table' ? union.value.modificationTime?.wallTime : -1n,
    );
    expect(times).toEqual([1n, undefined]);
    const changed = layer.manifest.descriptorChanges[0]?.desc?.union;
    expect(changed?.case === 'table' && changed.value.modificationTime?.wallTime).toBe(1n);
  });

  const read = (stored: Uint8Array, checksum?: Uint8Array): Promise<unknown> => {
    const storage = new MemoryStorage([['BACKUP_MANIFEST', stored]]);
    if (checksum !== undefined) storage.files.set('BACKUP_MANIFEST-CHECKSUM', checksum);
    return readManifest(storage, '');
  };

  test('checksum', async () => {
    await expect(read(bytes, sha256Prefix(bytes, 4))).resolves.toBeDefined();
    await expect(read(bytes, new Uint8Array(0))).rejects.toThrow(CorruptionError);
    await expect(read(bytes, Buffer.from('00000000', 'hex'))).rejects.toThrow(
      /^memory:\/BACKUP_MANIFEST: checksum mismatch; expected 00000000, got [0-9a-f]{8}$/,
    );
  });

  test('an encrypted manifest without a key', async () => {
    await expect(read(Buffer.from('encrypt\x02 and more'))).rejects.toMatchObject({
      sqlstate: '22023',
      message: 'file appears encrypted -- try specifying one of "encryption_passphrase" or "kms"',
    });
  });

  test('decryption comes before decompression', async () => {
    const stored = Buffer.concat([Buffer.from('encrypt'), gzipSync(bytes)]);
    const storage = new MemoryStorage([['BACKUP_MANIFEST', stored]]);
    const layer = await readManifest(storage, '', (input) => input.subarray(7));
    expect(layer.manifest.endTime?.wallTime).toBe(7n);
  });

  test('damaged gzip data', async () => {
    const stored = gzipSync(bytes);
    await expect(read(stored.subarray(0, stored.length - 9))).rejects.toThrow(CorruptionError);
    stored[12] = (stored[12] ?? 0) ^ 0x55;
    await expect(read(stored)).rejects.toThrow(CorruptionError);
  });

  test('what decompresses to more than a manifest may have is not decompressed', async () => {
    const max = limits.manifestBytesMax;
    try {
      Object.assign(limits, { manifestBytesMax: 100_000 });
      const bomb = gzipSync(new Uint8Array(5_000_000));
      expect(bomb.length).toBeLessThan(10_000);
      await expect(read(bomb)).rejects.toMatchObject({ sqlstate: '54000' });
    } finally {
      Object.assign(limits, { manifestBytesMax: max });
    }
  });

  test('elided key prefixes are refused', async () => {
    const elided = create(BackupManifestSchema, { elidedPrefix: 2 });
    await expect(read(toBinary(BackupManifestSchema, elided))).rejects.toMatchObject({
      sqlstate: '0A000',
    });
  });

  test('partition descriptors, encryption info', async () => {
    const part = create(BackupPartitionDescriptorSchema, {
      localityKv: 'region=us-east',
      files: [{ path: '1.sst' }],
    });
    const storage = new MemoryStorage([
      ['BACKUP_PART_1_region_us', gzipSync(toBinary(BackupPartitionDescriptorSchema, part))],
      ['ENCRYPTION-INFO', Buffer.from('121030313233343536373839616263646566', 'hex')],
    ]);
    expect(await readPartitionDescriptor(storage, 'BACKUP_PART_1_region_us')).toEqual(part);
    const { salt } = await readEncryptionInfo(storage, '');
    expect(Buffer.from(salt).toString()).toBe('0123456789abcdef');
  });
});

const file = new Uint8Array(1);
const storageOf = (...paths: string[]): MemoryStorage =>
  new MemoryStorage(paths.map((path) => [path, file]));

describe('layout of collections', () => {
  test('full backups are three folders deep', async () => {
    const storage = storageOf(
      'LATEST',
      '2021/05/13-101500.53/BACKUP_MANIFEST',
      '2021/05/13-101500.53/BACKUP_MANIFEST-CHECKSUM',
      '2021/05/13-101500.53/20210513/113000.00/BACKUP_MANIFEST',
      '2020/05/13-101500.53/BACKUP_MANIFEST',
      '2020/05/14-101500.53/BACKUP-CHECKPOINT',
      'incrementals/2021/05/13-101500.53/20210513/113000.00/BACKUP_MANIFEST',
      'x/BACKUP_MANIFEST',
    );
    expect(await listFullBackups(storage)).toEqual([
      '2020/05/13-101500.53',
      '2021/05/13-101500.53',
    ]);
  });

  test('incremental layers in chain order', async () => {
    const full = '2021/05/13-101500.53';
    const storage = storageOf(
      `${full}/BACKUP_MANIFEST`,
      `${full}/20210514/093000.00/BACKUP_MANIFEST`,
      `${full}/20210513/113000.00/BACKUP_MANIFEST`,
      `${full}/20210513/113000.5/BACKUP_MANIFEST`,
      `${full}/20210515/093000.00/BACKUP-CHECKPOINT`,
      `${full}/data/093000.00/BACKUP_MANIFEST`,
    );
    const layers = [`${full}/20210513/113000.00`, `${full}/20210514/093000.00`];
    expect(await listIncrementals(storage, full)).toEqual(layers);
    expect(await listCollectionIncrementals(storage, `${full}/`)).toEqual(layers);
  });

  test('incremental layers of 22.1, and both places at once', async () => {
    const full = '2022/05/13-101500.53';
    const beside = `incrementals/${full}/20220513/113000.00-20220513-101500.53`;
    const storage = storageOf(`${beside}/BACKUP_MANIFEST`);
    expect(await listCollectionIncrementals(storage, full)).toEqual([beside]);
    storage.files.set(`${full}/20220513/113000.00/BACKUP_MANIFEST`, file);
    await expect(listCollectionIncrementals(storage, full)).rejects.toMatchObject({
      sqlstate: '55000',
    });
  });

  test('a backup in the location itself', async () => {
    const storage = storageOf('BACKUP_MANIFEST', '20210513/113000.00/BACKUP_MANIFEST');
    expect(await listIncrementals(storage, '')).toEqual(['20210513/113000.00']);
  });

  test('LATEST', async () => {
    const latest = (text: string): Promise<string> =>
      readLatest(new MemoryStorage([['LATEST', Buffer.from(text)]]));
    expect(await latest('/2021/05/13-101500.53')).toBe('2021/05/13-101500.53');
    for (const text of ['', '/', '../other', '2021/../../etc'])
      await expect(latest(text)).rejects.toThrow('malformed LATEST file');
    await expect(readLatest(new MemoryStorage())).rejects.toMatchObject({
      sqlstate: '58P01',
      message: 'path does not contain a completed latest backup',
    });
  });

  test('LATEST of 22.1: the first name is the newest', async () => {
    const storage = new MemoryStorage([
      ['LATEST', Buffer.from('/old')],
      ['metadata/latest/LATEST-02', Buffer.from('/second')],
      ['metadata/latest/LATEST-01', Buffer.from('/first')],
    ]);
    expect(await readLatest(storage)).toBe('first');
  });
});

describeShared('statistics of real clusters', () => {
  test('tpcc', async () => {
    const storage = MemoryStorage.fromDirectory(join(sharedDir, 'backups', 'generated', 'tpcc-1'));
    const { statistics } = await readStatistics(storage, await readLatest(storage));
    expect(Array.isArray(statistics)).toBe(true);
  });
});
