import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseError } from 'pg';
import { readLayerPairs } from '../backup/format/datum/fixture-tables';
import { pgClient } from '../support/restored-server';
import { describeShared, sharedDir } from '../support/shared';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** Tables that an old backup brings interleaved: BACKUP takes them when it is told to, as CockroachDB v21.2. */

describeShared('interleaved tables', () => {
  const server = new TestServer();

  beforeAll(() => {
    cpSync(join(sharedDir, 'backups/upstream/v19.1.4'), join(server.io, 'old'), {
      recursive: true,
    });
  });

  const rows = (sql: string): Promise<unknown[][]> => server.rows(sql);

  const answerOf = async (sql: string): Promise<string> =>
    await server.client.query(sql).then(
      () => 'no error',
      (error: DatabaseError) => `${error.code} ${error.message}`,
    );

  const backupOf = async (database: string): Promise<string> =>
    await answerOf(`BACKUP DATABASE ${database} INTO 'nodelocal://1/${database}'`);

  const DEPRECATED =
    `0A000 interleaved tables are deprecated and backups containing interleaved tables will not be able to be RESTORE'd ` +
    `by future versions -- use option "include_deprecated_interleaves" to backup interleaved tables anyway "t3"`;

  const restore = async (database: string): Promise<void> => {
    await server.client.query(`CREATE DATABASE ${database}`);
    await server.client.query(
      `RESTORE test.* FROM 'nodelocal://1/old' WITH into_db = '${database}'`,
    );
  };

  test.each([
    ['pk', 'ALTER TABLE pk.t4 ALTER PRIMARY KEY USING COLUMNS (k)', ['t1', 't2', 't3', 't4']],
    ['child', 'DROP TABLE child.t4', ['t1', 't2', 't3']],
  ])('%s', async (database, statement, tables) => {
    await restore(database);
    expect(await backupOf(database)).toBe(DEPRECATED);
    await server.client.query(`ALTER TABLE ${database}.t4 DROP CONSTRAINT fk_t3`);
    await server.client.query(statement);
    expect(await backupOf(database)).toBe('no error');
    await server.client.query(
      `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}' WITH new_db_name = '${database}2'`,
    );
    for (const table of tables) {
      const [again, first] = [`${database}2.${table}`, `${database}.${table}`].map(
        async (name) => await rows(`SELECT * FROM ${name} ORDER BY 1`),
      );
      expect(await again).toEqual(await first);
    }
  });

  test.each([
    ['dropped', 'DROP TABLE dropped.t3'],
    [
      'keyed',
      'ALTER TABLE keyed.t3 ADD COLUMN z INT NOT NULL DEFAULT unique_rowid(); ALTER TABLE keyed.t3 ALTER PRIMARY KEY USING COLUMNS (z)',
    ],
  ])('a parent that is %s frees what was in it', async (database, statement) => {
    await restore(database);
    await server.client.query(`ALTER TABLE ${database}.t4 DROP CONSTRAINT fk_t3`);
    await server.client.query(statement);
    const [[, text] = []] = await rows(`SHOW CREATE TABLE ${database}.t4`);
    expect(text).not.toContain('INTERLEAVE');
    expect(await backupOf(database)).toBe('no error');
  });

  const idOf = async (table: string): Promise<number> =>
    Number((await rows(`SELECT '${table}'::REGCLASS::INT8`))[0]?.[0]);

  const layersOf = (collection: string): string[] => {
    const found = readdirSync(join(server.io, collection), { recursive: true, encoding: 'utf8' });
    return found
      .filter((name) => name.endsWith('BACKUP_MANIFEST'))
      .map((name) => join(server.io, collection, dirname(name)));
  };

  test('all rows of the span of the outermost table, as they were', async () => {
    await restore('every');
    await server.client.query(
      `BACKUP DATABASE every INTO 'nodelocal://1/every' WITH include_deprecated_interleaves`,
    );
    const [layer = ''] = layersOf('every');
    const { manifest } = await validateLayer(layer);
    const [t3, t4] = [await idOf('every.t3'), await idOf('every.t4')];
    const startsOf = manifest.spans.map(({ key }) => Buffer.from(key).toString('hex'));
    expect(startsOf).not.toContain(Buffer.from([0x88 + t4, 0x89]).toString('hex'));
    // Ids below 110 are one byte: those of the old backup become those of the new.
    const real = await readLayerPairs([join(server.io, 'old')], 55, 1);
    const renamed = [...real].map(([key, value]) => {
      const bytes = Buffer.from(key, 'hex');
      bytes[0] = 0x88 + t3;
      const marker = bytes.indexOf(0xfe);
      if (marker > 0) bytes[marker + 1] = 0x88 + t4;
      return [bytes.toString('hex'), value];
    });
    expect(renamed.filter(([key]) => key?.includes('fe')).length).toBeGreaterThan(0);
    expect([...(await readLayerPairs([layer], t3, 1))].sort()).toEqual(renamed.sort());
  });

  const again = async (collection: string, database: string): Promise<void> => {
    await server.client.query(
      `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${collection}' WITH new_db_name = '${database}2'`,
    );
    for (const table of ['t1', 't2', 't3', 't4']) {
      const all = (name: string) => rows(`SELECT * FROM ${name}.${table} ORDER BY 1`);
      expect(await all(`${database}2`)).toEqual(await all(database));
      const [[, text] = []] = await rows(`SHOW CREATE TABLE ${database}2.${table}`);
      const [[, first] = []] = await rows(`SHOW CREATE TABLE ${database}.${table}`);
      expect(text).toBe(first);
    }
    await server.client.query(`DROP DATABASE ${database}2`);
  };

  test('full and incremental layers, restored', async () => {
    await restore('chain');
    const layer = async (sql: string): Promise<void> => {
      await server.client.query(sql);
      const into = layersOf('chain').length === 0 ? '' : 'LATEST IN ';
      await server.client.query(
        `BACKUP DATABASE chain INTO ${into}'nodelocal://1/chain' WITH include_deprecated_interleaves`,
      );
      await again('chain', 'chain');
    };
    mkdirSync(join(server.io, 'chain'));
    await layer('ALTER TABLE chain.t4 DROP CONSTRAINT fk_t3');
    await layer(
      'INSERT INTO chain.t3 SELECT i FROM generate_series(1000, 2500) AS g(i); INSERT INTO chain.t4 SELECT i, i, NULL FROM generate_series(900, 1100) AS g(i)',
    );
    await layer(
      'DELETE FROM chain.t3 WHERE k % 3 = 0; DELETE FROM chain.t4 WHERE k < 1000; UPDATE chain.t4 SET v2 = 5 WHERE k % 7 = 0',
    );
    await layer('CREATE INDEX later ON chain.t4 (v1)');
    await layer('TRUNCATE chain.t4');
    await layer('DROP TABLE chain.t1; CREATE TABLE chain.t1 (a INT PRIMARY KEY)');
    for (const path of layersOf('chain')) await validateLayer(path);
    // Once it is interleaved no more, it is a table like others, new to the chain.
    await layer('ALTER TABLE chain.t4 ALTER PRIMARY KEY USING COLUMNS (k)');
    for (const path of layersOf('chain')) await validateLayer(path);
  });

  test('all that belongs together, and nothing of earlier versions', async () => {
    await restore('part');
    const [t3, t4] = [await idOf('part.t3'), await idOf('part.t4')];
    const back = (what: string, options = ''): Promise<string> =>
      answerOf(
        `BACKUP ${what} INTO 'nodelocal://1/part' WITH include_deprecated_interleaves${options}`,
      );
    expect(await back('TABLE part.t3')).toBe(
      `0A000 cannot backup table "t3" without interleave child table (ID ${t4})`,
    );
    expect(await back('TABLE part.t4')).toBe(
      `0A000 cannot backup table "t4" without interleave parent (ID ${t3})`,
    );
    expect(await back('TABLE part.t3, part.t4')).toBe('no error');
    expect(await back('DATABASE part', ', revision_history')).toBe(
      '0A000 BACKUP of earlier versions of the interleaved table "t3" is not supported',
    );
    const [[time] = []] = await rows('SELECT cluster_logical_timestamp()');
    const then = `BACKUP DATABASE part INTO 'nodelocal://1/then' AS OF SYSTEM TIME ${time} WITH include_deprecated_interleaves`;
    expect(await answerOf(then)).toBe('no error');
    await again('then', 'part');
    await server.client.query('DELETE FROM part.t4 WHERE k = 2');
    expect(await answerOf(then)).toBe(
      '0A000 BACKUP of earlier versions of the interleaved table "t4" is not supported',
    );
  });

  test('of a transaction: as its COMMIT leaves them, unless another one changes a table before the backup begins', async () => {
    await restore('block');
    const [own, other] = [await pgClient(server), await pgClient(server)];
    const begin = async (): Promise<string> => {
      await own.query('BEGIN; DELETE FROM block.t4 WHERE k IN (SELECT max(k) FROM block.t4)');
      const sql =
        "BACKUP DATABASE block INTO 'nodelocal://1/block' WITH detached, include_deprecated_interleaves";
      const { rows: jobs } = await own.query({ text: sql, rowMode: 'array' });
      return String(jobs[0]?.[0]);
    };
    const endOf = (job: string): Promise<unknown[][]> =>
      rows(`SELECT status, error FROM [SHOW JOB WHEN COMPLETE ${job}]`);
    try {
      const first = await begin();
      await own.query('COMMIT');
      expect(await endOf(first)).toEqual([['succeeded', '']]);
      await again('block', 'block');
      const second = await begin();
      await other.query('BEGIN');
      // It waits for the transaction, and the job for it.
      const written = other.query('INSERT INTO block.t3 VALUES (5000)');
      await new Promise((resolve) => setTimeout(resolve, 200));
      await own.query('COMMIT');
      await written;
      await other.query('COMMIT');
      expect(await endOf(second)).toEqual([
        [
          'failed',
          'BACKUP in a transaction of the interleaved table "t3", which was changed after the COMMIT before the backup began, is not supported',
        ],
      ]);
    } finally {
      await own.end();
      await other.end();
    }
  });
});
