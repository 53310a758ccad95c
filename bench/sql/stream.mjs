// Ten million rows to one client, computed and from a table, to a fast reader, a slow one and through a cursor of a limited
// portal: rows per second, and the peak of the server's memory. Idle sessions: what each costs.
import { writeFileSync } from 'node:fs';
import { connect as openSocket } from 'node:net';
import { memoryMib, printRow, startOotheca } from '../servers.mjs';

const ROWS = Number(process.env.OOTHECA_BENCH_ROWS ?? 10_000_000);

/** Reads the answer of one simple query as bytes, without making rows of them. @param pauseMs after each MiB */
function drain(options, sql, pauseMs) {
  return new Promise((resolve, reject) => {
    const socket = openSocket(options.port, options.host);
    const body = Buffer.from(`user\0${options.user}\0database\0${options.database}\0\0`);
    const head = Buffer.alloc(8);
    head.writeInt32BE(body.length + 8, 0);
    head.writeInt32BE(196608, 4);
    socket.write(Buffer.concat([head, body]));
    let bytes = 0;
    let sinceMib = 0;
    let ready = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      sinceMib += chunk.length;
      // ReadyForQuery ends an answer: Z, length 5, status.
      if (chunk.length >= 6 && chunk.at(-6) === 0x5a && chunk.readInt32BE(chunk.length - 5) === 5) {
        if (++ready === 2) {
          socket.destroy();
          resolve(bytes);
          return;
        }
        const text = Buffer.from(`${sql}\0`);
        const query = Buffer.alloc(5);
        query.write('Q');
        query.writeInt32BE(text.length + 4, 1);
        socket.write(Buffer.concat([query, text]));
      }
      if (pauseMs > 0 && sinceMib > 1 << 20) {
        sinceMib = 0;
        socket.pause();
        setTimeout(() => socket.resume(), pauseMs);
      }
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(bytes));
  });
}

const CASES = [
  ['generate_series, fast reader', `SELECT i, i * 2 FROM generate_series(1, ${ROWS}) AS g(i)`, 0],
  ['a table, fast reader', 'SELECT a, b, c FROM large', 0],
  ['a table, slow reader', 'SELECT a, b, c FROM large', 5],
];

export async function run() {
  const server = await startOotheca();
  try {
    const client = await server.connect();
    await client.query('SELECT 1');
    const idle = memoryMib(server.pid, 'VmRSS');
    printRow(['', 'rows/s', 'MiB sent', 'peak MiB']);
    const measure = async ([name, sql, pauseMs]) => {
      // The peak starts anew: Linux, proc(5), clear_refs.
      writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
      const begun = performance.now();
      const bytes = await drain(server.options, sql, pauseMs);
      const seconds = (performance.now() - begun) / 1000;
      const mib = memoryMib(server.pid, 'VmHWM');
      printRow([name, Math.round(ROWS / seconds), Math.round(bytes / (1 << 20)), mib]);
    };
    const [computed, ...stored] = CASES;
    await measure(computed);
    const startedAt = performance.now();
    await client.query('CREATE TABLE large (a INT8 PRIMARY KEY, b INT8 NOT NULL, c VARCHAR(20))');
    for (let from = 1; from <= ROWS; from += 1_000_000) {
      const to = Math.min(ROWS, from + 999_999);
      await client.query(
        `INSERT INTO large SELECT i, i % 1000, (i * 2)::TEXT FROM generate_series(${from}, ${to}) AS g(i)`,
      );
    }
    const filled = (performance.now() - startedAt) / 1000;
    const peak = memoryMib(server.pid, 'VmHWM');
    printRow(['INSERT … SELECT, a million at a time', Math.round(ROWS / filled), '-', peak]);
    for (const each of stored) await measure(each);
    const before = memoryMib(server.pid, 'VmRSS');
    const others = [];
    for (let i = 0; i < 100; i++) others.push(await server.connect());
    for (const other of others) await other.query('SELECT 1');
    const after = memoryMib(server.pid, 'VmRSS');
    console.log(`idle: ${idle} MiB after the start; 100 idle sessions: ${after - before} MiB more`);
    for (const other of others) await other.end();
    await client.end();
  } finally {
    await server.stop();
  }
}
