import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import { create, fromBinary, toBinary } from '@bufbuild/protobuf';

import type { ChainSource } from '../../../backup/chain';
import {
  BackupManifestSchema,
  BackupPartitionDescriptorSchema,
} from '../../../backup/format/gen/backup_pb';
import type { RestoreOptions } from '../../../backup/restore/request';
import { encryptBackup } from '../../support/encrypt-backup';
import { partitionBackup } from '../../support/partition-backup';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';
import { RestoreHarness } from './support/restore-harness';

/**
 * What can be wrong with the parts of a backup that not every backup has: encryption, localities, incremental layers. As
 * bad-input.test.ts, which has those of a single plain layer.
 */

interface Fault {
  readonly name: string;
  /** Breaks the copy of the backup in `io`. */
  readonly damage: (io: string) => void;
  readonly error: RegExp;
  readonly source?: ChainSource;
  readonly options?: Partial<RestoreOptions>;
  /** The fault is found by the job, not by the statement before it. */
  readonly failsJob?: true;
}

interface Kind {
  readonly database: string;
  readonly source: ChainSource;
  readonly options?: Partial<RestoreOptions>;
  /** Puts the intact backup into `io`. */
  readonly copy: (io: string) => void;
}

function describeFaults(kind: Kind, faults: readonly Fault[]): void {
  let io: string;
  let harness: RestoreHarness;
  let intactRows: string;
  const targets = { kind: 'databases', names: [kind.database] } as const;
  const restoreIntact = () => harness.restore(targets, kind.source, kind.options);

  beforeAll(async () => {
    io = mkdtempSync(join(tmpdir(), 'ootheca-io-'));
    harness = await RestoreHarness.open(io);
    kind.copy(io);
    await restoreIntact();
    intactRows = harness.rows(kind.database);
    await harness.dropDatabase(kind.database);
  });
  afterAll(async () => {
    await harness.close();
    rmSync(io, { recursive: true });
  });

  test.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    fault.damage(io);
    const before = harness.contents();
    const jobBefore = harness.lastJob()?.id;
    const { source = kind.source, options = kind.options } = fault;
    await expect(harness.restore(targets, source, options)).rejects.toThrow(fault.error);
    expect(harness.contents()).toEqual(before);
    const job = harness.lastJob();
    if (fault.failsJob) {
      expect(job).toMatchObject({ status: 'failed', error: expect.stringMatching(fault.error) });
    } else expect(job?.id).toBe(jobBefore);

    for (const entry of readdirSync(io)) rmSync(join(io, entry), { recursive: true });
    kind.copy(io);
    await restoreIntact();
    expect(harness.rows(kind.database)).toBe(intactRows);
    await harness.dropDatabase(kind.database);
  });
}

const remove =
  (path: string) =>
  (io: string): void =>
    rmSync(join(io, path));

const edit =
  (path: string, change: (bytes: Buffer) => Uint8Array) =>
  (io: string): void =>
    writeFileSync(join(io, path), change(readFileSync(join(io, path))));

const cutTo = (path: string, size: number) => edit(path, (bytes) => bytes.subarray(0, size));

const flip = (path: string, at: number) =>
  edit(path, (bytes) => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  });

const LAYER = '2026/11/22-171336.11';
const LARGE = `${LAYER}/1229773917932322817.sst`;
const SMALL = `${LAYER}/1229773917896802305.sst`;
const bank = join(fixturesDir, 'backups', 'bank');
const at = (path: string): string => `nodelocal://1/${path}`;

