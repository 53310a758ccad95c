import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql } from '../support/ootheca-process';
import { TestServer } from '../support/test-server';

/** A BACKUP to several locations: data goes to that of the node's locality, the manifest to the default one. */

describePsql('BACKUP by locality', () => {
  const server = new TestServer({ flags: ['--locality=region=eu,az=2'] });

  const filesIn = (directory: string): string[] =>
    (readdirSync(join(server.io, directory), { recursive: true }) as string[])
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

  test('later layers name the default location only; RESTORE names all', () => {
    const [main, eu] = ['main2', 'eu2'].map((name) => `nodelocal://1/${name}`);
    const both = `('${main}?COCKROACH_LOCALITY=default', '${eu}?COCKROACH_LOCALITY=region%3Deu')`;
    server.psql('defaultdb', [
      'CREATE DATABASE l',
      'CREATE TABLE l.t (a INT PRIMARY KEY)',
      'INSERT INTO l.t VALUES (1), (2)',
      `BACKUP DATABASE l INTO ${both}`,
      'INSERT INTO l.t VALUES (3)',
      `BACKUP DATABASE l INTO LATEST IN '${main}'`,
      'DELETE FROM l.t WHERE a = 1',
      `BACKUP DATABASE l INTO LATEST IN '${main}?COCKROACH_LOCALITY=default' WITH revision_history`,
    ]);
    const shown = `SELECT rows FROM [SHOW BACKUP LATEST IN '${main}'] WHERE object_name = 't'`;
    expect(server.psql('defaultdb', [shown])).toBe('rows\n2\n1\n1\n');
    const missing = 'expected manifest BACKUP_PART_1_region=eu not found in backup locations';
    const refused = (statement: string) => expect(() => server.psql('defaultdb', [statement]));
    const restore = (locations: string) =>
      `RESTORE DATABASE l FROM LATEST IN ${locations} WITH new_db_name = 'm'`;
    refused(restore(`'${main}'`)).toThrow(missing);
    refused(`SHOW BACKUP LATEST IN '${main}' WITH check_files`).toThrow(missing);
    server.psql('defaultdb', [restore(`('${main}', '${eu}')`)]);
    expect(server.psql('m', ['TABLE t'])).toBe('a\n2\n3\n');
    // What has to be compared with the chain's rows needs them.
    server.psql('l', ['TRUNCATE t', 'ALTER TABLE t ADD COLUMN b INT DEFAULT 1']);
    server.psql('l', ['INSERT INTO t VALUES (5, 5)']);
    server.psql('defaultdb', [
      `BACKUP DATABASE l INTO LATEST IN ${both}`,
      'DROP DATABASE m CASCADE',
      restore(`('${main}', '${eu}')`),
    ]);
    expect(server.psql('m', ['TABLE t'])).toBe('a,b\n5,5\n');
  });

  test('INCREMENTAL FROM names the default location only', () => {
    server.psql('defaultdb', [
      `BACKUP DATABASE l TO ('nodelocal://1/f1?COCKROACH_LOCALITY=default', 'nodelocal://1/f2?COCKROACH_LOCALITY=region%3Deu')`,
      'INSERT INTO l.t VALUES (6, 6)',
      `BACKUP DATABASE l TO ('nodelocal://1/i1?COCKROACH_LOCALITY=default', 'nodelocal://1/i2?COCKROACH_LOCALITY=region%3Deu')
        INCREMENTAL FROM 'nodelocal://1/f1'`,
      'DROP DATABASE m CASCADE',
      `RESTORE DATABASE l FROM ('nodelocal://1/f1', 'nodelocal://1/f2'), ('nodelocal://1/i1', 'nodelocal://1/i2') WITH new_db_name = 'm'`,
    ]);
    expect(server.psql('m', ['TABLE t'])).toBe('a,b\n5,5\n6,6\n');
  });
});
