import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { readPairs, readTables } from '../backup/format/datum/fixture-tables';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';
import { validateLayer } from '../support/validate-backup';

/** BACKUP of a full cluster: the one that v21.2-alpha wrote, restored, written and restored again. */

const PLAIN = ['--no-align', '--tuples-only'];

/** What of both clusters is the same. */
const QUERIES: Readonly<Record<string, string>> = {
  comments: 'SELECT * FROM system.comments ORDER BY 1, 2, 3',
  locations: 'SELECT * FROM system.locations ORDER BY 1, 2',
  members: 'SELECT * FROM system.role_members ORDER BY 1, 2',
  options: 'SELECT * FROM system.role_options ORDER BY 1, 2',
  settings: 'SELECT * FROM system.settings ORDER BY 1',
  schedules: 'SELECT * FROM system.scheduled_jobs ORDER BY 1',
  users: 'SELECT * FROM system.users ORDER BY 1',
  databases: 'SHOW DATABASES',
  zones: 'SHOW ZONE CONFIGURATIONS',
  ids: `SELECT database_name, schema_name, name, table_id FROM crdb_internal.tables
    WHERE database_name <> 'system' AND table_id > 50 ORDER BY 1, 2, 3, 4`,
  grants: 'SHOW GRANTS ON TABLE bank.*',
  rows: 'SELECT * FROM alltypes.idx_kinds ORDER BY 1',
};

/** Tables of the system whose rows are written as CockroachDB had them; `hashedPassword` NULL is written as no bytes. */
const SAME_PAIRS = [
  'users',
  'role_members',
  'comments',
  'role_options',
  'locations',
  'scheduled_jobs',
];

describeShared('BACKUP', () => {
  describePsql('of a full cluster', () => {
    const io = temporaryDirectory().path;
    let first: OothecaProcess;
    let second: OothecaProcess;
    beforeAll(async () => {
      cpSync(join(sharedDir, 'backups/generated/cluster'), join(io, 'real'), { recursive: true });
      const flags = ['--store=type=mem', `--external-io-dir=${io}`];
      first = await OothecaProcess.start(flags);
      second = await OothecaProcess.start(flags);
      first.psql('defaultdb', [`RESTORE FROM LATEST IN 'nodelocal://1/real'`]);
      first.psql('defaultdb', [`BACKUP INTO 'nodelocal://1/own'`]);
      second.psql('defaultdb', [`RESTORE FROM LATEST IN 'nodelocal://1/own'`]);
    });
    afterAll(async () => {
      await first?.stop();
      await second?.stop();
      rmSync(io, { recursive: true, force: true });
    });

    test('has the format of one', async () => {
      const latest = readFileSync(join(io, 'own', 'LATEST'), 'utf8');
      const { manifest } = await validateLayer(join(io, 'own', latest));
      expect(manifest.descriptorCoverage).toBe(1);
      expect([...manifest.completeDbs]).toEqual([50, 51, 81, 111, 120]);
    });

    test.each(SAME_PAIRS)('pairs of system.%s', async (name) => {
      const find = async (collection: string) =>
        (await readTables(join(io, collection))).find(({ descriptor }) => descriptor.name === name);
      const [real, own] = [await find('real'), await find('own')];
      expect(own?.descriptor).toEqual(real?.descriptor);
      const { id = 0, primaryIndex, indexes = [] } = real?.descriptor ?? {};
      for (const index of [primaryIndex, ...indexes]) {
        const pairs = async (collection: string) =>
          [...(await readPairs(join(io, collection), id, index?.id ?? 0))].sort();
        expect(await pairs('own')).toEqual(await pairs('real'));
      }
    });

    test.each(Object.entries(QUERIES))('%s', (_name, query) => {
      const answer = (server: OothecaProcess) => server.psql('defaultdb', [query], PLAIN);
      expect(answer(first).length).toBeGreaterThan(0);
      expect(answer(second)).toBe(answer(first));
    });

    test('indexes that are still to be built have jobs', () => {
      const jobs = `SELECT description FROM [SHOW JOBS] WHERE description LIKE 'adding index%' ORDER BY 1`;
      expect(second.psql('defaultdb', [jobs], PLAIN)).toBe(
        'adding index k_misc_g_idx of k_misc\nadding index k_str_c_idx of k_str\n',
      );
    });
  });
});
