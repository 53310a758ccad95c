import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asyncPsql } from '../support/async-psql';
import { describePsql } from '../support/ootheca-process';
import { TestServer } from '../support/test-server';
import { validateLayer } from '../support/validate-backup';

/** Threads of a BACKUP have one snapshot, whatever is written meanwhile. */

const PLAIN = ['--no-align', '--tuples-only'];
const ACCOUNTS = 30_000;
const TABLES = ['a', 'b', 'c'];

describePsql('a BACKUP in several threads beside transfers', () => {
  const server = new TestServer({ store: 'disk' });
  const { io } = server;

  beforeAll(() => {
    server.psql('defaultdb', [
      'CREATE DATABASE bank',
      ...TABLES.flatMap((table) => [
        `CREATE TABLE bank.${table} (id INT PRIMARY KEY, balance INT, filler STRING, INDEX (balance),
           rest INT AS (balance % 10) VIRTUAL, INDEX (rest), INDEX few (id) WHERE balance <> 1000)`,
        `INSERT INTO bank.${table} (id, balance, filler) SELECT i, 1000, repeat(md5(i::STRING), 6) FROM generate_series(1, ${ACCOUNTS}) AS g (i)`,
      ]),
    ]);
  });

  const sumOf = (database: string): string => {
    const sums = TABLES.map((table) => `(SELECT sum(balance) FROM ${database}.${table})`);
    return server.psql('defaultdb', [`SELECT ${sums.join(' + ')}`], PLAIN).trim();
  };

  /** Moves money between the first rows of one table and the last ones of another, until it is told to stop. */
  async function transfer(isOver: () => boolean): Promise<number> {
    let count = 0;
    while (!isOver()) {
      const amount = (count % 7) + 1;
      const from = TABLES[count % 3];
      const to = TABLES[(count + 1) % 3];
      await asyncPsql(server, 'bank', [
        `BEGIN; UPDATE ${from} SET balance = balance - ${amount} WHERE id <= 20;
         UPDATE ${to} SET balance = balance + ${amount} WHERE id > ${ACCOUNTS - 20}; COMMIT`,
      ]);
      count++;
    }
    return count;
  }

  test('holds no half of a transfer: full, then incremental', async () => {
    const total = sumOf('bank');
    for (const into of [`'nodelocal://1/c'`, `LATEST IN 'nodelocal://1/c'`]) {
      let isOver = false;
      const transfers = transfer(() => isOver);
      await asyncPsql(server, 'defaultdb', [`BACKUP DATABASE bank INTO ${into}`]);
      isOver = true;
      expect(await transfers).toBeGreaterThan(0);
      server.psql('defaultdb', [
        'DROP DATABASE IF EXISTS restored CASCADE',
        `RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/c' WITH new_db_name = 'restored'`,
      ]);
      expect(sumOf('restored')).toBe(total);
      expect(sumOf('bank')).toBe(total);
    }
    const [year = ''] = readdirSync(join(io, 'c')).filter((name) => /^\d{4}$/.test(name));
    const [month = ''] = readdirSync(join(io, 'c', year));
    const [layer = ''] = readdirSync(join(io, 'c', year, month));
    const { manifest } = await validateLayer(join(io, 'c', year, month, layer));
    // Tables are cut, and their indexes apart: otherwise this would have been one thread after the other.
    expect(manifest.files.length).toBeGreaterThan(2 * TABLES.length);
  });
});
