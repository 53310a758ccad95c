import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { asyncPsql } from '../support/async-psql';
import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** BACKUP statements that a user gets wrong, and the answers. */

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('BACKUP statements', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    server.psql('defaultdb', ['CREATE DATABASE d', 'CREATE TABLE d.t (a INT PRIMARY KEY)']);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  const run = (statement: string) => server.psql('d', [statement], PLAIN);
  const refused = (statement: string) => expect(() => run(statement));

  test('layers that INCREMENTAL FROM lists in another order, or not at all', () => {
    const [full, one, two] = ['full', 'one', 'two'].map((name) => `'nodelocal://1/${name}'`);
    const onto = (...layers: (string | undefined)[]) =>
      `BACKUP DATABASE d TO 'nodelocal://1/three' INCREMENTAL FROM ${layers.join(', ')}`;
    run(`BACKUP DATABASE d TO ${full}`);
    run(`BACKUP DATABASE d TO ${one} INCREMENTAL FROM ${full}`);
    run(`BACKUP DATABASE d TO ${two} INCREMENTAL FROM ${full}, ${one}`);
    for (const layers of [[one, full], [one], [full, two], [full, two, one]]) {
      refused(onto(...layers)).toThrow('backups listed out of order (mismatched start time)');
    }
    run(onto(full, one, two));
    run(
      `RESTORE DATABASE d FROM ${full}, ${one}, ${two}, 'nodelocal://1/three' WITH new_db_name = 'e'`,
    );
  });

  test('all tables of the current database', () => {
    run(`BACKUP * INTO 'nodelocal://1/star'`);
    run(`BACKUP TABLE * INTO LATEST IN 'nodelocal://1/star'`);
    const shown = `SELECT object_name, backup_type FROM [SHOW BACKUP LATEST IN 'nodelocal://1/star']`;
    expect(run(shown)).toBe('d|full\nt|full\nd|incremental\nt|incremental\n');
  });

  test('an empty database, by name and by all of its tables', () => {
    server.psql('defaultdb', ['CREATE DATABASE hollow', 'CREATE SCHEMA hollow.s']);
    run(`BACKUP hollow.* INTO 'nodelocal://1/hollow'`);
    server.psql('hollow', [`BACKUP * INTO LATEST IN 'nodelocal://1/hollow'`]);
    run(`RESTORE DATABASE hollow FROM LATEST IN 'nodelocal://1/hollow' WITH new_db_name = 'n2'`);
    expect(run(`SELECT schema_name FROM [SHOW SCHEMAS FROM n2] WHERE schema_name = 's'`)).toBe(
      's\n',
    );
    run(`BACKUP hollow.*, t INTO 'nodelocal://1/hollow and t'`);
    const shown = `SELECT object_name FROM [SHOW BACKUP LATEST IN 'nodelocal://1/hollow and t'] ORDER BY 1`;
    expect(run(shown)).toBe('d\nhollow\ns\nt\n');
    refused(`BACKUP hollow.s.* INTO 'nodelocal://1/x'`).toThrow(
      'no tables or databases matched the given targets: TABLE hollow.s.*',
    );
  });

  test('options', () => {
    const backup = `BACKUP DATABASE d INTO 'nodelocal://1/x'`;
    refused(`${backup} WITH revision_history, detached, revision_history`).toThrow(
      'revision_history option specified multiple times',
    );
    refused(`${backup} WITH encryption_passphrase = 'a', encryption_passphrase = 'b'`).toThrow(
      'encryption_passphrase specified multiple times',
    );
    refused(
      `BACKUP DATABASE d TO 'nodelocal://1/x' WITH incremental_location = 'nodelocal://1/y'`,
    ).toThrow('incremental_location option not supported with `BACKUP TO` syntax');
    const [one, two] = ['default', 'region%3Deu'].map(
      (tier) => `'nodelocal://1/parts?COCKROACH_LOCALITY=${tier}'`,
    );
    const parts = `BACKUP DATABASE d INTO LATEST IN (${one}, ${two})`;
    refused(`${parts} WITH incremental_location = 'nodelocal://1/y'`).toThrow(
      'the incremental_location option must contain the same number of locality aware URIs as the full backup destination',
    );
    refused(`${backup} AS OF SYSTEM TIME with_max_staleness('10s')`).toThrow(
      'AS OF SYSTEM TIME: only constant expressions or follower_read_timestamp are allowed',
    );
  });

  test('NULL as a location', async () => {
    const client = await pgClient(server);
    for (const [text, ...values] of [
      ['BACKUP DATABASE d INTO $1', null],
      [
        'BACKUP DATABASE d INTO LATEST IN $1 WITH encryption_passphrase = $2',
        'nodelocal://1/x',
        null,
      ],
      ['RESTORE DATABASE d FROM LATEST IN $1', null],
      ['SHOW BACKUPS IN $1', null],
    ]) {
      await expect(client.query({ text: String(text), values })).rejects.toMatchObject({
        code: '22004',
        message: 'expected string, got NULL',
      });
    }
    await client.end();
  });

  test('what is dropped after the answer of WITH detached is in the backup', () => {
    server.psql('defaultdb', ['CREATE DATABASE short', 'CREATE TABLE short.t (a INT PRIMARY KEY)']);
    const job = server
      .psql(
        'short',
        [
          'INSERT INTO t VALUES (1), (2)',
          `BACKUP DATABASE short INTO 'nodelocal://1/short' WITH detached`,
          'DROP DATABASE short CASCADE',
        ],
        PLAIN,
      )
      .trim();
    expect(run(`SELECT status FROM [SHOW JOB WHEN COMPLETE ${job}]`)).toBe('succeeded\n');
    run(`RESTORE DATABASE short FROM LATEST IN 'nodelocal://1/short'`);
    expect(server.psql('short', ['SELECT count(*) FROM t'], PLAIN)).toBe('2\n');
  });

  test('WITH detached in a block: what the block writes, and nothing that is written after its COMMIT', () => {
    server.psql('defaultdb', ['CREATE DATABASE block', 'CREATE TABLE block.t (a INT PRIMARY KEY)']);
    const shown = server.psql(
      'block',
      [
        'BEGIN',
        'INSERT INTO t VALUES (1)',
        `BACKUP DATABASE block INTO 'nodelocal://1/block' WITH detached`,
        'INSERT INTO t VALUES (2)',
        'COMMIT',
        'INSERT INTO t VALUES (3)',
        'DELETE FROM t WHERE a = 1',
      ],
      PLAIN,
    );
    expect(run(`SELECT status FROM [SHOW JOB WHEN COMPLETE ${shown.trim()}]`)).toBe('succeeded\n');
    run(`RESTORE DATABASE block FROM LATEST IN 'nodelocal://1/block' WITH new_db_name = 'then'`);
    expect(server.psql('then', ['SELECT a FROM t ORDER BY 1'], PLAIN)).toBe('1\n2\n');
    run(`BACKUP DATABASE block INTO LATEST IN 'nodelocal://1/block'`);
    run(`RESTORE DATABASE block FROM LATEST IN 'nodelocal://1/block' WITH new_db_name = 'now'`);
    expect(server.psql('now', ['SELECT a FROM t ORDER BY 1'], PLAIN)).toBe('2\n3\n');
  });

  test('LATEST can not be written: the job fails and says so, and the next one is not confused', () => {
    const collection = `'nodelocal://1/unnamed'`;
    run(`BACKUP DATABASE d INTO ${collection}`);
    const latest = join(io.path, 'unnamed', 'LATEST');
    const first = readFileSync(latest, 'utf8').slice(1);
    rmSync(latest);
    mkdirSync(join(latest, 'in the way'), { recursive: true });
    refused(`BACKUP DATABASE d INTO ${collection}`).toThrow(
      /the backup in "\d{4}\/\d\d\/\d\d-\d{6}\.\d\d" is complete, but LATEST could not be made to name it: /,
    );
    const failed = `SELECT status FROM [SHOW JOBS] WHERE description LIKE '%unnamed%' ORDER BY created DESC LIMIT 1`;
    expect(run(failed)).toBe('failed\n');
    rmSync(latest, { recursive: true });
    writeFileSync(latest, `/${first}`);
    const backups = run(`SELECT path FROM [SHOW BACKUPS IN ${collection}]`).trim().split('\n');
    expect(backups).toHaveLength(2);
    expect(backups[0]).toBe(first);
    // What is there without a name is whole, and named it can be gone on with.
    run(`BACKUP DATABASE d INTO '${backups[1]}' IN ${collection}`);
    run(`BACKUP DATABASE d INTO LATEST IN ${collection}`);
    const layers = (of: string) =>
      run(`SELECT DISTINCT backup_type FROM [SHOW BACKUP ${of} IN ${collection}] ORDER BY 1`);
    expect(layers('LATEST')).toBe('full\nincremental\n');
    expect(layers(`'${backups[1]}'`)).toBe('full\nincremental\n');
    run(`BACKUP DATABASE d INTO ${collection}`);
    expect(backups).not.toContain(readFileSync(latest, 'utf8').slice(1));
  });

  test('several at once into one directory: one of them makes the full backup', async () => {
    run('INSERT INTO t VALUES (1)');
    const attempts = Array.from({ length: 4 }, () =>
      asyncPsql(server, 'd', [`BACKUP DATABASE d TO 'nodelocal://1/once'`]).then(
        // A full backup has the row, a layer that comes when it is there has none.
        (answer) => answer.trim().split('\n').at(-1)?.split(',')[3],
        (error: Error) => /already contains|is adding a layer/.exec(error.message)?.[0],
      ),
    );
    const answers = await Promise.all(attempts);
    expect(answers.filter((answer) => answer === '1')).toHaveLength(1);
    expect(answers.filter((answer) => answer === undefined)).toEqual([]);
    run('DELETE FROM t');
  });
});
