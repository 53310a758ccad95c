import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asyncPsql } from '../support/async-psql';
import { answer, expectedRelations, selectAll } from '../support/expected-answers';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { describeShared, fixturesDir, sharedDir } from '../support/shared';
import { startAzure } from '../support/storage-servers/azure-server';
import { startGs } from '../support/storage-servers/gs-server';
import { hasNginx, startNginx } from '../support/storage-servers/nginx-server';
import { startProxy } from '../support/storage-servers/proxy';
import { startS3 } from '../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../support/storage-servers/storage-server';
import { uploadDirectory } from '../support/storage-servers/upload-directory';
import { expectedTpccHashes, tpccHashes } from '../support/tpcc-hashes';

/** RESTORE and SHOW BACKUP from servers of each scheme's protocol. */

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The only full backup below a collection's directory, as `2021/05/13-101500.53`. */
function subdirectoryOf(collection: string): string {
  const [year = ''] = readdirSync(collection).filter((name) => /^\d{4}$/.test(name));
  const [month = ''] = readdirSync(join(collection, year));
  const [day = ''] = readdirSync(join(collection, year, month));
  return `${year}/${month}/${day}`;
}

function describeScheme(name: string, start: () => Promise<StorageServer>): void {
  describePsql(`backups on ${name}`, () => {
    const collection = join(fixturesDir, 'backups', 'bank');
    const expected = join(fixturesDir, 'expected', 'bank');
    let storage: StorageServer;
    let server: OothecaProcess;
    beforeAll(async () => {
      storage = await start();
      await uploadDirectory(collection, storage.uri('deep/bank'));
      server = await OothecaProcess.start(['--store=type=mem']);
    }, SERVER_START_MS);
    afterAll(async () => {
      await server?.stop();
      await storage?.stop();
    });

    test('bank is restored, row by row', async () => {
      const uri = quoted(storage.uri('deep/bank'));
      await asyncPsql(server, 'defaultdb', [`RESTORE DATABASE bank FROM LATEST IN ${uri}`]);
      const relations = expectedRelations(expected);
      expect(relations.length).toBeGreaterThan(0);
      for (const relation of relations) {
        const rows = answer(expected, `${relation}.csv`);
        expect(await asyncPsql(server, 'bank', [selectAll(relation, rows)])).toBe(rows);
      }
    });

    test('RESTORE reads each small file once', async () => {
      const proxy = await startProxy(storage.address);
      const uri = quoted(storage.uri('deep/bank', proxy.address));
      const options = `WITH new_db_name = 'once'`;
      await asyncPsql(server, 'defaultdb', [
        `RESTORE DATABASE bank FROM LATEST IN ${uri} ${options}`,
      ]);
      const bodies = proxy.requests.filter(
        ({ method, url }) => method === 'GET' && (name !== 'gs' || url.includes('alt=media')),
      );
      for (const file of ['LATEST', 'BACKUP_MANIFEST', 'BACKUP_MANIFEST-CHECKSUM']) {
        const path = (url: string): string => decodeURIComponent(url.split('?')[0] ?? '');
        expect(bodies.filter(({ url }) => path(url).endsWith(`/${file}`))).toHaveLength(1);
      }
      await proxy.stop();
    });

    test('SHOW BACKUP finds what is there', async () => {
      const show = (uri: string): Promise<string> =>
        asyncPsql(server, 'defaultdb', [`SHOW BACKUP SCHEMAS ${quoted(uri)}`]);
      const shown = await show(storage.uri(`deep/bank/${subdirectoryOf(collection)}`));
      expect(shown.split('\n')[0]).toContain('create_statement');
      expect(shown).toContain('customers');
    });

    test('SHOW BACKUPS', async () => {
      const show = (): Promise<string> =>
        asyncPsql(server, 'defaultdb', [`SHOW BACKUPS IN ${quoted(storage.uri('deep/bank'))}`]);
      if (name === 'http')
        await expect(show()).rejects.toThrow(/http storage does not support listing/);
      else expect(await show()).toBe(`path\n${subdirectoryOf(collection)}\n`);
    });

    test('BACKUP writes what RESTORE reads', async () => {
      const into = quoted(storage.uri('ours'));
      await asyncPsql(server, 'defaultdb', [`BACKUP DATABASE bank INTO ${into}`]);
      const options = `WITH new_db_name = 'again'`;
      await asyncPsql(server, 'defaultdb', [
        `RESTORE DATABASE bank FROM LATEST IN ${into} ${options}`,
      ]);
      for (const relation of expectedRelations(expected)) {
        const rows = answer(expected, `${relation}.csv`);
        expect(await asyncPsql(server, 'again', [selectAll(relation, rows)])).toBe(rows);
      }
    });

    test('no secret is shown, logged, or in an error', async () => {
      const jobs = await asyncPsql(server, 'defaultdb', [
        'SELECT description, statement FROM [SHOW JOBS]',
        'SELECT * FROM system.jobs',
        'SELECT * FROM crdb_internal.jobs',
      ]);
      const missing = quoted(storage.missingBucketUri('x'));
      let error = '';
      try {
        await asyncPsql(server, 'defaultdb', [`RESTORE DATABASE bank FROM LATEST IN ${missing}`]);
      } catch (failure) {
        error = (failure as { stderr: string }).stderr;
      }
      expect(error).toMatch(/ERROR/);
      expect(jobs).toContain(name === 'http' ? '/deep/bank' : '=redacted');
      const secrets = [...new URL(storage.uri('x').replace(/^\w+:/, 'http:')).searchParams]
        .filter(([key]) => /SECRET|ACCOUNT_KEY|CREDENTIALS/.test(key))
        .map(([, value]) => value);
      for (const secret of secrets) {
        for (const text of [jobs, error, server.stderr]) {
          // S3RVER is also the id of the key, which is no secret.
          const shown = secret === 'S3RVER' ? `SECRET_ACCESS_KEY=${secret}` : secret.slice(0, 20);
          expect(text).not.toContain(shown);
          expect(text).not.toContain(Buffer.from(shown).toString('hex'));
        }
      }
    });
  });

  describeShared(`tpcc-1 on ${name}`, () => {
    const collection = join(sharedDir, 'backups', 'generated', 'tpcc-1');
    let storage: StorageServer;
    let server: OothecaProcess;
    let backupBytes = 0;
    beforeAll(async () => {
      storage = await start();
      backupBytes = await uploadDirectory(collection, storage.uri('tpcc'));
      server = await OothecaProcess.start(['--store=type=mem']);
    }, SERVER_START_MS);
    afterAll(async () => {
      await server?.stop();
      await storage?.stop();
    });

    test('one small table costs a small part of the bytes', async () => {
      const proxy = await startProxy(storage.address);
      const uri = quoted(storage.uri('tpcc', proxy.address));
      await asyncPsql(server, 'defaultdb', [
        'CREATE DATABASE small',
        `RESTORE TABLE tpcc.warehouse FROM LATEST IN ${uri} WITH into_db = 'small', skip_missing_foreign_keys`,
      ]);
      expect(await asyncPsql(server, 'small', ['SELECT count(*) FROM warehouse'])).toBe(
        'count\n1\n',
      );
      expect(proxy.sentBytes).toBeGreaterThan(0);
      expect(proxy.sentBytes / backupBytes).toBeLessThan(0.1);
      await proxy.stop();
    });

    test(
      'all rows are restored',
      async () => {
        const uri = quoted(storage.uri('tpcc'));
        await asyncPsql(server, 'defaultdb', [`RESTORE DATABASE tpcc FROM LATEST IN ${uri}`]);
        expect(await tpccHashes(server, 'tpcc')).toEqual(expectedTpccHashes());
      },
      5 * SERVER_START_MS,
    );
  });
}

describeScheme('s3', startS3);
describeScheme('gs', startGs);
describeScheme('azure', startAzure);
if (hasNginx) describeScheme('http', startNginx);
else describe.skip('http (needs nginx)', () => test('is skipped', () => undefined));
