import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';

import { backupCatalog } from '../../../backup/backup-catalog';
import { BackupChain, locateLayers } from '../../../backup/chain';
import { InlineStager } from '../../../backup/restore/inline-stager';
import { partsOfSpan } from '../../../backup/restore/span-files';
import type { StagedRange, StageTask } from '../../../backup/restore/stage-task';
import { type Stagers, StagerThreads } from '../../../backup/restore/stagers';
import { tableLoad } from '../../../backup/restore/table-load';
import { initCompression } from '../../../base/compression';
import { CorruptionError } from '../../../base/errors';
import { openStore } from '../../../storage/ranges/store';
import { StagingDirectory } from '../../../storage/staging/staging-directory';
import { fixturesDir } from '../../support/shared';
import { latestIn } from './support/restore-harness';

/** Ranges staged by threads are those that this thread stages, errors included. */

let io: string;
let chain: BackupChain;
let tasks: readonly StageTask[];
const open: Stagers[] = [];

const storage = (): { externalIoDir: string; nodeId: number } => ({ externalIoDir: io, nodeId: 1 });

beforeAll(async () => {
  await initCompression();
  io = mkdtempSync(join(tmpdir(), 'ootheca-stagers-'));
  cpSync(join(fixturesDir, 'backups', 'bank'), join(io, 'bank'), { recursive: true });
  chain = await BackupChain.open(await locateLayers(latestIn('bank'), storage()), {
    storage: storage(),
  });
  const catalog = backupCatalog(chain.last.manifest, 'bank');
  const database = [...catalog.entries()].find(({ descriptor }) => {
    const { union } = descriptor;
    return union.case === 'database' && union.value.name === 'bank';
  });
  tasks = catalog.tables(database?.id ?? -1).flatMap(({ id, kind }, i) => {
    const load =
      kind === 'view' ? undefined : tableLoad({ oldId: id, newId: id }, catalog, catalog);
    if (load === undefined) return [];
    const parts = partsOfSpan(chain, load.span);
    return [
      { table: load.source, parts, asOf: undefined, isFirst: false, path: join(io, `${i}.db`) },
    ];
  });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((stagers) => stagers.close()));
});

afterAll(async () => {
  await chain.close();
  rmSync(io, { recursive: true });
});

function threads(): Stagers {
  const stagers = new StagerThreads(2).open({ storage: storage(), key: undefined });
  open.push(stagers);
  return stagers;
}

function inline(): Stagers {
  const stagers = new InlineStager(chain);
  open.push(stagers);
  return stagers;
}

function rowsOf(path: string): unknown[] {
  const db = new Database(path, { readonly: true });
  db.defaultSafeIntegers(true);
  const rows = db.prepare('SELECT * FROM staged').raw().all();
  db.close();
  return rows;
}

const isRejected = (result: PromiseSettledResult<unknown>): boolean => result.status === 'rejected';

test('the same rows and counts', async () => {
  const here: (readonly [StagedRange, unknown[]])[] = [];
  const stagers = inline();
  for (const task of tasks) {
    const range = await stagers.stage(task);
    here.push([range, range.hasFile ? rowsOf(task.path) : []]);
  }
  expect(here.filter(([range]) => range.hasFile).length).toBeGreaterThan(3);
  for (const [range, rows] of here) {
    if (range.hasFile) expect(range.contents.rowCount).toBe(rows.length);
  }
  for (const { path } of tasks) rmSync(path, { force: true });

  const beside = threads();
  const ranges = await Promise.all(tasks.map((task) => beside.stage(task)));
  const there = ranges.map((range, i) => [
    range,
    range.hasFile ? rowsOf(tasks[i]?.path ?? '') : [],
  ]);
  expect(there).toEqual(here);
});

test('an error of the backup keeps its class, and the others are staged', async () => {
  const broken = mkdtempSync(join(tmpdir(), 'ootheca-stagers-'));
  try {
    cpSync(join(io, 'bank'), join(broken, 'bank'), { recursive: true });
    const layer = join(broken, 'bank', '2026/11/22-171336.11');
    const largest = readdirSync(layer).find((name) => name.startsWith('1229773917932322817'));
    truncateSync(join(layer, largest ?? ''), 150_000);
    const stagers = new StagerThreads(2).open({
      storage: { externalIoDir: broken, nodeId: 1 },
      key: undefined,
    });
    open.push(stagers);
    const results = await Promise.allSettled(tasks.map((task) => stagers.stage(task)));
    const rejected = results.filter(isRejected) as PromiseRejectedResult[];
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected.length).toBeLessThan(tasks.length);
    for (const { reason } of rejected) expect(reason).toBeInstanceOf(CorruptionError);
  } finally {
    rmSync(broken, { recursive: true });
  }
});

test('a device that can not be written is an error of the store', async () => {
  const task = { ...tasks.find(({ table }) => table.name === 'transfers') } as StageTask;
  const nowhere = { ...task, path: join(io, 'missing', 'x.db') };
  const expected = expect.objectContaining({ sqlstate: '58030' });
  await expect(inline().stage(nowhere)).rejects.toEqual(expected);
  await expect(threads().stage(nowhere)).rejects.toEqual(expected);
});

test('once closed nothing is staged any more: what waits is rejected', async () => {
  const stagers = threads();
  const all = tasks.flatMap((task) => [task, task]).map((task) => stagers.stage(task));
  const settled = Promise.allSettled(all);
  await stagers.close();
  expect((await settled).some(isRejected)).toBe(true);
  await expect(stagers.stage(tasks[0] as StageTask)).rejects.toThrow();
});

test('staging files belong to their job; opening the store removes what a crash left', () => {
  const store = mkdtempSync(join(tmpdir(), 'ootheca-stagers-'));
  const one = new StagingDirectory(store, 1n);
  const other = new StagingDirectory(store, 11n);
  writeFileSync(one.path(7), 'left');
  writeFileSync(other.path(7), 'left');
  one.clear();
  expect([existsSync(one.path(7)), existsSync(other.path(7))]).toEqual([false, true]);
  openStore(store, { durability: 'none' }).close();
  expect(existsSync(other.path(7))).toBe(false);
  rmSync(store, { recursive: true });
});
