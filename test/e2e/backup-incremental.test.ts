import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import { readLayerPairs, readTables } from '../backup/format/datum/fixture-tables';
import { describePsql } from '../support/ootheca-process';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/**
 * Incremental backups: after each step of a history a layer is added, and a full backup is taken beside. The chain has the
 * same pairs as the full backup, and restores to the same rows.
 */

const PLAIN = ['--no-align', '--tuples-only'];

const SCHEMA = [
  'CREATE DATABASE d',
  `CREATE TABLE d.t (id INT PRIMARY KEY, a STRING, b INT, c JSONB, INDEX (a) STORING (b), UNIQUE INDEX (b),
    INVERTED INDEX (c), INDEX (b) WHERE b > 5, FAMILY (id, a), FAMILY (b), FAMILY (c))`,
  'CREATE TABLE d.big (k INT, j INT, s STRING, PRIMARY KEY (k, j DESC), INDEX (s))',
  'CREATE SEQUENCE d.s',
  'INSERT INTO d.big SELECT i % 7, i, repeat(md5(i::STRING), 3) FROM generate_series(1, 3000) AS g (i)',
  `INSERT INTO d.t VALUES (1, 'x', 1, '{"p": 1}'), (2, NULL, 7, '[1, 2]'), (3, 'z', NULL, NULL)`,
];

/** Statements between two layers. */
const STEPS: readonly (readonly string[])[] = [
  [`UPDATE d.t SET a = 'y', c = NULL WHERE id = 1`, 'DELETE FROM d.t WHERE id = 2'],
  [],
  [`INSERT INTO d.t VALUES (2, 'back', 8, '{"q": [1, {"r": null}]}')`, `SELECT nextval('d.s')`],
  ['DELETE FROM d.big WHERE k = 3', 'UPDATE d.big SET j = j + 10000 WHERE k = 4 AND j % 2 = 0'],
  ['CREATE INDEX later ON d.t (b DESC, a)', 'ALTER TABLE d.t ADD COLUMN e INT DEFAULT 5'],
  ['TRUNCATE d.big', `INSERT INTO d.big VALUES (1, 2, 'only')`],
  ['ALTER TABLE d.t DROP COLUMN a CASCADE', `CREATE TABLE d.fresh AS SELECT id FROM d.t`],
  ['DROP TABLE d.big', 'CREATE TABLE d.big (x INT PRIMARY KEY)', 'INSERT INTO d.big VALUES (1)'],
  ['DELETE FROM d.fresh'],
];

