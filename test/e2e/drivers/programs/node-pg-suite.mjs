import pg from 'pg';
import Cursor from 'pg-cursor';

const [host, port, database] = process.argv.slice(2);
const config = { host, port: Number(port), database, user: 'root' };
const client = new pg.Client(config);
await client.connect();

const { rows, fields } = await client.query({
  text: 'SELECT * FROM v WHERE id IN (1, 2) ORDER BY id',
  rowMode: 'array',
  // A Date has milliseconds: times are given back as their text.
  types: {
    getTypeParser: (oid, format) =>
      [1082, 1083, 1114, 1184, 1186].includes(oid)
        ? (text) => text
        : pg.types.getTypeParser(oid, format),
  },
});
const marks = fields.map((_, i) => `$${i + 1}`).join(', ');
for (const row of rows) {
  row[0] = String(Number(row[0]) + 10);
  await client.query(`INSERT INTO v VALUES (${marks})`, row);
}

let prepared = 0;
for (let i = 1; i <= 10; i++) {
  const twice = { name: 'twice', text: 'SELECT $1::INT8 * 2 AS v', values: [i] };
  prepared += Number((await client.query(twice)).rows[0].v);
}

const count = async (where = '') =>
  Number((await client.query(`SELECT count(*) FROM w ${where}`)).rows[0].count);
const transaction = [];
for (const end of ['ROLLBACK', 'COMMIT']) {
  for (const sql of ['BEGIN', 'INSERT INTO w VALUES (1)', end]) await client.query(sql);
  transaction.push(await count());
}

const errors = [];
await client.query('BEGIN');
for (const sql of ['INSERT INTO w VALUES (1)', 'SELECT 1']) {
  await client.query(sql).catch((error) => errors.push(error.code));
}
await client.query('ROLLBACK');

// node-postgres cancels by a query of another connection that sends a cancel request.
const canceler = new pg.Client(config);
const sleep = new pg.Query('SELECT pg_sleep(60)');
const canceled = new Promise((resolve) => sleep.once('error', (error) => resolve(error.code)));
client.query(sleep);
setTimeout(() => canceler.cancel(client, sleep), 500);
const cancel = await canceled;

const cursor = client.query(
  new Cursor("SELECT g, 'row ' || g AS t FROM generate_series(1, 50000) AS g"),
);
const large = [0, 0];
for (let some = await cursor.read(1000); some.length > 0; some = await cursor.read(1000)) {
  large[0] += some.length;
  for (const row of some) large[1] += Number(row.g);
}
await cursor.close();
await client.end();

const { createRequire } = await import('node:module');
const { version } = createRequire(import.meta.url)('pg/package.json');
console.log(
  JSON.stringify({
    version,
    values: rows.length === 2,
    prepared,
    transaction,
    errors,
    copy: null,
    cancel,
    large,
    pipeline: null,
  }),
);
