import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describePsql, type OothecaProcess } from '../../support/ootheca-process';
import { cpuTicks, eventually, testWithProc } from '../../support/process-state';
import { startRestored } from '../../support/restored-server';

describePsql('psql', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await startRestored(['bank', 'movr']);
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** Runs a script from stdin, without stopping at errors; both outputs as they came. */
  function script(text: string, environment: NodeJS.ProcessEnv = {}): string {
    const flags = ['-X', '-q', '-A', '-t', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never'];
    const done = spawnSync(
      'sh',
      ['-c', 'exec psql "$@" 2>&1', 'sh', ...flags, server.url('bank')],
      {
        encoding: 'utf8',
        input: text,
        env: { ...process.env, ...environment },
      },
    );
    return done.stdout;
  }

  test('errors carry SQLSTATE, detail, hint and a caret', () => {
    expect(script('SELEC 1;')).toBe(
      [
        'ERROR:  42601: at or near "selec": syntax error',
        'LINE 1: SELEC 1;',
        '        ^',
        'DETAIL:  source SQL:',
        'SELEC 1',
        '^',
        '',
      ].join('\n'),
    );
    expect(script("SET timezone = 'Nowhere';")).toContain('DETAIL:  unknown time zone Nowhere');
    expect(script("SET bytea_output = 'x';")).toContain(
      'HINT:  Available values: hex,escape,base64',
    );
  });

  test('a notice reaches the client', () => {
    expect(script("SET LOCAL timezone = 'UTC';")).toBe(
      'WARNING:  25P01: SET LOCAL can only be used in transaction blocks\n',
    );
  });

  test('the prompt knows the state of the transaction', () => {
    const echo = (statement: string): string => `${statement}\n\\echo :SQLSTATE\n`;
    const out = script(
      ['BEGIN;', 'SELECT 1/0;', 'SELECT 1;', 'ROLLBACK;', 'SELECT 1;'].map(echo).join(''),
    );
    expect(out.split('\n').filter((line) => /^\w{5}$/.test(line))).toEqual([
      '00000',
      '22012',
      '25P02',
      '00000',
      '00000',
    ]);
  });

  test('statements joined with \\; are one message', () => {
    expect(script('SELECT 18\\; SELECT 19\\; SELECT 1/0\\; SELECT 20;')).toBe(
      '18\n19\nERROR:  22012: division by zero\n',
    );
  });

  test('PGOPTIONS, PGAPPNAME, PGTZ', () => {
    const out = script('SHOW timezone; SHOW application_name; SHOW statement_timeout;', {
      PGOPTIONS: '-c statement_timeout=2s',
      PGAPPNAME: 'my app',
      PGTZ: 'Europe/Berlin',
    });
    expect(out).toBe('Europe/Berlin\nmy app\n2000\n');
  });

  test('statement_timeout ends a query', () => {
    const out = script(
      'SET statement_timeout = 100; SELECT count(*) FROM movr.rides a, movr.rides b, movr.users c;',
    );
    expect(out).toBe('ERROR:  57014: query execution canceled due to statement timeout\n');
  });

  testWithProc('Ctrl-C ends a query, and only the query', async () => {
    const sql = 'SELECT count(*) FROM movr.rides a, movr.rides b, movr.users c';
    const before = cpuTicks(server.pid);
    const child = spawn('psql', ['-X', '-q', '-A', '-t', '-c', sql, server.url('bank')]);
    let out = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
    }
    const closed = once(child, 'close');
    // Until psql has sent the query, a SIGINT ends psql itself.
    await eventually(() => cpuTicks(server.pid) > before + 50);
    child.kill('SIGINT');
    await closed;
    expect(out).toContain('ERROR:  query execution canceled');
    expect(script('SELECT 1;')).toBe('1\n');
  });
});
