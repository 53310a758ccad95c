import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';

import type { ChainSource } from '../../../backup/chain';
import { type BackupManifest, BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import type { Family } from '../../../catalog/descriptor/gen/type_pb';
import { fixturesDir } from '../../support/shared';
import { latestIn, RestoreHarness } from './support/restore-harness';

/**
 * Backups with one thing wrong, restored as the statement does it: each gives one error that names the file, and leaves the
 * store as it was, so that the same RESTORE from the intact backup works afterwards.
 */

const LAYER = 'bank/2026/11/22-171336.11';
const MANIFEST = `${LAYER}/BACKUP_MANIFEST`;
/** Of bank.transfers: several blocks. */
const LARGE_TABLE = `${LAYER}/1229773917932322817.sst`;
/** Of bank.customers: one block. */
const SMALL_TABLE = `${LAYER}/1229773917896802305.sst`;

interface Fault {
  readonly name: string;
  /** Breaks the copy of the backup in `io`. */
  readonly damage: (io: string) => void;
  readonly error: RegExp;
  /** Default: LATEST of the collection. */
  readonly source?: ChainSource;
  /** The fault is found by the job, not by the statement before it. */
  readonly failsJob?: boolean;
}

const flip = (io: string, path: string, at: number, bits = 0x01): void => {
  const bytes = readFileSync(join(io, path));
  bytes.writeUInt8(bytes.readUInt8(at) ^ bits, at);
  writeFileSync(join(io, path), bytes);
};

const cut = (io: string, path: string, bytes: number): void => truncateSync(join(io, path), bytes);

/** Writes the manifest back without its checksum, as older versions leave it. */
function editManifest(io: string, edit: (manifest: BackupManifest) => void): void {
  const manifest = fromBinary(BackupManifestSchema, gunzipSync(readFileSync(join(io, MANIFEST))));
  edit(manifest);
  writeManifest(io, gzipSync(toBinary(BackupManifestSchema, manifest)));
}

function writeManifest(io: string, bytes: Uint8Array): void {
  writeFileSync(join(io, MANIFEST), bytes);
  rmSync(join(io, `${MANIFEST}-CHECKSUM`), { force: true });
}

const editDescriptor =
  (name: string, edit: (descriptor: Descriptor['union']) => void) =>
  (io: string): void =>
    editManifest(io, (manifest) => {
      const found = manifest.descriptors.find((each) => each.union.value?.name === name);
      if (found === undefined) throw new Error(`no descriptor ${name}`);
      edit(found.union);
    });

const layers = (...uris: string[]): ChainSource => ({ kind: 'layers', uris });

const FILE_FAULTS: readonly Fault[] = [
  {
    name: 'a missing SSTable',
    damage: (io) => rmSync(join(io, LARGE_TABLE)),
    error: /does not exist: .*1229773917932322817\.sst/,
    failsJob: true,
  },
  {
    name: 'an SSTable cut in its middle',
    damage: (io) => cut(io, LARGE_TABLE, 100_000),
    error: /1229773917932322817\.sst/,
    failsJob: true,
  },
  {
    name: 'an empty SSTable',
    damage: (io) => cut(io, SMALL_TABLE, 0),
    error: /1229773917896802305\.sst/,
    failsJob: true,
  },
  {
    name: 'a flipped bit in a data block',
    damage: (io) => flip(io, LARGE_TABLE, 90_000),
    error: /1229773917932322817\.sst at offset \d+: .*checksum/,
    failsJob: true,
  },
  {
    name: 'a footer that points behind the file',
    damage: (io) => {
      const size = readFileSync(join(io, LARGE_TABLE)).length;
      for (let at = size - 47; at < size - 40; at++) flip(io, LARGE_TABLE, at, 0xff);
    },
    error: /1229773917932322817\.sst/,
    failsJob: true,
  },
  {
    name: 'a directory where an SSTable should be',
    damage: (io) => {
      rmSync(join(io, SMALL_TABLE));
      mkdirSync(join(io, SMALL_TABLE));
    },
    error: /1229773917896802305\.sst is a directory/,
    failsJob: true,
  },
  {
    name: 'an SSTable that is a link out of the external-io-dir',
    damage: (io) => {
      rmSync(join(io, SMALL_TABLE));
      symlinkSync('/etc/passwd', join(io, SMALL_TABLE));
    },
    error: /outside of external-io-dir is not allowed: .*1229773917896802305\.sst/,
    failsJob: true,
  },
  {
    name: 'an SSTable in the place of another',
    damage: (io) => renameSync(join(io, SMALL_TABLE), join(io, LARGE_TABLE)),
    error: /1229773917896802305\.sst|1229773917932322817\.sst/,
    failsJob: true,
  },
];

const MANIFEST_FAULTS: readonly Fault[] = [
  {
    name: 'a missing manifest',
    damage: (io) => rmSync(join(io, MANIFEST)),
    error: /does not exist: .*BACKUP_MANIFEST/,
  },
  {
    name: 'a flipped bit in the manifest',
    damage: (io) => flip(io, MANIFEST, 700),
    error: /BACKUP_MANIFEST: checksum mismatch; expected [0-9a-f]{8}, got [0-9a-f]{8}/,
  },
  {
    name: 'a cut manifest',
    damage: (io) => cut(io, MANIFEST, 900),
    error: /BACKUP_MANIFEST: checksum mismatch/,
  },
  {
    name: 'a cut checksum',
    damage: (io) => cut(io, `${MANIFEST}-CHECKSUM`, 2),
    error: /BACKUP_MANIFEST: checksum mismatch/,
  },
  {
    name: 'a manifest that is no manifest',
    damage: (io) => writeManifest(io, Buffer.from('#!/bin/sh\necho hello\n')),
    error: /BACKUP_MANIFEST: not a BackupManifest message/,
  },
  {
    name: 'a manifest with a length field of 2^63',
    damage: (io) => writeManifest(io, gzipSync(Buffer.from('22ffffffffffffffff7f', 'hex'))),
    error: /BACKUP_MANIFEST: not a BackupManifest message/,
  },
  {
    name: 'an encrypted manifest',
    damage: (io) => writeManifest(io, Buffer.from('encrypt\u0002and nobody can read the rest')),
    error: /file appears encrypted/,
  },
  {
    name: 'a gzip bomb',
    damage: (io) => writeManifest(io, gzipSync(Buffer.alloc((1 << 30) + 1), { level: 1 })),
    error: /BACKUP_MANIFEST exceeds 1073741824 bytes when decompressed/,
  },
  {
    name: 'gzip that ends too early',
    damage: (io) => {
      const bytes = readFileSync(join(io, MANIFEST));
      writeManifest(io, bytes.subarray(0, bytes.length - 200));
    },
    error: /BACKUP_MANIFEST: invalid gzip data/,
  },
  {
    name: 'a missing LATEST',
    damage: (io) => rmSync(join(io, 'bank/LATEST')),
    error: /path does not contain a completed latest backup/,
  },
  {
    name: 'an empty LATEST',
    damage: (io) => cut(io, 'bank/LATEST', 0),
    error: /malformed LATEST file/,
  },
  {
    name: 'a LATEST that leads out of the collection',
    damage: (io) => writeFileSync(join(io, 'bank/LATEST'), '/../../etc'),
    error: /malformed LATEST file/,
  },
  {
    name: 'a file path that leaves the external-io-dir',
    damage: (io) =>
      editManifest(io, (manifest) => {
        for (const file of manifest.files) file.path = `../../../../../../etc/${file.path}`;
      }),
    error: /outside of external-io-dir is not allowed: \.\./,
    failsJob: true,
  },
  {
    name: 'spans that the backup does not cover',
    damage: (io) =>
      editManifest(io, (manifest) => {
        manifest.spans.splice(1, 1);
      }),
    error: /no backup covers time \[0\.000000000,0,1795367616\.\d+,0\) for range \[\/Table/,
    failsJob: true,
  },
  {
    name: 'a URL that leaves the external-io-dir',
    damage: () => undefined,
    source: layers('nodelocal://1/../../etc'),
    error: /outside of external-io-dir is not allowed: \.\.\/\.\.\/etc/,
  },
  {
    name: 'a subdirectory that leaves the external-io-dir',
    damage: () => undefined,
    source: { kind: 'collection', subdirectory: '../../../etc', collection: 'nodelocal://1/bank' },
    error: /outside of external-io-dir is not allowed: \.\./,
  },
];

const DESCRIPTOR_FAULTS: readonly Fault[] = [
  {
    name: 'a column of an unknown type',
    damage: editDescriptor('customers', ({ value, case: kind }) => {
      if (kind === 'table' && value.columns[1]?.type) value.columns[1].type.family = 4242 as Family;
    }),
    error: /4242/,
  },
  {
    name: 'a table without a primary index',
    damage: editDescriptor('customers', ({ value, case: kind }) => {
      if (kind === 'table') delete value.primaryIndex;
    }),
    error: /22-171336\.11: table \d+ \("customers"\): no primary index/,
  },
  {
    name: 'a primary key of an unknown column',
    damage: editDescriptor('customers', ({ value, case: kind }) => {
      if (kind === 'table' && value.primaryIndex) value.primaryIndex.keyColumnIds = [77];
    }),
    error: /table \d+ \("customers"\): index 1 \("primary"\) names column 77/,
  },
  {
    name: 'two columns of one id',
    damage: editDescriptor('customers', ({ value, case: kind }) => {
      if (kind === 'table' && value.columns[1]) value.columns[1].id = 1;
    }),
    error: /table \d+ \("customers"\): two columns have id 1/,
  },
  {
    name: 'an enum whose array type is missing',
    damage: editDescriptor('status', ({ value, case: kind }) => {
      if (kind === 'type') value.arrayTypeId = 999;
    }),
    error: /type \d+ \("status"\): array type 999 is not in the backup/,
  },
  {
    name: 'a table of an unknown schema',
    damage: editDescriptor('old', ({ value, case: kind }) => {
      if (kind === 'table') value.unexposedParentSchemaId = 998;
    }),
    error: /table \d+ \("old"\): its database has no schema 998/,
  },
  {
    name: 'two tables of one name',
    damage: editDescriptor('accounts', ({ value, case: kind }) => {
      if (kind === 'table') value.name = 'customers';
    }),
    error: /table \d+ \("customers"\): another descriptor has its name/,
  },
  {
    name: 'a descriptor of an unknown kind',
    damage: (io) =>
      editManifest(io, (manifest) => {
        const unknown = fromBinary(DescriptorSchema, Buffer.from('7a00', 'hex'));
        manifest.descriptors.push(unknown);
      }),
    error: /22-171336\.11: descriptor of an unknown kind/,
  },
  {
    name: 'a backup of a newer version',
    damage: (io) =>
      editManifest(io, (manifest) => {
        const clusterVersion = { majorVal: 24, minorVal: 1 };
        const newer: MessageInitShape<typeof BackupManifestSchema> = { clusterVersion };
        Object.assign(manifest, create(BackupManifestSchema, newer), {
          descriptors: manifest.descriptors,
        });
      }),
    error: /backup from version 24\.1 is newer than current version 21\.2/,
  },
];

let io: string;
let harness: RestoreHarness;
let intactRows: string;

function resetBackup(): void {
  rmSync(join(io, 'bank'), { recursive: true, force: true });
  cpSync(join(fixturesDir, 'backups', 'bank'), join(io, 'bank'), { recursive: true });
}

beforeAll(async () => {
  io = mkdtempSync(join(tmpdir(), 'ootheca-io-'));
  harness = await RestoreHarness.open(io);
  resetBackup();
  await harness.restoreDatabase('bank', latestIn('bank'));
  intactRows = harness.rows('bank');
  await harness.dropDatabase('bank');
});

afterAll(async () => {
  await harness.close();
  rmSync(io, { recursive: true });
});

beforeEach(resetBackup);

describe.each([
  ['files', FILE_FAULTS],
  ['manifest and location', MANIFEST_FAULTS],
  ['descriptors', DESCRIPTOR_FAULTS],
])('%s', (_, faults) => {
  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    fault.damage(io);
    const before = harness.contents();
    const jobBefore = harness.lastJob()?.id;
    const restored = harness.restoreDatabase('bank', fault.source ?? latestIn('bank'));
    await expect(restored).rejects.toThrow(fault.error);
    expect(harness.contents()).toEqual(before);
    const job = harness.lastJob();
    if (fault.failsJob) {
      expect(job).toMatchObject({ status: 'failed', error: expect.stringMatching(fault.error) });
    } else expect(job?.id).toBe(jobBefore);

    resetBackup();
    await harness.restoreDatabase('bank', latestIn('bank'));
    expect(harness.rows('bank')).toBe(intactRows);
    await harness.dropDatabase('bank');
  });
});