describe('of an encrypted backup', () => {
  const options = { secret: { kind: 'passphrase', passphrase: 'right' } } as const;
  const info = `${LAYER}/ENCRYPTION-INFO`;
  const manifest = `${LAYER}/BACKUP_MANIFEST`;
  describeFaults(
    {
      database: 'bank',
      source: { kind: 'layers', uris: [at(LAYER)] },
      options,
      copy(io) {
        cpSync(bank, io, { recursive: true });
        encryptBackup([join(io, LAYER)], 'right');
      },
    },
    [
      {
        name: 'a wrong passphrase',
        damage: () => undefined,
        options: { secret: { kind: 'passphrase', passphrase: 'wrong' } },
        error: /failed to decrypt — maybe incorrect key/,
      },
      {
        name: 'no passphrase',
        damage: () => undefined,
        options: {},
        error: /file appears encrypted/,
      },
      {
        name: 'no ENCRYPTION-INFO',
        damage: remove(info),
        error: /could not find or read encryption information/,
      },
      {
        name: 'an ENCRYPTION-INFO that is cut',
        damage: cutTo(info, 9),
        error: /ENCRYPTION-INFO|could not find or read encryption information/,
      },
      {
        name: 'an empty ENCRYPTION-INFO',
        damage: cutTo(info, 0),
        error: /ENCRYPTION-INFO|could not find or read encryption information|incorrect key/,
      },
      {
        name: 'a salt with a flipped bit',
        damage: flip(info, 10),
        error: /failed to decrypt — maybe incorrect key/,
      },
      {
        name: 'a manifest that is cut',
        damage: cutTo(manifest, 300),
        error: /BACKUP_MANIFEST/,
      },
      {
        name: 'a data file with a flipped bit',
        damage: flip(LARGE, 70_000),
        error: /1229773917932322817\.sst.*message authentication failed/,
        failsJob: true,
      },
      {
        name: 'a data file that is cut between two chunks',
        damage: cutTo(LARGE, 20 + 65_552),
        error: /1229773917932322817\.sst.*truncated/,
        failsJob: true,
      },
      {
        name: 'a data file that is not encrypted',
        damage: (io) => cpSync(join(bank, SMALL), join(io, SMALL)),
        error: /1229773917896802305\.sst.*does not appear to be encrypted/,
        failsJob: true,
      },
      {
        name: 'a data file that is missing',
        damage: remove(LARGE),
        error: /does not exist: .*1229773917932322817\.sst/,
        failsJob: true,
      },
    ],
  );
});

describe('of a backup with a location for each locality', () => {
  const LOCALITY = 'region=us-east1';
  const PART = `other/BACKUP_PART_1_${LOCALITY}`;
  const uris = [
    `${at('local')}?COCKROACH_LOCALITY=default`,
    `${at('other')}?COCKROACH_LOCALITY=${encodeURIComponent(LOCALITY)}`,
  ];
  /** A file that has moved to the other location and holds rows. */
  const moved = (io: string): string => {
    const bytes = gunzipSync(readFileSync(join(io, 'local/BACKUP_MANIFEST')));
    const found = fromBinary(BackupManifestSchema, bytes).files.find((f) => f.localityKv !== '');
    return `other/${found?.path}`;
  };
  describeFaults(
    {
      database: 'bank',
      source: { kind: 'layers', uris: [uris] },
      copy(io) {
        cpSync(join(bank, LAYER), join(io, 'local'), { recursive: true });
        partitionBackup(join(io, 'local'), join(io, 'other'), LOCALITY);
      },
    },
    [
      {
        name: 'no partition descriptor',
        damage: remove(PART),
        error: /expected manifest BACKUP_PART_1_region=us-east1 not found in backup locations/,
      },
      {
        name: 'a partition descriptor that is cut',
        damage: cutTo(PART, 40),
        error: /BACKUP_PART_1_region=us-east1/,
      },
      {
        name: 'a partition descriptor that is none',
        damage: (io) => writeFileSync(join(io, PART), 'hello'),
        error: /BACKUP_PART_1_region=us-east1/,
      },
      {
        name: 'a partition descriptor of another backup',
        damage: edit(PART, (bytes) => {
          const part = fromBinary(BackupPartitionDescriptorSchema, gunzipSync(bytes));
          const other = create(BackupPartitionDescriptorSchema, {
            ...part,
            backupId: Buffer.alloc(16, 7),
          });
          return gzipSync(toBinary(BackupPartitionDescriptorSchema, other));
        }),
        error: /expected backup part to have backup ID .*, found 07070707-0707-/,
      },
      {
        name: 'a location that was forgotten',
        damage: () => undefined,
        source: { kind: 'layers', uris: [[at('local')]] },
        error: /expected manifest BACKUP_PART_1_region=us-east1 not found in backup locations/,
      },
      {
        name: 'a data file that is missing in its location',
        damage: (io) => remove(moved(io))(io),
        error: /does not exist: .*\/other\/\d+\.sst/,
        failsJob: true,
      },
      {
        name: 'a data file that is cut in its location',
        damage: (io) => cutTo(moved(io), 100)(io),
        error: /other\/\d+\.sst/,
        failsJob: true,
      },
    ],
  );
});

