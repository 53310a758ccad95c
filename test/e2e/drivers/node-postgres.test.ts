import { type Client, type DatabaseError, Pool } from 'pg';
import type { OothecaProcess } from '../../support/ootheca-process';
import { pgClient, pgConfig, startRestored } from '../../support/restored-server';

let server: OothecaProcess;
let client: Client;

beforeAll(async () => {
  server = await startRestored(['bank']);
});
afterAll(async () => {
  await server?.stop();
});
beforeEach(async () => {
  client = await pgClient(server, 'bank');
});
afterEach(async () => {
  await client.end();
});

async function errorOf(query: Promise<unknown>): Promise<DatabaseError> {
  return await query.then(
    () => Promise.reject(new Error('no error')),
    (error: DatabaseError) => error,
  );
}

describe('parameters and results', () => {
  test.each([
    ['INT8', '9007199254740993', '9007199254740993'],
    ['INT2', 7, 7],
    ['FLOAT8', 0.1, 0.1],
    ['DECIMAL', '12.340', '12.340'],
    ['BOOL', true, true],
    ['STRING', 'grüße 🥚', 'grüße 🥚'],
    ['BYTES', Buffer.from([0, 1, 255]), Buffer.from([0, 1, 255])],
    ['UUID', '63616665-6630-3064-6465-616462656562', '63616665-6630-3064-6465-616462656562'],
    ['JSONB', { a: [1, null] }, { a: [1, null] }],
    ['INET', '192.168.0.1/24', '192.168.0.1/24'],
    ['TIMESTAMPTZ', new Date('2021-10-11T12:13:14.015Z'), new Date('2021-10-11T12:13:14.015Z')],
    ['INT8[]', [1, 2], ['1', '2']],
    ['STRING[]', ['a', null, 'b "c"'], ['a', null, 'b "c"']],
  ])('a %s goes in and comes out', async (type, given, expected) => {
    const { rows } = await client.query(`SELECT $1::${type} AS v`, [given]);
    expect(rows).toEqual([{ v: expected }]);
  });

  test('NULL', async () => {
    const { rows } = await client.query('SELECT $1::INT8 AS v', [null]);
    expect(rows).toEqual([{ v: null }]);
  });

  test('types of parameters are inferred from what they are compared with', async () => {
    const { rows } = await client.query(
      'SELECT count(*) AS n FROM accounts WHERE id = $1 AND opened < $2 AND st = $3',
      [1, '2999-01-01', 'open'],
    );
    expect(rows).toEqual([{ n: expect.stringMatching(/^[01]$/) }]);
  });

  test('a parameter that is no value of its type', async () => {
    const error = await errorOf(client.query('SELECT $1::INT8', ['x']));
    expect(error).toMatchObject({ code: '22P02', severity: 'ERROR' });
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  });

  test('columns tell their table, and OIDs that drivers know', async () => {
    const { fields } = await client.query(
      'SELECT id, balance, opened, id + 1 FROM accounts LIMIT 1',
    );
    expect(fields.map((field) => field.dataTypeID)).toEqual([20, 1700, 1082, 20]);
    expect(fields[0]?.tableID).toBeGreaterThan(0);
    expect(fields.map((field) => field.columnID)).toEqual([1, 3, 4, 0]);
    expect(fields[3]?.tableID).toBe(0);
  });

  test('a named statement, run again and again', async () => {
    for (const id of [1, 2, 3]) {
      const query = { name: 'by-id', text: 'SELECT id FROM accounts WHERE id = $1', values: [id] };
      expect((await client.query(query)).rows).toEqual([{ id: String(id) }]);
    }
  });

  test('DEALLOCATE drops a named statement, once', async () => {
    await client.query({ name: 'dropped', text: 'SELECT 1' });
    await client.query('DEALLOCATE dropped');
    const error = await errorOf(client.query('DEALLOCATE dropped'));
    expect(error).toMatchObject({ code: '26000' });
    expect(error.message).toBe('prepared statement "dropped" does not exist');
  });

  test('several statements in one text', async () => {
    const results = await client.query(
      "SELECT 1 AS a; SET application_name = 'x'; SHOW application_name",
    );
    expect(results).toMatchObject([
      { command: 'SELECT', rows: [{ a: '1' }] },
      { command: 'SET' },
      { command: 'SHOW', rows: [{ application_name: 'x' }] },
    ]);
  });

  test('the first error ends a text; what came before it was answered', async () => {
    const error = await errorOf(client.query('SELECT 1; SELECT 1/0; SELECT 2'));
    expect(error).toMatchObject({ code: '22012', message: 'division by zero' });
  });
});

