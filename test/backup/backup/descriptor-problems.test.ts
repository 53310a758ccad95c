import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { decodeMessage } from '../../../catalog/descriptor/decode';
import {
  LocalityConfigSchema,
  type TableDescriptor,
} from '../../../catalog/descriptor/gen/table_pb';
import { descriptorProblems } from '../../support/descriptor-rules/descriptor-problems';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

/** The rules for descriptors let those pass that CockroachDB wrote: one that they break is a wrong rule. */

async function problemsOf(layer: string): Promise<readonly string[]> {
  const stored = gunzipSync(readFileSync(join(layer, 'BACKUP_MANIFEST')));
  const { descriptors, completeDbs } = decodeMessage(BackupManifestSchema, stored, layer);
  return await descriptorProblems(descriptors, completeDbs);
}

describeShared('descriptors that CockroachDB wrote are right', () => {
  test.each(['alltypes', 'bank', 'bank-tables', 'movr', 'tpcc-1', 'cluster'])(
    '%s',
    async (name) => {
      const collection = join(sharedDir, 'backups', 'generated', name);
      const latest = readFileSync(join(collection, 'LATEST'), 'utf8');
      expect(await problemsOf(join(collection, latest))).toEqual([]);
    },
  );

  test('sequences of v20.2, which expressions had by name', async () => {
    const layer = join(sharedDir, 'backups', 'upstream', 'sequences-v20.2.5');
    const problems = await problemsOf(layer);
    expect(problems.filter((line) => !line.includes('a sequence by name'))).toEqual([]);
    expect(problems).toHaveLength(2);
  });

  test.each([0, 4, 8])('layer %i of a chain of v20.2', async (layer) => {
    const chain = join(sharedDir, 'backups', 'upstream', 'incremental-chain-v20.2.7');
    expect(await problemsOf(join(chain, String(layer)))).toEqual([]);
  });
});

const raise = (name: string): never => {
  throw new Error(`no ${name}`);
};

describe('descriptors that CockroachDB would refuse or misread', () => {
  const collection = join(fixturesDir, 'backups', 'alltypes');
  const read = () => {
    const latest = readFileSync(join(collection, 'LATEST'), 'utf8');
    const stored = gunzipSync(readFileSync(join(collection, latest, 'BACKUP_MANIFEST')));
    return decodeMessage(BackupManifestSchema, stored, latest);
  };
  const column = (table: TableDescriptor, name: string) =>
    table.columns.find((each) => each.name === name) ?? raise(name);
  const index = (table: TableDescriptor, name: string) =>
    table.indexes.find((each) => each.name === name) ?? raise(name);

  test.each<[string, string, (table: TableDescriptor) => void, string]>([
    [
      'a system column',
      'no_pk',
      (table) => {
        column(table, 'a').name = 'tableoid';
      },
      'has the name of a system column',
    ],
    [
      'bytes as a member of an enum',
      'seq_user',
      (table) => {
        column(table, 'v').defaultExpr = "'\\x40':::BYTES:::@100053::STRING";
      },
      'a value with two types',
    ],
    [
      'an operator that only PostgreSQL has',
      'idx_kinds',
      (table) => {
        column(table, 'virt').computeExpr = "lower(s) ~~ ANY ARRAY['x':::STRING]:::STRING[]";
      },
      'an operator of PostgreSQL alone',
    ],
    [
      'a reserved name',
      'idx_kinds',
      (table) => {
        column(table, 's').name = 'visible';
        column(table, 'virt').computeExpr = 'length(visible)';
      },
      'a reserved name without quotes',
    ],
    [
      'a locale with a hyphen',
      'seq_user',
      (table) => {
        column(table, 'v').defaultExpr = "'x' COLLATE en-US";
      },
      'a locale that is not one word',
    ],
    [
      'computed from computed',
      'idx_kinds',
      (table) => {
        column(table, 'virt').computeExpr = 'length(lower_s)';
      },
      'computed from a computed column',
    ],
    ['families out of order', 'families', (table) => table.families.reverse(), 'the first family'],
    [
      'a column stored that is in the key',
      'idx_kinds',
      (table) => {
        const { keySuffixColumnIds, storeColumnIds } = index(table, 'by_n');
        keySuffixColumnIds.push(...storeColumnIds);
      },
      'a column in two of its lists',
    ],
    [
      'a type without its array',
      'idx_kinds',
      (table) => {
        const { type } = column(table, 'e');
        if (type?.udtMetadata !== undefined) type.udtMetadata.arrayTypeOid = 100_053;
      },
      'its array',
    ],
    [
      'a locality in a database without regions',
      'parent',
      (table) => {
        table.localityConfig = create(LocalityConfigSchema, {
          locality: { case: 'global', value: {} },
        });
      },
      'localities of parent',
    ],
    [
      'a table that depends on another',
      'parent',
      (table) => {
        table.dependsOn = [table.id];
      },
      'depends on others, and is no view',
    ],
  ])('%s', async (_, name, damage, line) => {
    const { descriptors, completeDbs } = read();
    for (const { union } of descriptors)
      if (union.case === 'table' && union.value.name === name) damage(union.value);
    const problems = await descriptorProblems(descriptors, completeDbs);
    expect(problems.join('\n')).toContain(line);
  });

  test('a type that knows a table which is not there', async () => {
    const { descriptors, completeDbs } = read();
    const without = descriptors.filter(({ union }) => union.value?.name !== 'scalars');
    const problems = await descriptorProblems(without, completeDbs);
    expect(problems.join('\n')).toContain('type mood: ');
  });
});