describeShared('of an incremental chain', () => {
  const chain = join(sharedDir, 'backups', 'upstream', 'incremental-chain-v20.2.7');
  const layers = ['0', '1', '2', '3', '4'];
  const listed = (...names: string[]): ChainSource => ({ kind: 'layers', uris: names.map(at) });
  /** The layer's largest data file. */
  const data = (layer: string): string => {
    const files = readdirSync(join(chain, layer)).filter((name) => name.endsWith('.sst'));
    const size = (name: string): number => readFileSync(join(chain, layer, name)).length;
    return `${layer}/${files.sort((a, b) => size(b) - size(a))[0]}`;
  };
  const nameOf = (path: string): RegExp => new RegExp(path.replace('.', '\\.'));
  const inLayer = (layer: string): Fault[] => [
    {
      name: `layer ${layer}: no manifest`,
      damage: remove(`${layer}/BACKUP_MANIFEST`),
      error: new RegExp(`does not exist: .*/${layer}/BACKUP_MANIFEST`),
    },
    {
      name: `layer ${layer}: a manifest with a flipped bit`,
      damage: flip(`${layer}/BACKUP_MANIFEST`, 500),
      error: new RegExp(`${layer}/BACKUP_MANIFEST: checksum mismatch`),
    },
    {
      name: `layer ${layer}: a checksum that is cut`,
      damage: cutTo(`${layer}/BACKUP_MANIFEST-CHECKSUM`, 1),
      error: new RegExp(`${layer}/BACKUP_MANIFEST: checksum mismatch`),
    },
    {
      name: `layer ${layer}: a data file is missing`,
      damage: (io) => remove(data(layer))(io),
      error: nameOf(data(layer)),
      failsJob: true,
    },
    {
      name: `layer ${layer}: a data file is cut`,
      damage: (io) => cutTo(data(layer), 200)(io),
      error: nameOf(data(layer)),
      failsJob: true,
    },
    {
      name: `layer ${layer}: a data file with a flipped bit`,
      damage: (io) => flip(data(layer), 20)(io),
      error: nameOf(data(layer)),
      failsJob: true,
    },
  ];
  describeFaults(
    {
      database: 'data',
      source: listed(...layers),
      copy(io) {
        for (const layer of layers)
          cpSync(join(chain, layer), join(io, layer), { recursive: true });
      },
    },
    [
      ...['0', '2', '4'].flatMap(inLayer),
      {
        name: 'a layer left out',
        damage: () => undefined,
        source: listed('0', '1', '3', '4'),
        error: /no backup covers time \[.*\) for range \[\/Table/,
        failsJob: true,
      },
      {
        name: 'layers out of order',
        damage: () => undefined,
        source: listed('0', '2', '1', '3', '4'),
        error: /no backup covers time \[.*\) for range \[\/Table/,
        failsJob: true,
      },
      {
        name: 'without the full backup',
        damage: () => undefined,
        source: listed('1', '2'),
        error: /no backup covers time \[/,
        failsJob: true,
      },
    ],
  );
});
