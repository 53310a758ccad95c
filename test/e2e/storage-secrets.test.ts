import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { asyncPsql } from '../support/async-psql';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { startAzure } from '../support/storage-servers/azure-server';
import { startGs } from '../support/storage-servers/gs-server';
import { type FaultProxy, startProxy } from '../support/storage-servers/proxy';
import { startS3 } from '../support/storage-servers/s3-server';
import { SERVER_START_MS, type StorageServer } from '../support/storage-servers/storage-server';

/**
 * Jobs that fail in the middle, because their storage refuses what they write: nothing that a user, an operator or a disk sees of them
 * holds what lets them in, but for the job's own record.
 */

const SECRET_PARAMS = /^(AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AZURE_ACCOUNT_KEY|CREDENTIALS)$/;

const SERVERS = [
  ['s3', startS3, { AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_SESSION_TOKEN: 'hush-hush-token' }],
  ['gs', startGs, {}],
  ['azure', startAzure, {}],
] as const;

describePsql('a job that fails on its storage', () => {
  const directory = temporaryDirectory();
  const store = join(directory.path, 'store');
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start([`--store=${store}`, '--log-level=debug']);
    await asyncPsql(server, 'defaultdb', [
      'CREATE DATABASE d',
      'CREATE TABLE d.t (a INT PRIMARY KEY)',
      'INSERT INTO d.t VALUES (1), (2)',
    ]);
  }, SERVER_START_MS);
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  const failureOf = async (statement: string): Promise<string> => {
    try {
      await asyncPsql(server, 'defaultdb', [statement]);
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
    throw new Error(`did not fail: ${statement}`);
  };

  describe.each(SERVERS)('%s', (scheme, start, params) => {
    let storage: StorageServer;
    let proxy: FaultProxy;
    let secrets: string[];
    let uri: string;
    beforeAll(async () => {
      storage = await start();
      proxy = await startProxy(storage.address);
      uri = storage.uri('b', proxy.address, params);
      // The first bytes are enough to know one by; S3RVER is also the id of the key, which is no secret.
      secrets = [...new URL(uri.replace(/^\w+:/, 'http:')).searchParams]
        .filter(([name]) => SECRET_PARAMS.test(name))
        .map(([name, value]) => (value === 'S3RVER' ? `${name}=${value}` : value.slice(0, 24)));
      expect(secrets.length).toBeGreaterThan(0);
    }, SERVER_START_MS);
    afterAll(async () => {
      await proxy?.stop();
      await storage?.stop();
    });

    const expectNone = (text: string): void => {
      for (const secret of secrets) {
        for (const form of [secret, encodeURIComponent(secret)]) {
          expect(text).not.toContain(form);
          expect(text).not.toContain(Buffer.from(form).toString('hex'));
        }
      }
    };

    test('shows nothing of it', async () => {
      // What plans the backup is let through; its data file is not.
      proxy.fault = ({ method, url }) =>
        method !== 'GET' && method !== 'HEAD' && /\.sst/.test(decodeURIComponent(url))
          ? { kind: 'status', status: 403 }
          : undefined;
      const error = await failureOf(`BACKUP DATABASE d INTO '${uri}'`);
      expect(error).toContain(`${scheme} storage: ${scheme}://`);
      const job = await asyncPsql(server, 'defaultdb', [
        `SELECT status FROM [SHOW JOBS] WHERE job_type = 'BACKUP' ORDER BY created DESC LIMIT 1`,
      ]);
      expect(job).toBe('status\nfailed\n');
      const shown = await asyncPsql(server, 'defaultdb', [
        'SHOW JOBS',
        'SELECT * FROM crdb_internal.jobs',
        'SELECT * FROM system.jobs',
        'SELECT * FROM crdb_internal.cluster_sessions',
        'SELECT * FROM pg_stat_activity',
      ]);
      expect(shown).toContain('redacted');
      for (const text of [error, shown, server.stderr]) expectNone(text);
      expectNone(execFileSync('ps', ['-ww', '-o', 'args=', '-p', `${server.pid}`]).toString());
    });

    test('nothing of it counts as a backup', async () => {
      const direct = `'${storage.uri('b')}'`;
      const backups = await asyncPsql(server, 'defaultdb', [`SHOW BACKUPS IN ${direct}`]);
      expect(backups).toBe('path\n');
      const restore = `RESTORE DATABASE d FROM LATEST IN ${direct} WITH new_db_name = 'e'`;
      expect(await failureOf(restore)).toMatch(/does not contain a completed latest backup/);
    });

    test('the disk has it in the records of jobs only', () => {
      const database = readdirSync(store).find((name) => /\.(db|sqlite)$/.test(name)) ?? '';
      const db = new Database(join(store, database), { readonly: true });
      // So it would be found.
      const records = db.prepare('SELECT payload FROM jobs').pluck().all() as Uint8Array[];
      const texts = records.map((record) => Buffer.from(record).toString('latin1')).join();
      for (const secret of secrets) expect(texts).toContain(secret);
      const tables = db
        .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'jobs'`)
        .pluck()
        .all() as string[];
      expect(tables.length).toBeGreaterThan(5);
      for (const table of tables) {
        for (const row of db.prepare(`SELECT * FROM "${table}"`).raw().iterate()) {
          for (const value of row as unknown[]) {
            if (typeof value === 'string') expectNone(value);
            else if (value instanceof Uint8Array) expectNone(Buffer.from(value).toString('latin1'));
          }
        }
      }
      db.close();
      for (const entry of readdirSync(store, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || entry.name.startsWith(database)) continue;
        expectNone(readFileSync(join(entry.parentPath, entry.name), 'latin1'));
      }
    });
  });
});
