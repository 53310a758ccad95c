import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLayerPairs, readTables } from '../backup/format/datum/fixture-tables';
import { backupJobs, dataFiles } from '../support/backup-jobs';
import { describePsql } from '../support/ootheca-process';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/**
 * BACKUP WITH revision_history and AS OF SYSTEM TIME of tables that several threads write in parts: a chain has, of each index at each
 * time, the pairs that a plain backup of that time had. And one that goes on after PAUSE or kill -9 keeps what is the same.
 */

const PLAIN = ['--no-align', '--tuples-only'];
/** What waits for nothing but a busy machine. */
const TIMEOUT_MS = 600_000;
const ROWS = 9_000;
const SMALL = Array.from({ length: 9 }, (_, i) => `t${i}`);

describePsql('versions in parts', () => {
  const server = new TestServer({ store: 'disk' });
  const { io } = server;
  const run = (...statements: string[]): string =>
    server.psql('defaultdb', statements, PLAIN).trim();

  const row = 'i % 7, i, i % 50, repeat(md5(i::STRING), 20), i';
  beforeAll(() => {
    const columns = `(a INT, b INT, n INT, s STRING, u INT, PRIMARY KEY (a DESC, b), INDEX (n) STORING (s), UNIQUE INDEX (u),
      INDEX (b) WHERE n > 40, v INT AS (n * 2) VIRTUAL, INDEX (v), FAMILY (a, b, n, u), FAMILY (s))`;
    run('CREATE DATABASE d', 'CREATE SEQUENCE d.q', `CREATE TABLE d.big ${columns}`);
    run(`INSERT INTO d.big SELECT ${row} FROM generate_series(1, ${ROWS}) AS g (i)`);
    run(
      ...SMALL.flatMap((table) => [
        `CREATE TABLE d.${table} ${columns}`,
        `INSERT INTO d.${table} SELECT ${row} FROM generate_series(1, 300) AS g (i)`,
      ]),
    );
  }, TIMEOUT_MS);

  /** Directories of a collection's layers, the full one first. */
  const layersOf = (collection: string): string[] =>
    (readdirSync(join(io, collection), { recursive: true }) as string[])
      .filter((path) => path.endsWith('BACKUP_MANIFEST'))
      .map((path) => join(io, collection, dirname(path)))
      .sort();

  /** What a chain has of each index of the tables that a backup holds: how many pairs, and a hash of them. */
  const pairsAt = async (collection: string, beside: string, time?: bigint) => {
    const found: Record<string, string> = {};
    const layers = layersOf(collection);
    for (const { descriptor } of await readTables(join(io, beside)))
      for (const index of [descriptor.primaryIndex, ...descriptor.indexes]) {
        const pairs = await readLayerPairs(layers, descriptor.id, index?.id ?? 0, time);
        const hash = createHash('sha256');
        for (const pair of pairs) hash.update(pair.join(' '));
        found[`${descriptor.name}@${index?.name}`] = `${pairs.size} ${hash.digest('hex')}`;
      }
    return found;
  };

  /** The time of each plain backup is one between two writes. */
  const moments: { readonly collection: string; readonly time: bigint }[] = [];
  const note = async (): Promise<void> => {
    const collection = `moment${moments.length}`;
    run(`BACKUP DATABASE d INTO 'nodelocal://1/${collection}'`);
    const { manifest } = await validateLayer(layersOf(collection)[0] ?? '');
    moments.push({ collection, time: manifest.endTime?.wallTime ?? 0n });
  };

  test(
    'at each time the pairs of that time',
    async () => {
      await note();
      const steps = [
        [
          'UPDATE d.big SET s = s || $$x$$ WHERE b % 997 = 3',
          'DELETE FROM d.big WHERE b % 1009 = 5 OR (a = 3 AND b < 900)',
          'UPDATE d.t3 SET n = 45',
          'SELECT nextval($$d.q$$)',
        ],
        [
          'UPDATE d.big SET u = u + 1000000 WHERE b % 1999 = 1',
          'UPDATE d.big SET a = 6 - a WHERE b % 2503 = 2',
          'TRUNCATE d.t4',
          `INSERT INTO d.big SELECT ${row} FROM generate_series(${ROWS + 1}, ${ROWS + 90}) AS g (i)`,
          'BEGIN; DELETE FROM d.t5; INSERT INTO d.t5 VALUES (1, 2, 3, $$again$$, 4); COMMIT',
        ],
        ['ALTER TABLE d.t6 ADD COLUMN w INT DEFAULT 5', 'CREATE INDEX ON d.t7 (u, n)'],
      ];
      for (const [i, step] of steps.entries()) {
        run(...step);
        await note();
        if (i === 0) run(`BACKUP DATABASE d INTO 'nodelocal://1/c' WITH revision_history`);
      }
      run(
        'UPDATE d.t6 SET w = 6 WHERE b < 50',
        'DELETE FROM d.t7 WHERE b < 50',
        `BACKUP DATABASE d INTO LATEST IN 'nodelocal://1/c' WITH revision_history`,
        `BACKUP DATABASE d INTO 'nodelocal://1/whole' WITH revision_history`,
      );
      for (const path of [...layersOf('c'), ...layersOf('whole')]) {
        const { manifest } = await validateLayer(path);
        expect(manifest.mvccFilter).toBe(1);
      }
      const [whole = ''] = layersOf('whole');
      const { manifest } = await validateLayer(whole);
      // Of the large table alone there are more files than spans.
      expect(manifest.files.length).toBeGreaterThan(manifest.spans.length + 3);
      for (const { collection, time } of moments) {
        const expected = await pairsAt(collection, collection);
        for (const chain of ['c', 'whole'])
          expect(await pairsAt(chain, collection, time)).toEqual(expected);
        run(`BACKUP DATABASE d INTO 'nodelocal://1/asof${time}' AS OF SYSTEM TIME '${time}'`);
        expect(await pairsAt(`asof${time}`, collection)).toEqual(expected);
      }
    },
    TIMEOUT_MS,
  );

  const { statusOf, until, placeOf } = backupJobs((sql) => run(sql), io);
  const FILES_MIN = 8;

  /** Begins a BACKUP and pauses it when some of its files are there. */
  async function pausedJob(name: string, options: string): Promise<{ job: string; place: string }> {
    for (let attempt = 1; ; attempt++) {
      const collection = `${name}${attempt}`;
      const job = run(
        `BACKUP DATABASE d INTO 'nodelocal://1/${collection}' ${options} WITH detached${options === '' ? ', revision_history' : ''}`,
      );
      const place = placeOf(collection, job);
      while (dataFiles(place).size < FILES_MIN && statusOf(job) === 'running') await sleep(5);
      try {
        run(`PAUSE JOB ${job}`);
      } catch {
        continue; // it has succeeded
      }
      const isPaused = (await until(job, 'paused', 'succeeded')) === 'paused';
      if (isPaused && dataFiles(place).size >= FILES_MIN) return { job, place };
      if (isPaused) run(`CANCEL JOB ${job}`);
    }
  }

  test.each([
    ['PAUSE', false],
    ['PAUSE and kill -9', true],
  ])(
    'after %s parts that nobody has written to stay',
    async (_what, isKilled) => {
      const { job, place } = await pausedJob(isKilled ? 'killed' : 'paused', '');
      const before = dataFiles(place);
      if (isKilled) {
        await server.stop('SIGKILL');
        await server.start();
      }
      run(
        'UPDATE d.t1 SET s = $$changed$$ WHERE b = 7',
        'DELETE FROM d.big WHERE b = 8',
        'INSERT INTO d.big VALUES (1, -1, 1, NULL, -1); DELETE FROM d.big WHERE b = -1',
      );
      const collection = isKilled ? 'moment-killed' : 'moment-paused';
      run(`BACKUP DATABASE d INTO 'nodelocal://1/${collection}'`);
      const { manifest: plain } = await validateLayer(layersOf(collection)[0] ?? '');
      run('UPDATE d.t2 SET n = n + 1 WHERE b < 10', `RESUME JOB ${job}`);
      expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
      const after = dataFiles(place);
      const kept = [...before].filter(([file, which]) => after.get(file) === which);
      expect(kept.length).toBeGreaterThan(0);
      const { manifest } = await validateLayer(place);
      const named = new Set(manifest.files.map(({ path }) => path));
      expect([...after.keys()].filter((file) => !named.has(file))).toEqual([]);
      const own = place.slice(io.length + 1).split('/')[0] ?? '';
      for (const moment of [...moments, { collection, time: plain.endTime?.wallTime ?? 0n }]) {
        const expected = await pairsAt(moment.collection, moment.collection);
        expect(await pairsAt(own, moment.collection, moment.time)).toEqual(expected);
      }
    },
    TIMEOUT_MS,
  );

  test.each([0, 80, 400])(
    'by kill -9 after %i ms goes on, and has the pairs of each time',
    async (delayMs) => {
      const options = `WITH detached, revision_history`;
      const job = run(`BACKUP DATABASE d INTO 'nodelocal://1/kill${delayMs}' ${options}`);
      await sleep(delayMs);
      await server.stop('SIGKILL');
      await server.start();
      expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
      const [layer = ''] = layersOf(`kill${delayMs}`);
      const { manifest } = await validateLayer(layer);
      const named = new Set(manifest.files.map(({ path }) => path));
      expect([...dataFiles(layer).keys()].filter((file) => !named.has(file))).toEqual([]);
      for (const { collection, time } of moments) {
        const expected = await pairsAt(collection, collection);
        expect(await pairsAt(`kill${delayMs}`, collection, time)).toEqual(expected);
      }
    },
    TIMEOUT_MS,
  );

  test(
    'AS OF SYSTEM TIME after kill -9 all parts stay, whatever was written',
    async () => {
      await note();
      run('UPDATE d.t3 SET n = 7', 'DELETE FROM d.big WHERE b % 499 = 9');
      const { collection, time } = moments.at(-1) as (typeof moments)[number];
      const { job, place } = await pausedJob('past', `AS OF SYSTEM TIME '${time}'`);
      const before = dataFiles(place);
      await server.stop('SIGKILL');
      await server.start();
      run('UPDATE d.t0 SET n = 3; UPDATE d.t8 SET n = 4; DELETE FROM d.t2', `RESUME JOB ${job}`);
      expect(await until(job, 'succeeded', 'failed')).toBe('succeeded');
      const after = dataFiles(place);
      const kept = [...before].filter(([file, which]) => after.get(file) === which);
      expect(kept.length).toBeGreaterThanOrEqual(FILES_MIN - 4);
      const own = place.slice(io.length + 1).split('/')[0] ?? '';
      expect(await pairsAt(own, collection)).toEqual(await pairsAt(collection, collection));
    },
    TIMEOUT_MS,
  );
});
