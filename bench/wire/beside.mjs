// What others feel of a client that asks for much: latency of a point query by key on another connection, how soon a cancel ends
// a statement, in what order writers get their turns, and what sessions that do nothing cost.
import { connect as openSocket } from 'node:net';
import { memoryMib, percentile, printRow, startOotheca } from '../servers.mjs';

const SECONDS = Number(process.env.OOTHECA_BENCH_SECONDS ?? 8);
const CASES = new RegExp(process.env.OOTHECA_BENCH_CASE ?? '');
const ROWS = 300_000;
const IDLE = 500;
/** Between two point queries: a client that asks all the time would measure itself. */
const PAUSE_MS = 2;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const LONG = 'SELECT count(*) FROM large a, large b WHERE a.b < b.b';
/** Of one SQLite step each: nothing of ours is called while it runs. */
const STEPS = [
  ['a join', LONG],
  ['a sort', 'SELECT a.a FROM large a, (SELECT * FROM large LIMIT 100) b ORDER BY a.b, b.c, a.a'],
  [
    'a recursion',
    'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT sum(n) FROM r',
  ],
  ['groups', 'SELECT a.b, b.b, count(*) FROM large a, large b GROUP BY 1, 2'],
  ['text', "SELECT count(*) FROM large a, large b WHERE a.c LIKE '%9%' || b.c"],
  [
    'an INSERT',
    'INSERT INTO copy SELECT a.a * 1000 + b.a, a.b FROM large a, large b WHERE b.a < 1000',
  ],
  ['an UPDATE', 'UPDATE large SET b = (SELECT count(*) FROM large x WHERE x.b < large.b)'],
  ['a DELETE', 'DELETE FROM large WHERE b > (SELECT count(*) FROM large x WHERE x.b < large.a)'],
];

/** Begins a simple query and reads a little of its answer every 100 ms. @returns what ends it */
function readSlowly(options, sql) {
  const socket = openSocket(options.port, options.host);
  const body = Buffer.from(`user\0${options.user}\0database\0${options.database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196608, 4);
  const text = Buffer.from(`${sql}\0`);
  const query = Buffer.alloc(5);
  query.write('Q');
  query.writeInt32BE(text.length + 4, 1);
  socket.write(Buffer.concat([head, body, query, text]));
  socket.on('data', () => {
    socket.pause();
    setTimeout(() => socket.resume(), 100);
  });
  socket.on('error', () => undefined);
  return () => socket.destroy();
}

/** Begins statements on a connection of their own, one after the other. @returns what ends them */
async function keepBusy(server, statements) {
  const client = await server.connect();
  let ended = false;
  const work = (async () => {
    while (!ended) for (const sql of statements) await client.query(sql);
  })().catch(() => undefined);
  return async () => {
    ended = true;
    const other = await server.connect();
    await other.query('SELECT pg_cancel_backend($1)', [client.processID]);
    await other.end();
    await work;
    await client.end();
  };
}

const BESIDE = [
  ['nothing', async () => async () => undefined],
  ['a long query', (server) => keepBusy(server, [LONG])],
  [
    'a query with functions of ours',
    (server) =>
      keepBusy(server, ["SELECT count(*) FROM large a, large b WHERE upper(a.c) = 'X' || b.c"]),
  ],
  [
    'a big result to a slow reader',
    async (server) => readSlowly(server.options, 'SELECT a.*, b.* FROM large a, large b'),
  ],
  [
    'INSERT … SELECT',
    (server) => keepBusy(server, [`INSERT INTO copy SELECT a, b FROM large`, 'TRUNCATE copy']),
  ],
  ['UPDATE of all rows', (server) => keepBusy(server, ['UPDATE large SET b = b + 1'])],
];

async function latencies(server, begin) {
  const end = await begin(server);
  const client = await server.connect();
  const times = [];
  const query = { name: 'point', text: 'SELECT b FROM small WHERE a = $1' };
  for (const until = performance.now() + SECONDS * 1000; performance.now() < until; ) {
    const begun = performance.now();
    await client.query({ ...query, values: [times.length % 1000] });
    times.push(performance.now() - begun);
    await pause(PAUSE_MS);
  }
  await end();
  await client.end();
  return times;
}

/** From the cancel to the error, in ms. */
async function cancelled(server, sql) {
  const [client, other] = [await server.connect(), await server.connect()];
  let failed;
  const result = client.query(sql).catch((error) => {
    failed = error;
  });
  await pause(1500);
  const begun = performance.now();
  await other.query('SELECT pg_cancel_backend($1)', [client.processID]);
  await result;
  const ms = performance.now() - begun;
  await client.end();
  await other.end();
  if (failed?.code !== '57014') return Number.NaN;
  return ms;
}

/** Eight clients that update the same row, each in blocks: how many blocks each got done. */
async function turns(server) {
  const counts = new Array(8).fill(0);
  const until = performance.now() + SECONDS * 1000;
  const clients = await Promise.all(counts.map(() => server.connect()));
  await Promise.all(
    clients.map(async (client, i) => {
      while (performance.now() < until) {
        await client.query('UPDATE small SET b = b + 1 WHERE a = 1');
        counts[i]++;
      }
      await client.end();
    }),
  );
  return counts;
}

async function idleSessions() {
  const server = await startOotheca();
  const client = await server.connect();
  await client.query('CREATE TABLE small (a INT8 PRIMARY KEY, b INT8)');
  await client.query('SELECT count(*) FROM small');
  const before = memoryMib(server.pid, 'VmRSS');
  const clients = [];
  for (let i = 0; i < IDLE - 1; i++) {
    const client = await server.connect();
    await client.query('SELECT b FROM small WHERE a = $1', [i]);
    await client.query('SELECT count(*) FROM small');
    clients.push(client);
  }
  const after = memoryMib(server.pid, 'VmRSS');
  await server.stop();
  return (after - before) / clients.length;
}

export async function run() {
  const server = await startOotheca();
  const client = await server.connect();
  try {
    await client.query('CREATE TABLE small (a INT8 PRIMARY KEY, b INT8)');
    await client.query('INSERT INTO small SELECT g, g FROM generate_series(0, 999) AS g');
    await client.query('CREATE TABLE large (a INT8 PRIMARY KEY, b INT8, c STRING)');
    await client.query('CREATE TABLE copy (a INT8 PRIMARY KEY, b INT8)');
    await client.query(
      `INSERT INTO large SELECT g, g % 1000, 'text ' || g FROM generate_series(1, ${ROWS}) AS g`,
    );
    printRow(['point query beside', 'median ms', 'p99 ms', 'max ms', 'count']);
    for (const [name, begin] of BESIDE) {
      if (!CASES.test(name)) continue;
      const times = await latencies(server, begin);
      const ms = (share) => percentile(times, share).toFixed(1);
      printRow([name, ms(0.5), ms(0.99), ms(1), times.length]);
    }
    printRow(['cancel of', 'ms']);
    for (const [name, sql] of STEPS) {
      if (CASES.test(`cancel ${name}`)) printRow([name, (await cancelled(server, sql)).toFixed(0)]);
    }
    if (CASES.test('turns')) console.log(`updates of one row by 8 clients: ${await turns(server)}`);
    if (CASES.test('idle')) {
      console.log(`${IDLE} idle sessions: ${(await idleSessions()).toFixed(2)} MiB each`);
    }
  } finally {
    await client.end();
    await server.stop();
  }
}
