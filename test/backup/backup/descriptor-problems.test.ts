import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { decodeMessage } from '../../../catalog/descriptor/decode';
import { descriptorProblems } from '../../support/descriptor-rules/descriptor-problems';
import { describeShared, sharedDir } from '../../support/shared';

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