describePsql('incremental BACKUP', () => {
  const server = new TestServer();
  beforeAll(() => {
    server.psql('defaultdb', SCHEMA);
    server.psql('defaultdb', [`BACKUP DATABASE d INTO 'nodelocal://1/chain'`]);
  });

  const layersOf = (collection: string): string[] => {
    const full = join(
      server.io,
      collection,
      readFileSync(join(server.io, collection, 'LATEST'), 'utf8'),
    );
    const found = readdirSync(full, { recursive: true }) as string[];
    const manifests = found.filter((path) => path.endsWith('/BACKUP_MANIFEST')).sort();
    return [full, ...manifests.map((path) => join(full, path, '..'))];
  };

  const rowsOf = (database: string): unknown => {
    const select = `SELECT table_name FROM [SHOW TABLES FROM ${database}] ORDER BY 1`;
    const tables = server.psql('defaultdb', [select], PLAIN).trimEnd().split('\n');
    return tables.map((table) => [
      table,
      server
        .psql(database, [`SELECT * FROM ${table}`], PLAIN)
        .split('\n')
        .sort(),
    ]);
  };

  test.each(STEPS.map((step, i) => [i + 1, step] as const))('layer %i', async (i, step) => {
    server.psql('defaultdb', [...step]);
    const [added = ''] = server
      .psql('defaultdb', [`BACKUP DATABASE d INTO LATEST IN 'nodelocal://1/chain'`], PLAIN)
      .split('\n');
    expect(added).toContain('succeeded');
    server.psql('defaultdb', [`BACKUP DATABASE d INTO 'nodelocal://1/full${i}'`]);
    const layers = layersOf('chain');
    expect(layers.length).toBe(i + 1);
    const { manifest, pairs } = await validateLayer(layers.at(-1) ?? '');
    expect(manifest.startTime?.wallTime ?? 0n).toBeGreaterThan(0n);
    if (step.length === 0) expect(pairs).toBe(0);
    let compared = 0;
    for (const { descriptor } of await readTables(join(server.io, `full${i}`))) {
      for (const index of [descriptor.primaryIndex, ...descriptor.indexes]) {
        const pairsIn = async (from: readonly string[]) =>
          [...(await readLayerPairs(from, descriptor.id, index?.id ?? 0))].sort();
        const about = { table: descriptor.name, index: index?.name };
        const actual = await pairsIn(layers);
        expect({ ...about, pairs: actual }).toEqual({
          ...about,
          pairs: await pairsIn(layersOf(`full${i}`)),
        });
        compared += actual.length;
      }
    }
    expect(compared).toBeGreaterThan(3);
    // Equal pairs are equal rows: a restore after some of the layers shows that the chain is one.
    if (i % 3 !== 0) return;
    server.psql('defaultdb', [
      `RESTORE DATABASE d FROM LATEST IN 'nodelocal://1/chain' WITH new_db_name = 'r${i}'`,
    ]);
    expect(rowsOf(`r${i}`)).toEqual(rowsOf('d'));
    server.psql('defaultdb', [`DROP DATABASE r${i} CASCADE`]);
  });

  test('what rows and their history tell needs nothing of the chain; what they do not tell does', async () => {
    const collection = join(server.io, 'away');
    const into = (how: string): string => `BACKUP DATABASE known INTO ${how} 'nodelocal://1/away'`;
    server.psql('defaultdb', [
      'CREATE DATABASE known',
      'CREATE TABLE known.t (id INT PRIMARY KEY, a INT, s STRING, UNIQUE INDEX (a), INDEX (s) STORING (a))',
      `INSERT INTO known.t SELECT i, i, repeat('s', i % 9) FROM generate_series(1, 2000) AS g (i)`,
      'CREATE TABLE known.c (id INT PRIMARY KEY, n INT, v INT AS (n % 10) VIRTUAL, INDEX (v) STORING (n), INDEX (n) WHERE v > 4, INDEX ((n + id)))',
      'INSERT INTO known.c SELECT i, i FROM generate_series(1, 100) AS g (i)',
      'CREATE SEQUENCE known.q; CREATE SEQUENCE known.idle; CREATE SEQUENCE known.same',
      `SELECT nextval('known.idle'), nextval('known.same')`,
      into(''),
      'UPDATE known.c SET n = n + 3 WHERE id % 7 = 0; DELETE FROM known.c WHERE id % 11 = 0',
      // There, away, and back as it was.
      'UPDATE known.c SET n = 0 WHERE id = 1; UPDATE known.c SET n = 1 WHERE id = 1',
      `SELECT nextval('known.q'), nextval('known.same'); SELECT setval('known.same', 1)`,
      'UPDATE known.t SET a = a + 5000 WHERE id % 100 = 1',
      // Another row takes what one has given up; a row comes back as it was, another with another value.
      'UPDATE known.t SET a = 1 WHERE id = 2',
      'DELETE FROM known.t WHERE id BETWEEN 10 AND 30',
      `INSERT INTO known.t VALUES (10, 10, 's'), (11, 11, 'other')`,
      'BEGIN; INSERT INTO known.t VALUES (9001, 9001, NULL); DELETE FROM known.t WHERE id = 9001; COMMIT',
    ]);
    const files = (readdirSync(collection, { recursive: true }) as string[])
      .filter((path) => path.endsWith('.sst'))
      .map((path) => join(collection, path));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) renameSync(file, `${file}.away`);
    server.psql('defaultdb', [
      into('LATEST IN'),
      `BACKUP DATABASE known INTO 'nodelocal://1/beside'`,
      'CREATE INDEX later ON known.t (s, a)',
    ]);
    expect(() => server.psql('defaultdb', [into('LATEST IN')])).toThrow('.sst');
    for (const file of files) renameSync(`${file}.away`, file);
    const full = server.psql('known', ['SELECT * FROM t ORDER BY id']);
    server.psql('defaultdb', [
      `RESTORE DATABASE known FROM LATEST IN 'nodelocal://1/away' WITH new_db_name = 'known2'`,
    ]);
    expect(server.psql('known2', ['SELECT * FROM t ORDER BY id'])).toBe(full);
    expect(server.psql('known2', ['SELECT count(*) FROM t@{FORCE_INDEX=t_a_key}'], PLAIN)).toBe(
      server.psql('known2', ['SELECT count(*) FROM t'], PLAIN),
    );
    const layers = layersOf('away');
    const { manifest } = await validateLayer(layers.at(-1) ?? '');
    // Of t 20 + 1 updated, 21 deleted of which 2 came back, one of them as it was; of c 9 deleted, 13 others updated; a sequence.
    expect(manifest.entryCounts?.rows).toBe(41n + 22n + 1n);
    for (const { descriptor } of await readTables(join(server.io, 'beside')))
      for (const { id, name } of [descriptor.primaryIndex, ...descriptor.indexes].flatMap(
        (index) => index ?? [],
      )) {
        const pairs = async (from: readonly string[]) => [
          `${descriptor.name}@${name}`,
          ...[...(await readLayerPairs(from, descriptor.id, id))].sort(),
        ];
        expect(await pairs(layers)).toEqual(await pairs(layersOf('beside')));
      }
  });
});
