import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { TenantInfoWithUsageSchema } from '../../backup/format/gen/backup_pb';
import { DescriptorMutationSchema } from '../../catalog/descriptor/gen/table_pb';
import { editBackup, type ManifestEditor } from '../support/edit-backup';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';

/** RESTORE of a full cluster: what of it is not rows of databases (those: expected.test.ts). */

const PLAIN = ['--no-align', '--tuples-only'];
const RESTORE = `RESTORE FROM LATEST IN 'nodelocal://1/generated/cluster'`;

const QUERIES: Readonly<Record<string, string>> = {
  comments: 'SELECT type, sub_id, comment FROM system.comments ORDER BY type, sub_id, comment',
  locations: 'SELECT * FROM system.locations ORDER BY 1, 2',
  role_members: 'SELECT role, member, "isAdmin" FROM system.role_members ORDER BY 1, 2',
  role_options: 'SELECT username, option, value FROM system.role_options ORDER BY 1, 2',
  settings: `SELECT name, value FROM system.settings WHERE name <> 'cluster.secret' ORDER BY 1`,
  show_databases: 'SHOW DATABASES',
  show_grants_bank: `SELECT schema_name, table_name, grantee, privilege_type FROM [SHOW GRANTS ON TABLE bank.*]
    WHERE schema_name = 'public'`,
  show_schedules: 'SELECT label, schedule_status, recurrence, command FROM [SHOW SCHEDULES]',
  show_users: 'SHOW USERS',
  show_zones: 'SHOW ZONE CONFIGURATIONS',
  users: 'SELECT username, "hashedPassword", "isRole" FROM system.users ORDER BY 1',
};