describe('errors', () => {
  test.each([
    ['SELECT * FROM nosuch', '42P01', 'relation "nosuch" does not exist'],
    ['SELECT nosuch FROM accounts', '42703', 'column "nosuch" does not exist'],
    ['SELECT nosuch(1)', '42883', 'unknown function: nosuch()'],
    ['SELEC 1', '42601', 'at or near "selec": syntax error'],
    ['SHOW nosuch', '42704', 'unrecognized configuration parameter "nosuch"'],
    ["SET crdb_version = 'x'", '55P02', 'parameter "crdb_version" cannot be changed'],
    ['USE nosuch', '3D000', 'database "nosuch" does not exist'],
    ['SAVEPOINT s', '25P01', 'there is no transaction in progress'],
    ['COMMIT', '25P01', 'there is no transaction in progress'],
  ])('%s', async (sql, code, message) => {
    const error = await errorOf(client.query(sql));
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
  });

  test('what is not there is refused by its name', async () => {
    const error = await errorOf(client.query('LISTEN x'));
    expect(error.code).toBe('0A000');
    expect(error.message).toContain('LISTEN is not supported');
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  });

  test('a syntax error tells where, also in a later statement of the text', async () => {
    const text = 'SELECT 1; SELECT 2 FROM FROM';
    const error = await errorOf(client.query(text));
    expect(error.code).toBe('42601');
    expect(Number(error.position)).toBe(text.lastIndexOf('FROM') + 1);
  });

  test('unknown database and user', async () => {
    const database = await errorOf(pgClient(server, 'nosuch'));
    expect(database).toMatchObject({ code: '3D000', severity: 'FATAL' });
    const user = await errorOf(pgClient(server, 'bank', { user: 'bob' }));
    expect(user).toMatchObject({ code: '28000', severity: 'FATAL' });
  });
});

describe('settings', () => {
  test('ParameterStatus at the start and when a setting changes', async () => {
    const seen = new Map<string, string>();
    const watched = await pgClient(server, 'bank', {
      application_name: 'watcher',
      options: '-c timezone=Asia/Tokyo -c statement_timeout=10s -c nosuch=ignored',
    });
    // The start's values were sent before the client could be listened to: SHOW tells them.
    const connection = (
      watched as unknown as {
        connection: {
          on(
            event: 'parameterStatus',
            listener: (message: { parameterName: string; parameterValue: string }) => void,
          ): void;
        };
      }
    ).connection;
    connection.on('parameterStatus', (message) => {
      seen.set(message.parameterName, message.parameterValue);
    });
    const show = async (name: string) =>
      Object.values((await watched.query(`SHOW ${name}`)).rows[0])[0];
    expect(await show('timezone')).toBe('Asia/Tokyo');
    expect(await show('statement_timeout')).toBe('10000');
    expect(await show('application_name')).toBe('watcher');
    await watched.query("SET timezone = 'Europe/Berlin'");
    await watched.query('BEGIN');
    await watched.query("SET LOCAL application_name = 'local'");
    expect(seen).toEqual(
      new Map([
        ['TimeZone', 'Europe/Berlin'],
        ['application_name', 'local'],
      ]),
    );
    await watched.query('ROLLBACK');
    await watched.query('RESET timezone');
    expect(seen).toEqual(
      new Map([
        ['TimeZone', 'Asia/Tokyo'],
        ['application_name', 'watcher'],
      ]),
    );
    await watched.end();
  });

  test('SHOW ALL lists what SHOW shows', async () => {
    const { rows } = await client.query<{ variable: string; value: string }>('SHOW ALL');
    const all = new Map(rows.map((row) => [row.variable, row.value]));
    expect(all.get('server_version')).toBe('13.0.0');
    expect(all.get('database')).toBe('bank');
    expect(all.get('crdb_version')).toMatch(/^CockroachDB .*v21\.2/);
    expect([...all.keys()]).toEqual([...all.keys()].sort());
  });

  test('DISCARD ALL goes back to what the connection started with', async () => {
    await client.query("SET timezone = 'Asia/Tokyo'; USE defaultdb; DISCARD ALL");
    expect((await client.query('SHOW timezone')).rows).toEqual([{ timezone: 'UTC' }]);
    expect((await client.query('SHOW database')).rows).toEqual([{ database: 'bank' }]);
  });
});

