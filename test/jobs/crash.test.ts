import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listJobs } from '../../jobs/job-rows';
import { openStore } from '../../storage/ranges/store';
import { Child } from '../support/child';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ootheca-crash-'));
});
afterEach(async () => {
  await Child.killAll();
  rmSync(root, { recursive: true, force: true });
});

/** Runs the program once for each entry, killing it right after that many lines; then once more, to its end. */
async function crashAfter(mode: string, lines: readonly number[]): Promise<void> {
  for (const count of lines) {
    const child = new Child('ranges-job', root, mode);
    for (let i = 0; i < count; i++) await child.anyLine();
    await child.kill();
  }
  const last = new Child('ranges-job', root, mode);
  await last.line('ended');
  await last.exit();
}

function look(): { status: string | undefined; tables: unknown[]; rows: unknown[]; runs: number } {
  const store = openStore(root);
  const db = store.connect();
  const [job, ...others] = listJobs(db, { automatic: false });
  expect(others).toEqual([]);
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE name GLOB 't5[0-9]'")
    .pluck()
    .all();
  const rows = tables.includes('t53')
    ? db.prepare('SELECT range_id, count(*) FROM t53 GROUP BY 1 ORDER BY 1').raw().all()
    : [];
  const found = { status: job?.status, tables, rows, runs: job?.numRuns ?? 0 };
  store.close();
  return found;
}

test('killed again and again, a job applies each range once', async () => {
  await crashAfter('', [1, 2, 9, 1, 14]);
  const found = look();
  expect(found).toMatchObject({ status: 'succeeded', tables: ['t53'] });
  expect(found.rows).toEqual(Array.from({ length: 40 }, (_, i) => [BigInt(i + 1), 3n]));
  expect(found.runs).toBeGreaterThan(3);
});

test('killed while it reverts, a canceled job leaves nothing', async () => {
  await crashAfter('cancel', [4, 8, 2, 2, 2]);
  expect(look()).toMatchObject({ status: 'canceled', tables: [] });
});
