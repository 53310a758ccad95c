import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, DatabaseError } from 'pg';
import { OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { pgClient } from '../support/restored-server';
import { describeShared, sharedDir } from '../support/shared';

/** Tables that an old backup brings interleaved: BACKUP refuses them until they no longer are. */

describeShared('interleaved tables', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  let client: Client;

  beforeAll(async () => {
    cpSync(join(sharedDir, 'backups/upstream/v19.1.4'), join(io.path, 'old'), { recursive: true });
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    client = await pgClient(server);
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
    io.remove();
  });

  const rows = async (sql: string): Promise<unknown[][]> =>
    (await client.query({ text: sql, rowMode: 'array' })).rows;

  const backupOf = async (database: string): Promise<string> =>
    await client.query(`BACKUP DATABASE ${database} INTO 'nodelocal://1/${database}'`).then(
      () => 'no error',
      (error: DatabaseError) => `${error.code} ${error.message}`,
    );

  const restore = async (database: string): Promise<void> => {
    await client.query(`CREATE DATABASE ${database}`);
    await client.query(`RESTORE test.* FROM 'nodelocal://1/old' WITH into_db = '${database}'`);
  };

  test.each([
    ['pk', 'ALTER TABLE pk.t4 ALTER PRIMARY KEY USING COLUMNS (k)', ['t1', 't2', 't3', 't4']],
    ['child', 'DROP TABLE child.t4', ['t1', 't2', 't3']],
  ])('%s', async (database, statement, tables) => {
    await restore(database);
    const refusal = `0A000 BACKUP of table "t3", in which others are interleaved, is not supported`;
    expect(await backupOf(database)).toBe(refusal);
    await client.query(`ALTER TABLE ${database}.t4 DROP CONSTRAINT fk_t3`);
    await client.query(statement);
    expect(await backupOf(database)).toBe('no error');
    await client.query(
      `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}' WITH new_db_name = '${database}2'`,
    );
    for (const table of tables) {
      const [again, first] = [`${database}2.${table}`, `${database}.${table}`].map(
        async (name) => await rows(`SELECT * FROM ${name} ORDER BY 1`),
      );
      expect(await again).toEqual(await first);
    }
  });

  test('a parent that is dropped frees what was in it', async () => {
    await restore('parent');
    await client.query('ALTER TABLE parent.t4 DROP CONSTRAINT fk_t3');
    await client.query('DROP TABLE parent.t3');
    const [[, text] = []] = await rows('SHOW CREATE TABLE parent.t4');
    expect(text).not.toContain('INTERLEAVE');
    expect(await backupOf('parent')).toBe('no error');
  });
});