describe('transactions', () => {
  test('a failed block answers 25P02 until ROLLBACK', async () => {
    await client.query('BEGIN');
    expect((await errorOf(client.query('SELECT 1/0'))).code).toBe('22012');
    expect((await errorOf(client.query('SELECT 1'))).code).toBe('25P02');
    expect((await errorOf(client.query('SELECT $1::INT8', [1]))).code).toBe('25P02');
    expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: '1' }]);
  });

  test('savepoints bring a failed block back', async () => {
    await client.query('BEGIN; SAVEPOINT a; SAVEPOINT b');
    await errorOf(client.query('SELECT 1/0'));
    await client.query('ROLLBACK TO SAVEPOINT b');
    expect((await client.query('SELECT 2 AS two')).rows).toEqual([{ two: '2' }]);
    await client.query('RELEASE SAVEPOINT a');
    expect(await errorOf(client.query('RELEASE SAVEPOINT b'))).toMatchObject({ code: '3B001' });
    expect((await client.query('ROLLBACK')).command).toBe('ROLLBACK');
  });

  test('now() is the start of the block, statement_timestamp() of the statement', async () => {
    await client.query('BEGIN');
    const first = await client.query('SELECT now()::STRING AS t, current_timestamp::STRING AS c');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await client.query(
      'SELECT now()::STRING AS t, statement_timestamp() > now() AS later',
    );
    await client.query('COMMIT');
    expect(second.rows).toEqual([{ t: first.rows[0].t, later: true }]);
    expect(first.rows[0].c).toBe(first.rows[0].t);
    const after = await client.query('SELECT now()::STRING AS t');
    expect(after.rows[0].t).not.toBe(first.rows[0].t);
  });

  test('SET LOCAL ends with its block, SET does not', async () => {
    await client.query("BEGIN; SET LOCAL timezone = 'Asia/Tokyo'; SET extra_float_digits = 3");
    expect((await client.query('SHOW timezone')).rows).toEqual([{ timezone: 'Asia/Tokyo' }]);
    await client.query('ROLLBACK');
    expect((await client.query('SHOW timezone')).rows).toEqual([{ timezone: 'UTC' }]);
    expect((await client.query('SHOW extra_float_digits')).rows).toEqual([
      { extra_float_digits: '3' },
    ]);
  });
});

test('fifty connections at once, each with its own settings', async () => {
  const pool = new Pool({ ...pgConfig(server, 'bank'), max: 50 });
  const clients = await Promise.all(Array.from({ length: 50 }, () => pool.connect()));
  const answers = await Promise.all(
    clients.map(async (each, i) => {
      await each.query(`SET application_name = 'app ${i}'`);
      const counted = await each.query('SELECT count(*) AS n FROM accounts WHERE id > $1', [i]);
      const { rows } = await each.query('SHOW application_name');
      return [rows[0].application_name, Number(counted.rows[0].n) >= 0];
    }),
  );
  expect(answers).toEqual(answers.map((_, i) => [`app ${i}`, true]));
  for (const each of clients) each.release();
  await pool.end();
});
