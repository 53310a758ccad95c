import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';

/** A BACKUP to several locations: data goes to that of the node's locality, the manifest to the default one. */

describePsql('BACKUP by locality', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start([
      '--store=type=mem',
      `--external-io-dir=${io.path}`,
      '--locality=region=eu,az=2',
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  const filesIn = (directory: string): string[] =>
    (readdirSync(join(io.path, directory), { recursive: true }) as string[])
      .map((path) => path.replace(/^.*\//, ''))
      .filter((name) => name.includes('.sst') || /^[A-Z]/.test(name))
      .map((name) => name.replace(/^[0-9]+\.sst$/, '*.sst'))
      .sort();

  test('full and incremental, and back', () => {
    const to = `('nodelocal://1/main?COCKROACH_LOCALITY=default', 'nodelocal://1/eu?COCKROACH_LOCALITY=region%3Deu',
      'nodelocal://1/us?COCKROACH_LOCALITY=region%3Dus')`;
    server.psql('defaultdb', [
      'CREATE DATABASE d',
      'CREATE TABLE d.t (a INT PRIMARY KEY, b STRING, INDEX (b))',
      `INSERT INTO d.t VALUES (1, 'x'), (2, 'y')`,
      `BACKUP DATABASE d INTO ${to}`,
    ]);
    const small = ['BACKUP-STATISTICS', 'BACKUP_MANIFEST', 'BACKUP_MANIFEST-CHECKSUM'];
    expect(filesIn('main')).toEqual([...small, 'LATEST']);
    expect(filesIn('eu')).toEqual(['*.sst', 'BACKUP_PART_1_region=eu']);
    expect(filesIn('us')).toEqual(['BACKUP_PART_2_region=us']);
    server.psql('defaultdb', [
      'DELETE FROM d.t WHERE a = 1',
      `INSERT INTO d.t VALUES (3, 'z')`,
      `BACKUP DATABASE d INTO LATEST IN ${to}`,
    ]);
    expect(filesIn('eu').filter((name) => name === '*.sst').length).toBe(2);
    server.psql('defaultdb', [
      'DROP DATABASE d CASCADE',
      `RESTORE DATABASE d FROM LATEST IN ('nodelocal://1/main', 'nodelocal://1/us', 'nodelocal://1/eu')`,
    ]);
    expect(server.psql('d', ['TABLE t'])).toBe('a,b\n2,y\n3,z\n');
    const description = `SELECT description FROM [SHOW JOBS] WHERE job_type = 'BACKUP' LIMIT 1`;
    expect(server.psql('defaultdb', [description])).toContain(
      'nodelocal://1/eu?COCKROACH_LOCALITY=region%3Deu',
    );
  });
});
