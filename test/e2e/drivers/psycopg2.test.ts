import { spawnSync } from 'node:child_process';
import type { OothecaProcess } from '../../support/ootheca-process';
import { startRestored } from '../../support/restored-server';

/** The first Python that has psycopg2. */
const python = ['/usr/bin/python3', 'python3'].find(
  (each) => spawnSync(each, ['-c', 'import psycopg2']).status === 0,
);

const describePython = (name: string, body: () => void): void => {
  if (python === undefined) describe.skip(`${name} (needs psycopg2)`, body);
  else describe(name, body);
};

describePython('psycopg2', () => {
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await startRestored(['bank']);
  });
  afterAll(async () => {
    await server?.stop();
  });

  function run(body: string): unknown {
    const program = [
      'import json, sys, datetime, decimal, uuid, threading, time',
      'import psycopg2, psycopg2.errors, psycopg2.extras',
      'psycopg2.extras.register_uuid()',
      `def connect(**kw): return psycopg2.connect(host='127.0.0.1', port=${server.port}, user='root', dbname='bank', **kw)`,
      'def done(value): print(json.dumps(value, default=str))',
      body,
    ].join('\n');
    const ran = spawnSync(python ?? '', ['-c', program], { encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(ran.stderr);
    return JSON.parse(ran.stdout) as unknown;
  }

  test('values of many types', () => {
    const answer = run(`
c = connect().cursor()
c.execute("SELECT %s, %s, %s, %s, %s, %s, %s, %s", (
    1, 'it''s \\\\ grüße', decimal.Decimal('1.50'), True, None, datetime.date(2021, 10, 11), [1, 2],
    uuid.UUID('63616665-6630-3064-6465-616462656562')))
done(c.fetchone())`);
    expect(answer).toEqual([
      1,
      'its \\ grüße',
      '1.50',
      true,
      null,
      '2021-10-11',
      [1, 2],
      '63616665-6630-3064-6465-616462656562',
    ]);
  });

  test('status of the transaction, error classes and fields', () => {
    const answer = run(`
conn = connect()
c = conn.cursor()
out = [conn.get_transaction_status()]
c.execute('SELECT 1'); out.append(conn.get_transaction_status())
try: c.execute('SELECT * FROM nosuch')
except psycopg2.errors.UndefinedTable as e: out.append([e.pgcode, e.diag.severity, e.diag.message_primary])
out.append(conn.get_transaction_status())
try: c.execute('SELECT 1')
except psycopg2.errors.InFailedSqlTransaction as e: out.append(e.pgcode)
conn.rollback(); out.append(conn.get_transaction_status())
c.execute('SELECT count(*) FROM accounts'); out.append(c.fetchone()); conn.commit()
out.append([conn.server_version, conn.encoding, conn.get_parameter_status('TimeZone')])
done(out)`);
    expect(answer).toEqual([
      0,
      2,
      ['42P01', 'ERROR', 'relation "nosuch" does not exist'],
      3,
      '25P02',
      0,
      [200],
      [130000, 'UTF8', 'UTC'],
    ]);
  });

  test('autocommit, read-only sessions, cancel', () => {
    const answer = run(`
conn = connect()
conn.set_session(readonly=True, autocommit=True)
c = conn.cursor()
c.execute('SHOW default_transaction_read_only'); out = c.fetchone()
threading.Timer(0.3, conn.cancel).start()
try: c.execute('SELECT count(*) FROM accounts a, accounts b, accounts c, accounts d')
except psycopg2.errors.QueryCanceled as e: out += (e.pgcode,)
c.execute('SELECT 1'); out += c.fetchone()
done(out)`);
    expect(answer).toEqual(['on', '57014', 1]);
  });

  test('named parameters and a dictionary cursor', () => {
    const answer = run(`
c = connect().cursor(cursor_factory=psycopg2.extras.RealDictCursor)
c.execute('SELECT id, name FROM customers ORDER BY id LIMIT %(n)s', {'n': 2})
done([sorted(r.keys()) for r in c.fetchall()])`);
    expect(answer).toEqual([
      ['id', 'name'],
      ['id', 'name'],
    ]);
  });
});
