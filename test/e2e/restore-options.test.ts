import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describePsql } from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';
import { TestServer } from '../support/test-server';

/** Options that say what a restore makes of a backup, and what it does at an error. */

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('options of RESTORE', () => {
  const server = new TestServer();
  const run = (database: string, ...statements: string[]): string =>
    server.psql(database, statements, PLAIN);
  const refused = (statement: string): string => {
    try {
      server.psql('defaultdb', [statement], ['-v', 'VERBOSITY=verbose']);
    } catch (error) {
      return String(error);
    }
    return 'no error';
  };
  const from = (name: string): string => `FROM LATEST IN 'nodelocal://1/${name}'`;

  beforeAll(() => {
    for (const name of ['alltypes', 'bank']) {
      cpSync(join(fixturesDir, 'backups', name), join(server.io, name), { recursive: true });
    }
    run('defaultdb', 'CREATE DATABASE d', 'CREATE SCHEMA d.s');
  });

  test('new_db_name: the database under another name, its views too', () => {
    run('defaultdb', `RESTORE DATABASE bank ${from('bank')} WITH new_db_name = 'bank2'`);
    expect(run('bank2', 'SELECT count(*) FROM rich')).toMatch(/^\d+\n$/);
    expect(run('bank2', 'SELECT count(*) FROM transfers')).toBe('3000\n');
    expect(run('bank2', 'SELECT v FROM archive.old ORDER BY k')).toBe('{"x": 1}\n\\N\n');
    expect(refused(`RESTORE DATABASE bank ${from('bank')} WITH new_db_name = 'bank2'`)).toContain(
      'ERROR:  42P04: database "bank2" already exists',
    );
    const one = 'new_db_name can only be used for RESTORE DATABASE with a single target database';
    expect(
      refused(`RESTORE TABLE bank.customers ${from('bank')} WITH new_db_name = 'x', into_db = 'd'`),
    ).toContain(one);
    expect(run('defaultdb', 'SHOW DATABASES')).not.toMatch(/^bank\|/m);
    run('defaultdb', 'DROP DATABASE bank2 CASCADE');
  });

  test('RESTORE TABLE … AS: another name, also beside the table itself; keys follow', () => {
    run('defaultdb', `RESTORE TABLE bank.customers ${from('bank')} WITH into_db = 'd'`);
    run(
      'defaultdb',
      `RESTORE TABLE bank.customers AS customers_old ${from('bank')} WITH into_db = 'd'`,
    );
    const diff =
      'SELECT count(*) FROM (SELECT * FROM customers EXCEPT SELECT * FROM customers_old)';
    expect(run('d', diff)).toBe('0\n');
    expect(
      refused(`RESTORE TABLE bank.customers AS customers_old ${from('bank')} WITH into_db = 'd'`),
    ).toContain('42P07: relation "customers_old" already exists');
    run(
      'defaultdb',
      `RESTORE TABLE bank.customers AS c2, bank.accounts AS a2 ${from('bank')} WITH into_db = 'd'`,
    );
    expect(run('d', `SELECT create_statement FROM [SHOW CREATE TABLE a2]`)).toContain(
      'REFERENCES public.c2(id)',
    );
    expect(
      refused(
        `RESTORE TABLE bank.customers AS x, bank.accounts, bank.rich ${from('bank')} WITH into_db = 'd'`,
      ),
    ).toMatch(/restoring view "rich" together with tables under other names|relation "/);
  });

  test('into_schema: everything goes to one schema, which has to be there', () => {
    run(
      'defaultdb',
      `RESTORE TABLE alltypes.k_misc, alltypes.other.things ${from('alltypes')} WITH into_db = 'd', into_schema = 's'`,
    );
    expect(run('d', 'SELECT count(*) FROM s.k_misc')).toBe('4\n');
    expect(run('d', 'SELECT count(*) FROM s.things')).toBe('2\n');
    expect(run('d', `SELECT schema FROM [SHOW ENUMS] WHERE name = 'mood'`)).toBe('s\n');
    expect(run('d', 'SHOW SCHEMAS')).not.toMatch(/^other\|/m);
    expect(
      refused(
        `RESTORE TABLE bank.customers ${from('bank')} WITH into_db = 'd', into_schema = 'nosuch'`,
      ),
    ).toContain(
      'ERROR:  3F000: a schema named "nosuch" needs to exist in database "d" to restore table "customers"',
    );
    expect(refused(`RESTORE DATABASE bank ${from('bank')} WITH into_schema = 's'`)).toContain(
      'cannot use "into_schema" option when restoring database(s)',
    );
  });

  test('schema_only: everything but rows', () => {
    run('defaultdb', `RESTORE DATABASE bank ${from('bank')} WITH schema_only`);
    expect(run('bank', 'SELECT count(*) FROM transfers')).toBe('0\n');
    run('bank', `INSERT INTO customers (id, name, email) VALUES (1, 'a', 'a@x')`);
    expect(
      refused(`INSERT INTO bank.customers (id, name, email) VALUES (2, 'b', 'a@x')`),
    ).toContain('23505');
    run('defaultdb', 'DROP DATABASE bank CASCADE');
  });

  test('verify_backup_table_data: every byte is read and checked, nothing is written', () => {
    const restore = `RESTORE DATABASE bank ${from('bank')} WITH schema_only, verify_backup_table_data`;
    expect(server.psql('defaultdb', [restore])).toMatch(/,succeeded,1,0,0,0\n$/);
    expect(run('bank', 'SELECT count(*) FROM transfers')).toBe('0\n');
    run('defaultdb', 'DROP DATABASE bank CASCADE');
    const file = join(server.io, 'bank/2026/11/22-171336.11/1229773917932322817.sst');
    const bytes = readFileSync(file);
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8((damaged[100_000] ?? 0) ^ 1, 100_000);
    writeFileSync(file, damaged);
    expect(refused(restore)).toMatch(/XX001: .*1229773917932322817\.sst/);
    writeFileSync(file, bytes);
    expect(run('defaultdb', 'SHOW DATABASES')).not.toMatch(/^bank\|/m);
    expect(refused(restore.replace('schema_only, ', ''))).toContain(
      'to set the verify_backup_table_data option, the schema_only option must be set',
    );
  });

  describe("debug_pause_on = 'error'", () => {
    const file = join(server.io, 'bank/2026/11/22-171336.11/1229773917901127681.sst');
    const restore = `RESTORE DATABASE bank ${from('bank')} WITH debug_pause_on = 'error'`;
    const lastJob = (): string =>
      run(
        'defaultdb',
        `SELECT job_id, status, running_status FROM [SHOW JOBS] ORDER BY created DESC LIMIT 1`,
      );

    test('pauses; RESUME goes on once the cause is gone', async () => {
      renameSync(file, `${file}.away`);
      expect(refused(restore)).toMatch(/job \d+ was paused before it completed/);
      expect(lastJob()).toMatch(/^\d+\|paused\|pausing due to error; .*file does not exist/);
      renameSync(`${file}.away`, file);
      const id = lastJob().split('|')[0] ?? '';
      run('defaultdb', `RESUME JOB ${id}`);
      run('defaultdb', `SHOW JOB WHEN COMPLETE ${id}`);
      expect(run('bank', 'SELECT count(*) FROM transfers')).toBe('3000\n');
      run('defaultdb', 'DROP DATABASE bank CASCADE');
    });

    test('pauses; CANCEL leaves nothing', async () => {
      renameSync(file, `${file}.away`);
      expect(refused(restore)).toMatch(/was paused before it completed/);
      run('defaultdb', `CANCEL JOB ${lastJob().split('|')[0]}`);
      while (!/^\d+\|canceled/.test(lastJob())) await sleep(20);
      expect(run('defaultdb', 'SHOW DATABASES')).not.toMatch(/^bank\|/m);
      renameSync(`${file}.away`, file);
    });

    test('has no other value', () => {
      expect(refused(restore.replace(`'error'`, `'success'`))).toContain(
        'debug_pause_on cannot be set with the value success',
      );
    });
  });
});
