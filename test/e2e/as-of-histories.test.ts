import type { Client } from 'pg';
import { Random } from '../support/fuzz/random';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { rowsOf, WriteHistory } from '../support/write-history';

/** Random writes, with savepoints, rollbacks and kill -9 in between: at each moment the table is read as it was then. */

const STEPS = 30;

test.each([1, 2, 3])('history %i', async (seed) => {
  const directory = temporaryDirectory();
  const flags = [`--store=${directory.path}`];
  let server = await OothecaProcess.start(flags);
  try {
    let client = await pgClient(server);
    await client.query('CREATE TABLE t (k INT PRIMARY KEY, v STRING, n INT, INDEX (n))');
    const random = new Random(seed);
    const history = new WriteHistory('t', random);
    await history.note(client);
    for (let i = 0; i < STEPS; i++) {
      if (random.below(20) === 0) {
        client.on('error', () => undefined);
        await server.stop('SIGKILL');
        server = await OothecaProcess.start(flags);
        client = await pgClient(server);
        await checkMoments(client, history);
      }
      await history.step(client);
    }
    await checkMoments(client, history);
    await client.end();
  } finally {
    await server.stop();
    directory.remove();
  }
});

async function checkMoments(client: Client, { moments }: WriteHistory): Promise<void> {
  for (const { time, rows } of moments) {
    const sql = `SELECT k, v, n FROM t AS OF SYSTEM TIME ${time} ORDER BY k`;
    expect((await client.query({ text: sql, rowMode: 'array' })).rows).toEqual(rowsOf(rows));
    const byIndex = `SELECT count(*) FROM t AS OF SYSTEM TIME ${time} WHERE n = 1`;
    const counted = [...rows.values()].filter(([, n]) => n === 1).length;
    expect((await client.query(byIndex)).rows).toEqual([{ count: String(counted) }]);
  }
}
