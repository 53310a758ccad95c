import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';

/**
 * A RESTORE goes on where it was after the server died or was stopped in the middle of it, and writes nothing twice: the rows
 * are those that CockroachDB itself gave.
 */

interface TableHash {
  readonly rows: number;
  readonly order_by: string;
  readonly sha256_of_psql_csv: string;
}

const RESTORE = `RESTORE DATABASE tpcc FROM LATEST IN 'nodelocal://1/tpcc-1' WITH detached`;
/** Of all tables, as RESTORE reports it. */
const TOTALS = { rows: 599_354n, indexEntries: 60_000n };

const answers = join(sharedDir, 'backups', 'expected', 'tpcc-1.json');
const tables = existsSync(answers)
  ? (JSON.parse(readFileSync(answers, 'utf8')) as Record<string, TableHash>)
  : {};

let store: { readonly path: string; remove(): void };
let server: OothecaProcess | undefined;

const start = async (): Promise<OothecaProcess> => {
  const io = join(sharedDir, 'backups', 'generated');
  server = await OothecaProcess.start([`--store=${store.path}`, `--external-io-dir=${io}`]);
  return server;
};

beforeEach(() => {
  store = temporaryDirectory();
});

afterEach(async () => {
  await server?.stop('SIGKILL');
  store.remove();
});

const plain = ['--no-align', '--tuples-only'];

/** `status|fraction|error` of the store's only job. */
function jobState(of: OothecaProcess): { status: string; fraction: number; error: string } {
  const select = 'SELECT status, fraction_completed, error FROM [SHOW JOBS]';
  const [line = '', ...others] = of.psql('defaultdb', [select], plain).trim().split('\n');
  expect(others).toEqual([]);
  const [status = '', fraction, error = ''] = line.split('|');
  return { status, fraction: Number(fraction), error };
}

async function waitForEnd(of: OothecaProcess): Promise<void> {
  while (jobState(of).status === 'running') await sleep(100);
  expect(jobState(of)).toEqual({ status: 'succeeded', fraction: 1, error: '' });
}

function checkRows(of: OothecaProcess): void {
  for (const [table, expected] of Object.entries(tables)) {
    const select = `SELECT * FROM "${table}" ORDER BY ${expected.order_by}`;
    const csv = of.psql('tpcc', [select]);
    const hash = createHash('sha256')
      .update(csv.slice(csv.indexOf('\n') + 1))
      .digest('hex');
    expect([table, hash]).toEqual([table, expected.sha256_of_psql_csv]);
  }
  let rows = 0n;
  let indexEntries = 0n;
  for (const table of Object.keys(tables)) {
    const sums = `SELECT sum(rows), sum(index_entries) FROM [SHOW RANGES FROM TABLE "${table}"]`;
    const [rowCount = '', entries = ''] = of.psql('tpcc', [sums], plain).trim().split('|');
    rows += BigInt(rowCount);
    indexEntries += BigInt(entries);
  }
  expect({ rows, indexEntries }).toEqual(TOTALS);
}

/** From 0 to 1; the same in each run, unless a seed is given: KILL_SEED=7 npx jest restore-kill */
function randomFractions(): () => number {
  let state = Number(process.env['KILL_SEED'] ?? 20261122);
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Kills of each test. A run of many: KILL_POINTS=50 npx jest restore-kill (test/README.md).
 */
const KILL_POINTS = Number(process.env['KILL_POINTS'] ?? 4);
const TIMEOUT_MS = 120_000 + KILL_POINTS * 60_000;

describeShared('a restore of 600,000 rows', () => {
  describePsql('interrupted', () => {
    test(
      'by kill -9, again and again',
      async () => {
        const random = randomFractions();
        let kills = 0;
        while (kills < KILL_POINTS) {
          let running = await start();
          running.psql('defaultdb', [RESTORE]);
          while (kills < KILL_POINTS && jobState(running).status === 'running') {
            await sleep(1_200 * random());
            await running.stop('SIGKILL');
            kills++;
            running = await start();
          }
          await waitForEnd(running);
          checkRows(running);
          await running.stop('SIGKILL');
          store.remove();
          store = temporaryDirectory();
        }
        expect(kills).toBe(KILL_POINTS);
      },
      TIMEOUT_MS,
    );

    test('by SIGTERM: the next start goes on', async () => {
      const first = await start();
      first.psql('defaultdb', [RESTORE]);
      while (jobState(first).fraction === 0) await sleep(20);
      expect(await first.stop('SIGTERM')).toBe(0);
      expect(existsSync(join(store.path, 'store.db-wal'))).toBe(false);
      const second = await start();
      expect(jobState(second)).toMatchObject({ status: 'running' });
      expect(jobState(second).fraction).toBeGreaterThan(0);
      await waitForEnd(second);
      checkRows(second);
    }, 300_000);
  });
});
