import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { repoRoot } from '../support/shared';

/** `ootheca userfile` and `nodelocal`, backups in userfile, and external connections. */

describePsql('files in the server', () => {
  const directory = temporaryDirectory();
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start([`--store=${join(directory.path, 'store')}`]);
    server.psql('defaultdb', [
      'CREATE USER pat',
      'CREATE DATABASE d',
      'CREATE TABLE d.t (a INT PRIMARY KEY)',
      'INSERT INTO d.t VALUES (1), (2)',
    ]);
  });
  afterAll(async () => {
    await server?.stop();
    directory.remove();
  });

  const cli = (...args: string[]): { out: string; code: number | null } => {
    const main = join(repoRoot, 'dist', 'server', 'main.js');
    const done = spawnSync(process.execPath, [main, ...args, `--url=${server.url()}`], {
      cwd: directory.path,
      encoding: 'utf8',
    });
    return { out: done.stdout + done.stderr, code: done.status };
  };

  test('userfile upload, list, get, delete', () => {
    const bytes = Buffer.from(
      Array.from({ length: 2_500_000 }, (_, i) => (i * 31 + (i >> 9)) & 255),
    );
    writeFileSync(join(directory.path, 'large.bin'), bytes);
    writeFileSync(join(directory.path, 'small.txt'), 'small');
    expect(cli('userfile', 'upload', 'large.bin', 'x/large.bin').out).toBe(
      'successfully uploaded to userfile://defaultdb.public.userfiles_root/x/large.bin\n',
    );
    expect(cli('userfile', 'upload', 'small.txt').code).toBe(0);
    expect(cli('userfile', 'list').out).toBe('small.txt\nx/large.bin\n');
    expect(cli('userfile', 'list', 'x/*').out).toBe('x/large.bin\n');
    expect(cli('userfile', 'get', 'x/large.bin', 'got.bin').code).toBe(0);
    expect(Buffer.compare(readFileSync(join(directory.path, 'got.bin')), bytes)).toBe(0);
    expect(cli('userfile', 'delete', '*.txt').out).toBe(
      'successfully deleted userfile://defaultdb.public.userfiles_root/small.txt\n',
    );
    expect(cli('userfile', 'list').out).toBe('x/large.bin\n');
    const missing = cli('userfile', 'get', 'nosuch');
    expect(missing).toMatchObject({ code: 1, out: expect.stringContaining('58P01') });
  });

  test('nodelocal upload', () => {
    writeFileSync(join(directory.path, 'note.txt'), 'note');
    expect(cli('nodelocal', 'upload', 'note.txt', 'a/b.txt').out).toBe(
      'successfully uploaded to nodelocal://1/a/b.txt\n',
    );
    expect(readFileSync(join(directory.path, 'store/extern/a/b.txt'), 'utf8')).toBe('note');
    expect(cli('nodelocal', 'upload', 'note.txt', '../b.txt').code).toBe(1);
  });

  test('backups in userfile', () => {
    server.psql('defaultdb', [
      `BACKUP DATABASE d INTO 'userfile:///backups'`,
      `RESTORE DATABASE d FROM LATEST IN 'userfile:///backups' WITH new_db_name = 'd2'`,
    ]);
    expect(server.psql('d2', ['SELECT a FROM t ORDER BY a'])).toBe('a\n1\n2\n');
    expect(server.psql('d', [`SHOW BACKUPS IN 'userfile:///backups'`]).split('\n')).toHaveLength(3);
  });

  test('backups in userfile that a block begins run after its COMMIT', () => {
    const run = (...statements: string[]): string =>
      server.psql('defaultdb', statements, ['--no-align', '--tuples-only', '-q']);
    const backup = `BACKUP DATABASE d TO 'userfile:///block' WITH detached`;
    const waiting = `SELECT status FROM [SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE job_type = 'BACKUP']`;
    // Nothing of what is rolled back stays, so the place is free.
    run('BEGIN', backup, 'ROLLBACK');
    run('BEGIN', 'SAVEPOINT s', backup, 'ROLLBACK TO SAVEPOINT s', 'COMMIT');
    expect(cli('userfile', 'list', 'block/*').out).toBe('');
    expect(() => run('BEGIN', backup, backup, 'COMMIT')).toThrow(
      'userfile://defaultdb.public.userfiles_root/block already contains a BACKUP-CHECKPOINT file',
    );
    run(
      'BEGIN',
      'INSERT INTO d.t VALUES (3)',
      `${backup}, encryption_passphrase = 'abc'`,
      'INSERT INTO d.t VALUES (4)',
      'COMMIT',
    );
    expect(run(waiting)).toMatch(/^(succeeded\n)+$/);
    expect(() => run('BEGIN', backup, 'COMMIT')).toThrow('file appears encrypted');
    run(
      `RESTORE DATABASE d FROM 'userfile:///block' WITH new_db_name = 'block1', encryption_passphrase = 'abc'`,
      'DELETE FROM d.t WHERE a > 2',
    );
    expect(run('SELECT a FROM block1.t ORDER BY a')).toBe('1\n2\n3\n4\n');
    // A layer onto a collection, in a block as well.
    run(
      'BEGIN',
      'INSERT INTO d.t VALUES (5)',
      `BACKUP DATABASE d INTO LATEST IN 'userfile:///backups' WITH detached`,
      'COMMIT',
      waiting,
      `RESTORE DATABASE d FROM LATEST IN 'userfile:///backups' WITH new_db_name = 'block2'`,
      'DELETE FROM d.t WHERE a > 2',
    );
    expect(run('SELECT a FROM block2.t ORDER BY a')).toBe('1\n2\n5\n');
  });

  test('external connections stand for locations, and hide their secrets', () => {
    const keys = 'AWS_ACCESS_KEY_ID=id&AWS_SECRET_ACCESS_KEY=hush';
    server.psql('defaultdb', [
      `CREATE EXTERNAL CONNECTION place AS 'userfile:///place?'`,
      `CREATE EXTERNAL CONNECTION bucket AS 's3://b/p?${keys}'`,
      `CREATE EXTERNAL CONNECTION IF NOT EXISTS bucket AS 'null:///'`,
      `BACKUP DATABASE d INTO 'external://place/below'`,
      `RESTORE DATABASE d FROM LATEST IN 'external://place/below' WITH new_db_name = 'd3'`,
    ]);
    expect(server.psql('d3', ['SELECT a FROM t ORDER BY a'])).toBe('a\n1\n2\n');
    const shown = server.psql('defaultdb', [
      'SHOW EXTERNAL CONNECTIONS',
      'SHOW EXTERNAL CONNECTION bucket',
      'SHOW CREATE EXTERNAL CONNECTION bucket',
      'SHOW CREATE ALL EXTERNAL CONNECTIONS',
    ]);
    expect(shown).toContain('AWS_SECRET_ACCESS_KEY=redacted');
    expect(shown + server.stderr).not.toContain('hush');
    server.psql('defaultdb', ['DROP EXTERNAL CONNECTION place']);
    expect(() => server.psql('defaultdb', [`SHOW BACKUPS IN 'external://place/below'`])).toThrow(
      /external connection with connection name "place" does not exist/,
    );
    const again = `CREATE EXTERNAL CONNECTION bucket AS 'null:///'`;
    expect(() => server.psql('defaultdb', [again])).toThrow(/'bucket' already exists/);
    const wrong = `CREATE EXTERNAL CONNECTION w AS 's3://b/p'`;
    expect(() => server.psql('defaultdb', [wrong])).toThrow(/AWS_ACCESS_KEY_ID is not set/);
  });

  test.each([
    ['SHOW EXTERNAL CONNECTIONS', /only users with the admin role/],
    [`SHOW BACKUPS IN 'external://bucket'`, /from the specified external URI/],
    [`SHOW BACKUPS IN 'userfile://defaultdb.public.userfiles_root/x'`, /SELECT privilege/],
    [`FILE PUT 'nodelocal://1/x'`, /UPLOAD to the specified nodelocal URI/],
    [`FILE PUT 'userfile:///x'`, /CREATE privilege on database defaultdb/],
  ])('users who are no admins: %s', (statement, message) => {
    const url = server.url().replace('//root@', '//pat@');
    const { stderr } = spawnSync('psql', ['-X', '-c', statement, url], { encoding: 'utf8' });
    expect(stderr).toMatch(message);
  });

  test('an upload belongs to its session', () => {
    expect(() => server.psql('defaultdb', [`FILE DATA 'eA=='`])).toThrow(/not uploading a file/);
    expect(() => server.psql('defaultdb', ['BEGIN', `FILE PUT 'userfile:///x'`])).toThrow(
      /cannot be used inside a transaction/,
    );
    server.psql('defaultdb', [`FILE PUT 'userfile:///half'`, `FILE DATA 'eA=='`]);
    expect(cli('userfile', 'list', 'half').out).toBe('');
  });
});