describeShared('RESTORE FROM', () => {
  const backups = join(sharedDir, 'backups');
  describePsql('a cluster written by v21.2-alpha', () => {
    let server: OothecaProcess;
    beforeAll(async () => {
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${backups}`]);
      server.psql('defaultdb', [RESTORE]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test.each(Object.entries(QUERIES))('%s', (name, query) => {
      const expected = readFileSync(
        join(backups, 'expected/cluster/system', `${name}.csv`),
        'utf8',
      );
      expect(server.psql('defaultdb', [query])).toBe(expected);
    });

    test('tables keep their ids and owners; nothing temporary is left', () => {
      const select = `SELECT table_id, owner FROM crdb_internal.tables JOIN [SHOW TABLES FROM bank] ON name = table_name
        WHERE database_name = 'bank' AND name = 'accounts'`;
      expect(server.psql('defaultdb', [select], PLAIN)).toBe('113|ann\n');
      const temporary = `SELECT count(*) FROM system.descriptor WHERE id > 126`;
      expect(server.psql('defaultdb', [temporary], PLAIN)).toBe('0\n');
      server.psql('defaultdb', ['CREATE TABLE after (a INT PRIMARY KEY)']);
      const id = `SELECT 'after'::REGCLASS::INT > 126`;
      expect(server.psql('defaultdb', [id], PLAIN)).toBe('t\n');
      server.psql('defaultdb', ['DROP TABLE after']);
    });

    test('settings count: the default of a session variable, stored as a number', () => {
      expect(server.psql('defaultdb', ['SHOW serial_normalization'], PLAIN)).toBe('sql_sequence\n');
    });

    test('schedules are as they were, and jobs are history', () => {
      const schedules = `SELECT schedule_name, schedule_expr, next_run FROM system.scheduled_jobs`;
      expect(server.psql('defaultdb', [schedules], PLAIN)).toBe(
        'nightly|@daily|2035-01-01 00:00:00+00:00\n',
      );
      // SHOW JOBS leaves out what ended more than twelve hours ago.
      const jobs = `SELECT DISTINCT status FROM crdb_internal.jobs WHERE job_type <> 'RESTORE' ORDER BY 1`;
      expect(server.psql('defaultdb', [jobs], PLAIN)).toBe('canceled\nsucceeded\n');
      const backup = `SELECT description FROM crdb_internal.jobs WHERE description LIKE 'BACKUP DATABASE movr%'`;
      expect(server.psql('defaultdb', [backup], PLAIN)).toBe(
        "BACKUP DATABASE movr INTO '/2026/11/22-171336.29' IN 'nodelocal://1/movr'\n",
      );
    });

    test('a second one is refused: the cluster is not empty', () => {
      expect(() => server.psql('defaultdb', [RESTORE])).toThrow(
        /on a cluster with no tables or databases but found 46 descriptors: \[alltypes mood _mood other/,
      );
    });
  });

  describePsql('a cluster written by v20.1.7', () => {
    let server: OothecaProcess;
    beforeAll(async () => {
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${backups}`]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    test('users, comments and rows', () => {
      server.psql('defaultdb', [`RESTORE FROM 'nodelocal://1/upstream/cluster-v20.1.7'`]);
      const users = server.psql('defaultdb', ['SELECT username FROM [SHOW USERS]'], PLAIN);
      expect(users).toBe('admin\ncraig\nroot\n');
      expect(server.psql('defaultdb', ['SELECT * FROM system.comments'], PLAIN)).toBe(
        '0|52|0|database comment string\n1|53|0|table comment string\n',
      );
      expect(server.psql('data', ['SELECT * FROM bank'], PLAIN)).toBe('1\n');
      const zones = `SELECT raw_config_sql FROM [SHOW ZONE CONFIGURATIONS] WHERE target LIKE '%data.public.bank'`;
      expect(server.psql('data', [zones], PLAIN)).toContain('gc.ttlseconds = 3600');
      const city = `SELECT "localityValue" FROM system.locations WHERE "localityKey" = 'city'`;
      expect(server.psql('data', [city], PLAIN)).toMatch(/\w/);
    });
  });

  describePsql('system tables of a cluster', () => {
    test('each can be restored into another database', async () => {
      const server = await OothecaProcess.start([
        '--store=type=mem',
        `--external-io-dir=${backups}`,
      ]);
      try {
        const from = `FROM LATEST IN 'nodelocal://1/generated/cluster'`;
        const show = `SELECT object_name, rows FROM [SHOW BACKUP LATEST IN 'nodelocal://1/generated/cluster'] WHERE database_name = 'system' ORDER BY 1`;
        const tables = server
          .psql('defaultdb', [show], PLAIN)
          .trimEnd()
          .split('\n')
          .map((line) => line.split('|'));
        expect(tables.length).toBe(10);
        server.psql('defaultdb', ['CREATE DATABASE sysdb']);
        for (const [name = '', rows = ''] of tables) {
          const restore = `RESTORE system.${name} ${from} WITH into_db = 'sysdb'`;
          const count = server.psql('sysdb', [restore, `SELECT count(*) FROM ${name}`], PLAIN);
          expect([name, count.trimEnd().split('\n').at(-1)]).toEqual([name, rows]);
        }
        expect(() => server.psql('defaultdb', [`RESTORE system.users ${from}`])).toThrow(
          'relation "users" already exists',
        );
        expect(() => server.psql('defaultdb', [`RESTORE DATABASE system ${from}`])).toThrow(
          'cannot RESTORE DATABASE from a backup of individual tables',
        );
      } finally {
        await server.stop();
      }
    });
  });

  describePsql('a cluster backup with temporary tables, unfinished changes and tenants', () => {
    const io = temporaryDirectory();
    const layer = '2026/11/22-171454.73';
    const clusterBackup = (name: string, edit: (editor: ManifestEditor) => void): string => {
      cpSync(join(backups, 'generated/cluster'), join(io.path, name), { recursive: true });
      editBackup(join(io.path, name, layer), edit);
      return `RESTORE FROM LATEST IN 'nodelocal://1/${name}'`;
    };
    let server: OothecaProcess;
    beforeAll(async () => {
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    });
    afterAll(async () => {
      await server?.stop();
      io.remove();
    });

    test('tenants are refused', () => {
      const restore = clusterBackup('tenants', ({ manifest }) => {
        manifest.tenants.push(create(TenantInfoWithUsageSchema));
      });
      expect(() => server.psql('defaultdb', [restore])).toThrow(/tenants of a cluster/);
    });

    test('temporary tables are left out, changes are finished by jobs of this cluster', () => {
      const restore = clusterBackup('temporary', ({ table }) => {
        const temporary = table('promo_codes');
        temporary.temporary = true;
        temporary.unexposedParentSchemaId = 4_000; // schemas of sessions have no descriptors
        const vehicles = table('vehicles');
        const [index] = vehicles.indexes;
        if (index === undefined) throw new Error('no index');
        vehicles.indexes = [];
        vehicles.mutations.push(
          create(DescriptorMutationSchema, {
            direction: 1,
            mutationId: 7,
            descriptor: { case: 'index', value: index },
          }),
        );
      });
      server.psql('defaultdb', [restore]);
      const shown = server.psql('movr', ['SELECT table_name FROM [SHOW TABLES]'], PLAIN);
      expect(shown).toContain('vehicles\n');
      expect(shown).not.toMatch(/^promo_codes$/m);
      const schemas = 'SELECT schema_name FROM [SHOW SCHEMAS]';
      expect(server.psql('defaultdb', [schemas], PLAIN)).not.toContain('pg_temp');
      const jobs = `SELECT status, description FROM [SHOW JOBS] WHERE description LIKE 'RESTORING%'`;
      expect(server.psql('movr', [jobs], PLAIN)).toMatch(
        /^succeeded\|RESTORING: schema change on vehicles adding index \w+ for vehicles \(.*\)\n$/,
      );
      const indexes = `SELECT count(DISTINCT index_name) FROM [SHOW INDEXES FROM vehicles]`;
      expect(server.psql('movr', [indexes], PLAIN)).toBe('2\n');
    });
  });

  describePsql('a cluster, killed again and again', () => {
    const store = temporaryDirectory();
    afterAll(() => store.remove());

    test('ends whole, with each row once', async () => {
      const options = [`--store=${store.path}`, `--external-io-dir=${backups}`];
      let server = await OothecaProcess.start(options);
      server.psql('defaultdb', [`${RESTORE} WITH detached`]);
      for (let kill = 0; kill < 4; kill++) {
        await new Promise((resolve) => setTimeout(resolve, 60 + 90 * kill));
        await server.stop('SIGKILL');
        server = await OothecaProcess.start(options);
      }
      try {
        const wait = `SHOW JOBS WHEN COMPLETE (SELECT job_id FROM [SHOW JOBS] WHERE job_type = 'RESTORE' AND status = 'running')`;
        server.psql('defaultdb', [wait]);
        expect(server.psql('bank', ['SELECT count(*) FROM transfers'], PLAIN)).toBe('3000\n');
        expect(server.psql('bank', ['SELECT count(*) FROM [SHOW USERS]'], PLAIN)).toBe('7\n');
      } finally {
        await server.stop();
      }
    });
  });

  describePsql('a cluster backup with a file missing', () => {
    test('leaves the cluster as it was, and empty enough for the next', async () => {
      const io = temporaryDirectory();
      cpSync(join(backups, 'generated/cluster'), join(io.path, 'cluster'), { recursive: true });
      const layer = join(io.path, 'cluster', '2026/11/22-171454.73');
      const files = readdirSync(layer).filter((name) => name.endsWith('.sst'));
      rmSync(join(layer, files[files.length - 1] ?? ''));
      const server = await OothecaProcess.start([
        '--store=type=mem',
        `--external-io-dir=${io.path}`,
      ]);
      try {
        const before = server.psql('defaultdb', [
          'SHOW DATABASES; SHOW USERS; SHOW ZONE CONFIGURATIONS',
        ]);
        const restore = `RESTORE FROM LATEST IN 'nodelocal://1/cluster'`;
        expect(() => server.psql('defaultdb', [restore])).toThrow(/file does not exist/);
        expect(
          server.psql('defaultdb', ['SHOW DATABASES; SHOW USERS; SHOW ZONE CONFIGURATIONS']),
        ).toBe(before);
        expect(() => server.psql('defaultdb', [restore])).toThrow(/file does not exist/);
      } finally {
        await server.stop();
        io.remove();
      }
    });
  });
});
