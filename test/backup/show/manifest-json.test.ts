import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { BackupChain } from '../../../backup/chain';
import { manifestJson } from '../../../backup/show/manifest-json';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

async function shown(externalIoDir: string, path: string): Promise<Record<string, unknown>> {
  const storage = { externalIoDir, nodeId: 1 };
  const layer = { uri: `nodelocal://1/${path}`, directory: '' };
  const chain = await BackupChain.open([layer], { storage });
  try {
    return JSON.parse(manifestJson(chain.last.manifest)) as Record<string, unknown>;
  } finally {
    await chain.close();
  }
}

test('zeros are shown, integers of 64 bits are texts, UUIDs and enums have their names', async () => {
  const io = join(fixturesDir, 'backups');
  const manifest = await shown(io, 'bank/2026/11/22-171336.11');
  expect(manifest).toMatchObject({
    startTime: { wallTime: '0', logical: 0, synthetic: false },
    clusterId: '021db0de-c6ab-4403-a420-5891329114ab',
    mvccFilter: 'Latest',
    descriptorCoverage: 0,
    completeDbs: [111],
    introducedSpans: [],
    clusterVersion: { majorVal: 21, minorVal: 1, patch: 0, internal: 8 },
    descriptors: expect.arrayContaining([
      { database: expect.objectContaining({ id: 111, schemas: { archive: expect.anything() } }) },
    ]) as unknown,
  });
  expect(manifest).not.toHaveProperty('dir');
});

/** The reference's decodes have names as in the messages, bytes in hex and what is zero left out. */
const camel = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Later names of the same fields. */
const RENAMED: Readonly<Record<string, string>> = {
  columnNames: 'keyColumnNames',
  columnIds: 'keyColumnIds',
  columnDirections: 'keyColumnDirections',
  extraColumnIds: 'keySuffixColumnIds',
};
const isIndex = (value: object): boolean => 'column_directions' in value;
const LEFT_OUT = new Set(['dir', '#unknown']);

const differences: string[] = [];

function compare(expected: unknown, actual: unknown, path: string): void {
  if (Array.isArray(expected)) {
    expected.forEach((item, i) => {
      compare(item, (actual as unknown[])?.[i], `${path}[${i}]`);
    });
    return;
  }
  if (expected !== null && typeof expected === 'object') {
    for (const [name, value] of Object.entries(expected)) {
      if (LEFT_OUT.has(name)) continue;
      const key = camel(name);
      const shownAs = isIndex(expected) ? (RENAMED[key] ?? key) : key;
      const fields = actual as Record<string, unknown> | undefined;
      compare(value, fields?.[shownAs] ?? fields?.[key] ?? fields?.[name], `${path}.${name}`);
    }
    return;
  }
  const forms = [
    actual,
    typeof actual === 'string' && /^[0-9-]+$/.test(actual) ? Number(actual) : actual,
  ];
  if (typeof actual === 'string') {
    forms.push(Buffer.from(actual, 'base64').toString('hex'), actual.replaceAll('-', ''));
  }
  if (!forms.includes(expected)) {
    differences.push(`${path}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
  }
}

/** Decodes whose backup is under another name, or has several. */
const BACKUP_OF: Readonly<Record<string, string>> = {
  'cluster_v20.1.7': 'cluster-v20.1.7',
  'fk-rev-history_v19.1.11': 'revision-history-v19.1.11',
  'seq-v20.2.5': 'sequences-v20.2.5',
  xDbRef: 'cross-database-type-v20.2',
  'v1.0.7': 'v1.0.7',
  'v2.1.8': 'v2.1.8',
  'v19.1.4': 'v19.1.4',
};

describeShared('equals the decodes of the format reference', () => {
  const folder = join(sharedDir, 'format', 'expected', 'manifests');
  const cases = readdirSync(folder).flatMap((file): [string, string][] => {
    const name = file.replace(/\.json$/, '');
    const layer = /^inc_missing_addsst_v20\.2\.7_(\d)$/.exec(name)?.[1];
    const backup = layer === undefined ? BACKUP_OF[name] : `incremental-chain-v20.2.7/${layer}`;
    return backup === undefined ? [] : [[file, backup]];
  });

  test.each(cases)('%s', async (file, backup) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const { manifest } = JSON.parse(text) as { manifest: unknown };
    differences.length = 0;
    compare(manifest, await shown(join(sharedDir, 'backups', 'upstream'), backup), '');
    // Tables of version 1 are given a time when they are read, as CockroachDB does.
    const untimed = /modification_time\.wall_time: "1" instead of 0$/;
    expect(differences.filter((line) => !untimed.test(line))).toEqual([]);
  });
});
