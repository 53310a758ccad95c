import { readFileSync } from 'node:fs';
import postgres from 'postgres';

const [host, port, database] = process.argv.slice(2);
const text = (from) => ({ to: 25, from, serialize: String, parse: (x) => x });
const sql = postgres({
  host,
  port: Number(port),
  database,
  username: 'root',
  max: 1,
  onnotice: () => undefined,
  // A Date has milliseconds, a number 53 bits, and NULLs in arrays are not written: these go back as their text.
  types: { exact: text([20, 1009, 1016, 1082, 1083, 1114, 1184, 1186, 1700]) },
});

const rows = await sql`SELECT * FROM v WHERE id IN (1, 2) ORDER BY id`.values();
const marks = rows.columns.map((_, i) => `$${i + 1}`).join(', ');
for (const row of rows) {
  const values = [String(Number(row[0]) + 10), ...row.slice(1)];
  await sql.unsafe(`INSERT INTO v VALUES (${marks})`, values);
}

let prepared = 0;
for (let i = 1; i <= 10; i++) prepared += Number((await sql`SELECT ${i}::INT8 * 2 AS v`)[0].v);

const count = async (least) =>
  Number((await sql`SELECT count(*) FROM w WHERE a >= ${least}`)[0].count);
const transaction = [];
for (const keep of [false, true]) {
  const began = sql.begin(async (tx) => {
    await tx`INSERT INTO w VALUES (1)`;
    if (!keep) throw new Error('undo');
  });
  await began.catch(() => undefined);
  transaction.push(await count(0));
}

const errors = [];
await sql
  .begin(async (tx) => {
    await tx`INSERT INTO w VALUES (1)`.catch((error) => errors.push(error.code));
    await tx`SELECT 1`.catch((error) => errors.push(error.code));
    throw new Error('undo');
  })
  .catch(() => undefined);

const writable = await sql`COPY w FROM STDIN`.writable();
for (let i = 1000; i < 2000; i++) writable.write(`${i}\n`);
await new Promise((resolve, reject) => {
  writable.on('error', reject).on('finish', resolve);
  writable.end();
});
const copied = await count(1000);
let out = '';
const readable = await sql`COPY (SELECT * FROM w WHERE a >= 1000) TO STDOUT`.readable();
for await (const chunk of readable) out += chunk;

const sleep = sql`SELECT pg_sleep(60)`.execute();
setTimeout(() => sleep.cancel(), 500);
const cancel = await sleep.then(
  () => 'none',
  (error) => error.code,
);

const large = [0, 0];
await sql`SELECT g, 'row ' || g AS t FROM generate_series(1, 50000) AS g`.cursor(1000, (some) => {
  large[0] += some.length;
  for (const row of some) large[1] += Number(row.g);
});

await Promise.all(Array.from({ length: 100 }, (_, i) => sql`INSERT INTO w VALUES (${5000 + i})`));
const pipeline = await count(5000);
await sql.end();

const about = new URL('../package.json', import.meta.resolve('postgres'));
const { version } = JSON.parse(readFileSync(about, 'utf8'));
console.log(
  JSON.stringify({
    version,
    values: rows.length === 2,
    prepared,
    transaction,
    errors,
    copy: [copied, out.trim().split('\n').length],
    cancel,
    large,
    pipeline,
  }),
);
