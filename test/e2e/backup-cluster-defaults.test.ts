import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import type { BackupManifest } from '../../backup/format/gen/backup_pb';
import { OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { rowsOf, TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** BACKUP and RESTORE of what ALTER DEFAULT PRIVILEGES and ALTER ROLE … SET have set, of clusters and databases. */

const server = new TestServer();
const flags = ['--store=type=mem', `--external-io-dir=${server.io}`];

const rows = (sql: string, on = server.client): Promise<unknown[][]> => rowsOf(on, sql);

const now = async (): Promise<string> =>
  String((await rows('SELECT cluster_logical_timestamp()'))[0]?.[0]);

async function answers(on: Client): Promise<unknown[]> {
  const found: unknown[] = [
    await rows('SELECT * FROM system.database_role_settings ORDER BY 1, 2', on),
  ];
  for (const [database] of await rows('SELECT database_name FROM [SHOW DATABASES]', on)) {
    if (database === 'system') continue;
    await on.query(`USE ${database}`);
    for (const whose of ['ROLE root', 'ROLE app', 'ALL ROLES'].slice(0, database === 'a' ? 3 : 1))
      found.push(database, whose, await rows(`SHOW DEFAULT PRIVILEGES FOR ${whose}`, on));
  }
  await on.query('USE defaultdb');
  return found;
}

/** What an empty cluster answers after a RESTORE. */
async function restored<T>(
  restore: string,
  ask: (on: Client, other: OothecaProcess) => Promise<T>,
): Promise<T> {
  const other = await OothecaProcess.start(flags);
  try {
    const on = await pgClient(other);
    await on.query(restore);
    const found = await ask(on, other);
    await on.end();
    return found;
  } finally {
    await other.stop();
  }
}

/** Layers of a collection, first to last, each valid. */
async function layersOf(collection: string) {
  const folder = join(server.io, collection);
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const names = found.filter((name) => name.endsWith('BACKUP_MANIFEST'));
  const layers: BackupManifest[] = [];
  for (const name of names)
    layers.push((await validateLayer(join(folder, dirname(name)))).manifest);
  return layers;
}

const ROLE_SETTINGS_ID = 44;

const hasSettings = ({ descriptors }: BackupManifest): boolean =>
  descriptors.some(({ union }) => union.case === 'table' && union.value.id === ROLE_SETTINGS_ID);

const STEPS: readonly string[] = [
  'CREATE DATABASE a; CREATE USER ann; CREATE ROLE app; CREATE SCHEMA a.s',
  `BACKUP INTO 'nodelocal://1/c' WITH revision_history; BACKUP INTO 'nodelocal://1/plain'`,
  'USE a; ALTER DEFAULT PRIVILEGES FOR ROLE app GRANT SELECT, INSERT ON TABLES TO ann',
  `ALTER ROLE ann SET application_name = 'one'; ALTER ROLE ann IN DATABASE a SET timezone = 'Europe/Rome'`,
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history; BACKUP INTO LATEST IN 'nodelocal://1/plain'`,
  `ALTER ROLE ALL SET statement_timeout = '5min'; ALTER ROLE ann SET application_name = 'two=2'`,
  'USE a; ALTER DEFAULT PRIVILEGES FOR ALL ROLES REVOKE USAGE ON TYPES FROM public; ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT ALL ON TABLES TO ann',
  'ALTER ROLE ALL RESET ALL; ALTER ROLE ann RESET ALL; ALTER ROLE ann IN DATABASE a RESET ALL',
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history; BACKUP INTO LATEST IN 'nodelocal://1/plain'`,
  `ALTER ROLE ann SET application_name = 'three'`,
  `BACKUP INTO LATEST IN 'nodelocal://1/c' WITH revision_history; BACKUP INTO LATEST IN 'nodelocal://1/plain'`,
];

describe('a cluster whose roles and databases have defaults, and lose them', () => {
  const moments: { readonly time: string; readonly answers: unknown[] }[] = [];
  beforeAll(async () => {
    for (const step of STEPS) {
      await server.client.query(step);
      moments.push({ time: await now(), answers: await answers(server.client) });
    }
  });

  test('the table of settings is in layers from the first on that has something in it', async () => {
    expect((await layersOf('c')).map(hasSettings)).toEqual([false, true, true, true]);
    const plain = await layersOf('plain');
    expect(plain.map(hasSettings)).toEqual([false, true, true, true]);
    const introduced = plain.map(({ introducedSpans }) => introducedSpans.length);
    expect(introduced).toEqual([0, 1, 0, 0]);
  });

  test.each([2, 5, 7])('after step %d, from layers WITH revision_history', async (i) => {
    const { time, answers: expected } = moments[i] ?? { time: '', answers: [] };
    const restore = `RESTORE FROM LATEST IN 'nodelocal://1/c' AS OF SYSTEM TIME ${time}`;
    expect(await restored(restore, answers)).toEqual(expected);
  });

  test('at the end of each layer without versions in between', async () => {
    const layers = await layersOf('plain');
    for (const [i, step] of [1, 4, 8, 10].entries()) {
      const end = layers[i]?.endTime?.wallTime;
      const restore = `RESTORE FROM LATEST IN 'nodelocal://1/plain' AS OF SYSTEM TIME '${end}'`;
      expect(await restored(restore, answers)).toEqual(moments[step]?.answers);
    }
  });

  test('AS OF a time in which there were some', async () => {
    const { time, answers: expected } = moments[5] ?? { time: '', answers: [] };
    await server.client.query(`BACKUP INTO 'nodelocal://1/then' AS OF SYSTEM TIME ${time}`);
    expect(await restored(`RESTORE FROM LATEST IN 'nodelocal://1/then'`, answers)).toEqual(
      expected,
    );
  });

  test('they have their effect where they are restored', async () => {
    const { time } = moments[5] ?? { time: '' };
    await restored(
      `RESTORE FROM LATEST IN 'nodelocal://1/c' AS OF SYSTEM TIME ${time}`,
      async (on, other) => {
        await on.query('GRANT CREATE ON DATABASE a TO app; GRANT app TO ann');
        const ann = await pgClient(other, 'a', { user: 'ann' });
        expect(await rows('SHOW timezone', ann)).toEqual([['Europe/Rome']]);
        expect(await rows('SHOW statement_timeout', ann)).toEqual([['300000']]);
        await ann.query('SET ROLE app; CREATE TABLE t (k INT)');
        await ann.end();
        const grants = `SELECT privilege_type FROM [SHOW GRANTS ON a.t] WHERE grantee = 'ann'`;
        expect(await rows(grants, on)).toEqual([['INSERT'], ['SELECT']]);
      },
    );
  });
});

test('a database takes its default privileges along', async () => {
  await server.client.query(
    `CREATE USER dora; CREATE DATABASE d; USE d; CREATE SCHEMA s; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO dora;
     ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT USAGE ON SEQUENCES TO dora; USE defaultdb;
     BACKUP DATABASE d INTO 'nodelocal://1/d'; DROP DATABASE d;
     RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/d'; USE d; CREATE TABLE t (k INT); CREATE SEQUENCE s.q; USE defaultdb`,
  );
  const privileges = (on: string): string =>
    `SELECT privilege_type FROM [SHOW GRANTS ON ${on}] WHERE grantee = 'dora'`;
  expect(await rows(privileges('d.t'))).toEqual([['SELECT']]);
  expect(await rows(privileges('d.s.q'))).toEqual([['USAGE']]);
  const [shown] = await rows(`SHOW BACKUP LATEST IN 'nodelocal://1/d' WITH as_json`);
  expect(JSON.stringify(shown?.[0])).toContain(
    '"defaultPrivilegesPerObject":{"1":{"ownerProto":"","users":[{"privileges":"32","userProto":"dora"}],"version":0}}',
  );
});
