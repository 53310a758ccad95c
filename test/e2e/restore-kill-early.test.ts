import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { fixturesDir } from '../support/shared';

/**
 * A server that dies while a small backup is restored: before the job is recorded, while tables are made, between the last row and
 * publishing, or after. There is no job and no trace, or there is one and it ends with all rows.
 */

/** A run of many: KILL_POINTS=50 npx jest restore-kill (test/README.md). */
const KILL_POINTS = Number(process.env['KILL_POINTS'] ?? 4);

const RESTORE = `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`;
const COUNTS = `SELECT (SELECT count(*) FROM bank.customers), (SELECT count(*) FROM bank.accounts),
  (SELECT count(*) FROM bank.transfers), (SELECT count(*) FROM bank.archive.old),
  (SELECT sum(amount) FROM bank.transfers)`;

let store: { readonly path: string; remove(): void };
let server: OothecaProcess | undefined;

beforeEach(() => {
  store = temporaryDirectory();
});
afterEach(async () => {
  await server?.stop('SIGKILL');
  store.remove();
});

async function start(): Promise<[OothecaProcess, Client]> {
  const io = join(fixturesDir, 'backups');
  server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io}`]);
  return [server, await pgClient(server)];
}

async function rows(client: Client, sql: string): Promise<unknown[][]> {
  return (await client.query<unknown[]>({ text: sql, rowMode: 'array' })).rows;
}

/** From 0 to 1; the same in each run, unless a seed is given. */
function randomFractions(): () => number {
  let state = Number(process.env['KILL_SEED'] ?? 20211122);
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

/** How long a RESTORE takes here and now: kills are to come before, during and after it. */
async function restoreMs(): Promise<number> {
  const [measured, client] = await start();
  const startMs = Date.now();
  await client.query(RESTORE);
  const ms = Date.now() - startMs;
  await client.end();
  await measured.stop();
  store.remove();
  store = temporaryDirectory();
  return ms;
}

test(
  'whenever it dies, the restore is whole or was never begun',
  async () => {
    const random = randomFractions();
    const found = { nothing: 0, running: 0, succeeded: 0 };
    const spreadMs = 1.3 * (await restoreMs());
    let intact: unknown[][] | undefined;
    for (let kill = 0; kill < KILL_POINTS; kill++) {
      const [dying, client] = await start();
      const restoring = client.query(RESTORE).catch(() => undefined);
      await sleep(spreadMs * random());
      await dying.stop('SIGKILL');
      await restoring;

      const [next, after] = await start();
      const [job] = await rows(after, 'SELECT job_id, status FROM [SHOW JOBS]');
      if (job === undefined) {
        found.nothing++;
        expect(
          await rows(after, `SELECT 1 FROM [SHOW DATABASES] WHERE database_name = 'bank'`),
        ).toEqual([]);
        await after.query(RESTORE);
      } else {
        found[job[1] === 'succeeded' ? 'succeeded' : 'running']++;
        const [ended] = await rows(after, `SHOW JOB WHEN COMPLETE ${String(job[0])}`);
        expect(ended?.[5]).toBe('succeeded');
      }
      const counts = await rows(after, COUNTS);
      intact ??= counts;
      expect(counts[0]?.slice(0, 4)).toEqual(['50', '200', '3000', '2']);
      expect(counts).toEqual(intact);
      const ranges = 'SELECT sum(rows) FROM [SHOW RANGES FROM TABLE bank.transfers]';
      expect(await rows(after, ranges)).toEqual([['3000']]);
      await after.query('DROP DATABASE bank CASCADE');
      await after.end();
      await next.stop('SIGKILL');
      store.remove();
      store = temporaryDirectory();
    }
    process.stdout.write(`killed ${KILL_POINTS} times: ${JSON.stringify(found)}\n`);
  },
  60_000 + KILL_POINTS * 60_000,
);
