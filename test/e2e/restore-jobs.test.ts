import { cpSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, fixturesDir, sharedDir } from '../support/shared';

/** What can be done to a RESTORE while it runs, and what a client sees of one that fails. */

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('a restore that fails', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const layer = join(io.path, 'bank', '2026/11/22-171336.11');
  const copyBackup = (): void =>
    cpSync(join(fixturesDir, 'backups', 'bank'), join(io.path, 'bank'), { recursive: true });
  const restore = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`;

  beforeAll(async () => {
    copyBackup();
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  test('tells the file and the offset; SHOW JOBS tells them again; the intact backup restores', () => {
    const largest = readdirSync(layer).find((name) => name.startsWith('1229773917932322817'));
    truncateSync(join(layer, largest ?? ''), 150_000);
    const error = /1229773917932322817\.sst at offset \d+: /;
    expect(() => server.psql('defaultdb', [restore], ['-v', 'VERBOSITY=verbose'])).toThrow(
      /ERROR: {2}XX001: nodelocal:\/\/1\/bank\/2026\/11\/22-171336\.11\/1229773917932322817\.sst at offset \d+: /,
    );
    const shown = server.psql('defaultdb', ['SELECT status, error FROM [SHOW JOBS]'], PLAIN);
    expect(shown).toMatch(/^failed\|/);
    expect(shown).toMatch(error);
    expect(server.psql('defaultdb', ['SHOW DATABASES'])).not.toContain('bank');

    rmSync(join(io.path, 'bank'), { recursive: true });
    copyBackup();
    expect(server.psql('defaultdb', [restore])).toMatch(/,succeeded,1,3252,6250,517527\n$/);
    expect(server.psql('bank', ['SELECT count(*) FROM transfers'], PLAIN)).toBe('3000\n');
    server.psql('defaultdb', ['DROP DATABASE bank CASCADE']);
  });

  test('a detached one fails in the background', async () => {
    rmSync(join(layer, '1229773917901127681.sst'));
    const id = server.psql('defaultdb', [`${restore} WITH detached`], PLAIN).trim();
    const select = `SELECT status FROM [SHOW JOB ${id}]`;
    while (/running|reverting/.test(server.psql('defaultdb', [select], PLAIN))) await sleep(20);
    const shown = server.psql('defaultdb', [`SELECT status, error FROM [SHOW JOB ${id}]`], PLAIN);
    expect(shown).toMatch(/^failed\|nodelocal storage file does not exist: .*1229773917901127681/);
    expect(server.isRunning).toBe(true);
  });
});

describeShared('while 600,000 rows are restored', () => {
  describePsql('with statements of other connections', () => {
    const io = join(sharedDir, 'backups', 'generated');
    const RESTORE = `RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1'`;
    const store = temporaryDirectory();
    let server: OothecaProcess;

    beforeAll(async () => {
      server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io}`]);
    });
    afterAll(async () => {
      await server?.stop();
      store.remove();
    });

    const run = (...statements: string[]): string => server.psql('defaultdb', statements, PLAIN);
    const statusOf = (id: string): string => run(`SELECT status FROM [SHOW JOB ${id}]`).trim();
    const fractionOf = (id: string): number =>
      Number(run(`SELECT fraction_completed FROM [SHOW JOB ${id}]`));
    const startDetached = (): string => run(`${RESTORE} WITH detached`).trim();

    async function waitFor(id: string, status: string): Promise<void> {
      while (statusOf(id) !== status) {
        expect(statusOf(id)).not.toBe('failed');
        await sleep(20);
      }
    }

    test('names are taken, nothing can be dropped, another server is refused, CANCEL leaves nothing', async () => {
      const id = startDetached();
      expect(() => run(RESTORE)).toThrow('database "tpcc" already exists');
      expect(() => run('CREATE DATABASE tpcc')).toThrow('database "tpcc" already exists');
      expect(() => run('DROP DATABASE tpcc')).toThrow('database "tpcc" is offline: restoring');
      expect(run('SHOW DATABASES')).not.toContain('tpcc');
      const flags = [`--store=${store.path}`, `--external-io-dir=${io}`];
      await expect(OothecaProcess.start(flags)).rejects.toThrow('is in use by another server');
      run(`CANCEL JOB ${id}`);
      await waitFor(id, 'canceled');
      expect(run(`SELECT error FROM [SHOW JOB ${id}]`)).toBe('job canceled by user\n');
      expect(() => run(`RESUME JOB ${id}`)).toThrow('job with status canceled cannot be resumed');
    }, 300_000);

    test('a database that tables are restored into can not be dropped', async () => {
      run('CREATE DATABASE target');
      const tables = `RESTORE tpcc.* FROM LATEST IN 'nodelocal://1/tpcc-1'`;
      const id = run(`${tables} WITH into_db = 'target', detached`).trim();
      expect(() => run('DROP DATABASE target CASCADE')).toThrow(
        /cannot drop a database with OFFLINE objects, ensure target\.public\.\w+ is dropped or made public before dropping database target/,
      );
      expect(run('SHOW TABLES FROM target')).toBe('');
      const granted = 'SELECT DISTINCT relation_name IS NULL FROM [SHOW GRANTS]';
      expect(server.psql('target', [granted], PLAIN)).toBe('t\n');
      run(`CANCEL JOB ${id}`);
      await waitFor(id, 'canceled');
      run('DROP DATABASE target RESTRICT'); // nothing was left in it
    }, 300_000);

    test('in a block PAUSE, RESUME and CANCEL are part of the transaction', async () => {
      const id = startDetached();
      run('BEGIN', 'CREATE TABLE t (a INT)', `PAUSE JOB ${id}`, 'ROLLBACK');
      expect(statusOf(id)).toBe('running');
      run('BEGIN', 'CREATE TABLE t (a INT)', `PAUSE JOB ${id}`, 'COMMIT');
      await waitFor(id, 'paused');
      run('BEGIN', `RESUME JOB ${id}`, `SAVEPOINT s`, 'DROP TABLE t', 'COMMIT');
      expect(statusOf(id)).toBe('running');
      run('BEGIN', `CANCEL JOBS SELECT job_id FROM [SHOW JOBS] WHERE job_id = ${id}`, 'COMMIT');
      await waitFor(id, 'canceled');
      run('DROP TABLE IF EXISTS t');
    }, 300_000);

    test('PAUSE stops it, RESUME goes on; two restores run at once', async () => {
      const id = startDetached();
      while (fractionOf(id) === 0) await sleep(20);
      run(`PAUSE JOB ${id}`);
      await waitFor(id, 'paused');
      const paused = fractionOf(id);
      await sleep(300);
      expect([statusOf(id), fractionOf(id)]).toEqual(['paused', paused]);
      expect(paused).toBeLessThan(1);

      run(`RESUME JOB ${id}`);
      const bank = run(`RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`);
      expect(bank).toMatch(/\|succeeded\|1\|3252\|6250\|/);
      expect(server.psql('bank', ['SELECT count(*) FROM transfers'], PLAIN)).toBe('3000\n');
      await waitFor(id, 'succeeded');
      const count = 'SELECT (SELECT count(*) FROM stock), (SELECT count(*) FROM order_line)';
      expect(server.psql('tpcc', [count], PLAIN)).toBe('100000|300343\n');
      const ranges = `SELECT sum(rows) FROM [SHOW RANGES FROM TABLE stock]`;
      expect(server.psql('tpcc', [ranges], PLAIN)).toBe('100000\n');
    }, 300_000);
  });
});

describeShared('a table that uses a type of another database', () => {
  describePsql('cross-database-type-v20.2', () => {
    let server: OothecaProcess;
    beforeAll(async () => {
      const io = join(sharedDir, 'backups', 'upstream');
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    });
    afterAll(async () => {
      await server?.stop();
    });
    const LAYER = `'nodelocal://1/cross-database-type-v20.2'`;

    test('is refused', () => {
      expect(() => server.psql('defaultdb', [`RESTORE DATABASE otherdb FROM ${LAYER}`])).toThrow(
        'type "t" has unknown ParentID 50',
      );
    });
    test('is shown', () => {
      expect(server.psql('defaultdb', [`SHOW BACKUP SCHEMAS ${LAYER}`])).toContain('otherdb');
    });
  });
});
