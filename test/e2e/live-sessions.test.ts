import type { Client } from 'pg';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';

/** SHOW SESSIONS, QUERIES, TRANSACTIONS of others, and ending them. */

const LONG = 'SELECT count(*) FROM generate_series(1, 100000000) AS g(n) WHERE n % 3 = 1';

describePsql('live sessions', () => {
  let server: OothecaProcess;
  let other: Client;
  let mine: Client;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem']);
  });
  afterAll(async () => {
    await server?.stop();
  });
  beforeEach(async () => {
    mine = await pgClient(server);
    other = await pgClient(server, 'defaultdb', { application_name: 'other' });
  });
  afterEach(async () => {
    await mine.end();
    await other.end().catch(() => undefined);
  });

  const ended = async (work: Promise<unknown>): Promise<string> => {
    const error = (await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )) as { code?: string } | undefined;
    return error?.code ?? 'none';
  };
  /** The row of the other session's statement, once it is at work. */
  const running = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const { rows } = await mine.query(
        `SELECT * FROM [SHOW QUERIES] WHERE application_name = 'other'`,
      );
      if (rows[0] !== undefined) return rows[0] as Record<string, unknown>;
    }
  };

  test('a query is listed while it runs, and CANCEL QUERY ends it', async () => {
    const result = ended(other.query(LONG));
    const row = await running();
    expect(row).toMatchObject({ query: LONG, user_name: 'root', phase: 'executing' });
    await mine.query(`CANCEL QUERY '${String(row['query_id'])}'`);
    expect(await result).toBe('57014');
    expect((await other.query('SELECT 1 AS a')).rows).toEqual([{ a: expect.anything() }]);
  });

  test('the last statement of a session is shown, without its secrets', async () => {
    const shown = async (): Promise<unknown[]> => {
      const { rows } = await mine.query(
        `SELECT last_active_query AS q FROM [SHOW SESSIONS] WHERE application_name = 'other'
         UNION ALL SELECT query FROM pg_stat_activity WHERE application_name = 'other'`,
      );
      return rows.map((row: { q: unknown }) => row.q);
    };
    await other.query('SELECT 1 AS a');
    expect(await shown()).toEqual(['SELECT 1 AS a', 'SELECT 1 AS a']);
    await other.query(`CREATE USER secretive WITH PASSWORD 'tell no one'`);
    const redacted = `CREATE USER secretive WITH PASSWORD 'redacted'`;
    expect(await shown()).toEqual([redacted, redacted]);
    const url = 'nodelocal://1/nowhere?AWS_SECRET_ACCESS_KEY=abc';
    await ended(other.query(`SHOW BACKUPS IN '${url}'`));
    expect(String(await shown())).not.toContain('abc');
  });

  test('CANCEL QUERIES takes the ids of a query', async () => {
    const result = ended(other.query(LONG));
    await running();
    await mine.query(
      `CANCEL QUERIES (SELECT query_id FROM [SHOW QUERIES] WHERE application_name = 'other')`,
    );
    expect(await result).toBe('57014');
  });

  test('CANCEL SESSION sends the client away', async () => {
    const { rows } = await mine.query(
      `SELECT session_id FROM [SHOW SESSIONS] WHERE application_name = 'other'`,
    );
    const gone = new Promise<void>((resolve) => {
      other.on('end', () => resolve());
    });
    await mine.query(`CANCEL SESSION '${rows[0].session_id}'`);
    await gone;
    const left = await mine.query(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'other'`,
    );
    expect(left.rows).toEqual([{ n: expect.anything() }]);
    expect(Number(left.rows[0].n)).toBe(0);
  });

  test('a block is a transaction; session_id names the session', async () => {
    await other.query('BEGIN');
    const { rows } = await mine.query('SHOW TRANSACTIONS');
    expect(rows).toEqual([expect.objectContaining({ application_name: 'other' })]);
    const states = await mine.query(
      `SELECT state FROM pg_stat_activity WHERE application_name = 'other'`,
    );
    expect(states.rows).toEqual([{ state: 'idle in transaction' }]);
    await other.query('ROLLBACK');
    const shown = await other.query('SHOW session_id');
    const listed = await mine.query(
      `SELECT session_id FROM [SHOW SESSIONS] WHERE application_name = 'other'`,
    );
    expect(listed.rows).toEqual(shown.rows);
  });

  test('an id that nothing has', async () => {
    expect(await ended(mine.query(`CANCEL QUERY 'x'`))).toBe('42704');
    expect(await ended(mine.query(`CANCEL SESSION IF EXISTS 'x'`))).toBe('none');
  });

  test.each([
    ['SHOW REGIONS', []],
    ['SHOW REGIONS FROM DATABASE defaultdb', []],
    ['SHOW SURVIVAL GOAL FROM DATABASE', [{ database: 'defaultdb', survival_goal: null }]],
    ['SHOW PARTITIONS FROM DATABASE defaultdb', []],
    [`SHOW SYNTAX 'SELECT 1'`, [{ field: 'sql', message: 'SELECT 1' }]],
  ])('%s', async (sql, rows) => {
    expect((await mine.query(sql)).rows).toEqual(rows);
  });

  test('SHOW SYNTAX tells what is wrong', async () => {
    const { rows } = await mine.query(`SHOW SYNTAX 'SELECT FROM WHERE'`);
    expect(rows[0]).toMatchObject({ field: 'error' });
    expect(rows[1]).toEqual({ field: 'code', message: '42601' });
  });
});
