import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describePsql, OothecaProcess, temporaryDirectory } from '../support/ootheca-process';
import { eventually } from '../support/process-state';
import { fixturesDir } from '../support/shared';
import { validateLayer } from '../support/validate-backup';

/** BACKUP statements: where they write, who may, what they refuse. */

const PLAIN = ['--no-align', '--tuples-only'];

/** What DDL here makes: families, enums, indexes of every kind, sequences, views, a schema of its own. */
const SCHEMA = `
CREATE DATABASE shop;
USE shop;
SET experimental_enable_hash_sharded_indexes = on;
CREATE TYPE size AS ENUM ('small', 'large');
CREATE SCHEMA stock;
CREATE SEQUENCE numbers START 10 INCREMENT 5 CACHE 3;
CREATE TABLE items (
  id INT PRIMARY KEY, name STRING COLLATE de, s size DEFAULT 'small', price DECIMAL(10,2),
  tags STRING[], info JSONB, lower STRING AS (lower(info->>'a')) STORED, upper INT AS (id * 2) VIRTUAL,
  UNIQUE INDEX (price) WHERE price > 1, INDEX (s) STORING (price), INVERTED INDEX (info), INVERTED INDEX (tags),
  INDEX (upper), INDEX (price DESC) USING HASH WITH BUCKET_COUNT = 4, FAMILY a (id, name), FAMILY b (price), FAMILY c (s, tags, info, lower),
  CHECK (id > 0));
CREATE TABLE stock.amounts (item INT REFERENCES items (id) ON DELETE CASCADE, n INT NOT NULL DEFAULT nextval('numbers'), PRIMARY KEY (item, n DESC));
CREATE TABLE empty (a INT, b INT);
INSERT INTO items (id, name, s, price, tags, info) VALUES
  (1, 'Äpfel' COLLATE de, 'large', 1.50, ARRAY['a', NULL, 'a'], '{"a": "X", "b": [1, 1, {}]}'), (2, NULL, NULL, 2.00, ARRAY[], '[]'), (3, 'z' COLLATE de, 'small', NULL, NULL, NULL);
INSERT INTO stock.amounts (item) VALUES (1), (1), (2);
ALTER TABLE items ADD COLUMN later INT DEFAULT 7;
ALTER TABLE items DROP COLUMN lower;
CREATE INDEX after ON items (later, name);
ALTER TABLE empty ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES items (id);
CREATE VIEW dear AS SELECT id, price FROM items WHERE price > 5;
GRANT SELECT ON items TO public;
`;

describePsql('BACKUP', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  beforeAll(async () => {
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    server.psql(
      'defaultdb',
      SCHEMA.split(';\n').filter((text) => text.trim() !== ''),
    );
    server.psql('defaultdb', ['CREATE USER ann']);
    cpSync(join(fixturesDir, 'backups/bank'), join(io.path, 'bank'), { recursive: true });
    server.psql('defaultdb', [`RESTORE DATABASE bank FROM LATEST IN 'nodelocal://1/bank'`]);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  const layerOf = (collection: string) =>
    join(io.path, collection, readFileSync(join(io.path, collection, 'LATEST'), 'utf8'));

  const allOf = (database: string) =>
    ['items', 'stock.amounts', 'dear', 'empty', 'numbers'].map((table) => [
      server
        .psql(database, [`SELECT * FROM ${table}`], PLAIN)
        .split('\n')
        .sort(),
      server
        .psql(database, [`SHOW CREATE TABLE ${table}`], PLAIN)
        .split('\n')
        .sort(),
    ]);

  test('of what was made by DDL here', async () => {
    server.psql('defaultdb', [`BACKUP DATABASE shop INTO 'nodelocal://1/shop'`]);
    const { manifest } = await validateLayer(layerOf('shop'));
    expect(manifest.descriptors.map(({ union }) => union.value?.name).sort()).toEqual(
      ['_size', 'amounts', 'dear', 'empty', 'items', 'numbers', 'shop', 'size', 'stock'].sort(),
    );
    server.psql('defaultdb', [
      `RESTORE DATABASE shop FROM LATEST IN 'nodelocal://1/shop' WITH new_db_name = 'again'`,
    ]);
    expect(allOf('again')).toEqual(
      JSON.parse(JSON.stringify(allOf('shop')).replaceAll('shop.', 'again.')),
    );
    server.psql('again', ['INSERT INTO items (id) VALUES (4)', 'DROP DATABASE again CASCADE']);
  });

  test('in a block that is rolled back: its directory is free again', async () => {
    const backup = (directory: string): string =>
      `BACKUP TABLE items TO 'nodelocal://1/${directory}' WITH detached, encryption_passphrase = 'x'`;
    const filesOf = (directory: string): string[] => {
      const path = join(io.path, directory);
      return existsSync(path) ? readdirSync(path) : [];
    };
    server.psql('shop', ['BEGIN', backup('undone'), 'ROLLBACK']);
    await eventually(() => filesOf('undone').length === 0);
    server.psql('shop', [
      'BEGIN',
      backup('kept'),
      'SAVEPOINT s',
      backup('undone'),
      'ROLLBACK TO SAVEPOINT s',
      'COMMIT',
    ]);
    await eventually(() => filesOf('undone').length === 0);
    await eventually(() => filesOf('kept').includes('BACKUP_MANIFEST'));
    // Whoever leaves in the middle of it rolls back, too.
    server.psql('shop', ['BEGIN', backup('left')]);
    await eventually(() => filesOf('left').length === 0);
  });

  test('into a directory of its own, tables by name, encrypted, in a block', async () => {
    server.psql('shop', [
      'BEGIN',
      `BACKUP TABLE items, stock.* TO 'nodelocal://1/tables' WITH detached, encryption_passphrase = 'secret'`,
      'COMMIT',
      `SHOW JOBS WHEN COMPLETE SELECT job_id FROM [SHOW JOBS] WHERE job_type = 'BACKUP'`,
    ]);
    expect(existsSync(join(io.path, 'tables', 'BACKUP-CHECKPOINT'))).toBe(false);
    expect(
      readFileSync(join(io.path, 'tables', 'BACKUP_MANIFEST'))
        .subarray(0, 7)
        .toString(),
    ).toBe('encrypt');
    const description = `SELECT description FROM [SHOW JOBS] WHERE description LIKE '%tables%'`;
    expect(server.psql('defaultdb', [description], PLAIN)).toContain(
      `BACKUP TABLE items, stock.* TO 'nodelocal://1/tables' WITH encryption_passphrase = '*****', detached`,
    );
    expect(() => server.psql('defaultdb', [`SHOW BACKUP 'nodelocal://1/tables'`])).toThrow(
      'file appears encrypted',
    );
    server.psql('defaultdb', [
      'CREATE DATABASE copy',
      `RESTORE TABLE shop.items, shop.stock.amounts FROM 'nodelocal://1/tables'
        WITH into_db = 'copy', encryption_passphrase = 'secret', skip_missing_sequences`,
    ]);
    expect(server.psql('copy', ['TABLE items'], PLAIN)).toBe(
      server.psql('shop', ['TABLE items'], PLAIN),
    );
  });

  test('tables and databases do not go onto a backup of the cluster', () => {
    server.psql('defaultdb', [`BACKUP INTO 'nodelocal://1/all'`]);
    for (const target of ['DATABASE shop', 'TABLE shop.items']) {
      expect(() =>
        server.psql('defaultdb', [`BACKUP ${target} INTO LATEST IN 'nodelocal://1/all'`]),
      ).toThrow('cannot append a backup of specific tables or databases to a cluster backup');
    }
  });

  test('refuses a directory that is used', () => {
    const backup = `BACKUP TABLE shop.items TO 'nodelocal://1/once'`;
    server.psql('defaultdb', [backup]);
    expect(() =>
      server.psql('defaultdb', [`${backup} INCREMENTAL FROM 'nodelocal://1/once'`]),
    ).toThrow('nodelocal://1/once already contains a BACKUP_MANIFEST file');
    mkdirSync(join(io.path, 'busy'));
    writeFileSync(join(io.path, 'busy', 'BACKUP-CHECKPOINT'), '');
    expect(() =>
      server.psql('defaultdb', [`BACKUP TABLE shop.items TO 'nodelocal://1/busy'`]),
    ).toThrow('is another operation already in progress?');
  });

  test.each([
    [`BACKUP DATABASE nope INTO 'nodelocal://1/x'`, 'unknown database "nope"'],
    [`BACKUP TABLE shop.nope INTO 'nodelocal://1/x'`, 'table "shop.nope" does not exist'],
    [
      `BACKUP DATABASE shop INTO LATEST IN 'nodelocal://1/x'`,
      'path does not contain a completed latest backup',
    ],
    [
      `BACKUP INTO LATEST IN 'nodelocal://1/shop'`,
      'cannot append a cluster backup to a backup of specific tables or databases',
    ],
    [
      `BACKUP DATABASE postgres INTO LATEST IN 'nodelocal://1/shop'`,
      'previous backup does not contain the complete database "postgres"',
    ],
    [
      `BACKUP DATABASE bank INTO LATEST IN 'nodelocal://1/bank'`,
      'previous BACKUP belongs to cluster',
    ],
    [
      `BACKUP DATABASE shop INTO LATEST IN 'nodelocal://1/shop' WITH encryption_passphrase = 'a'`,
      'could not find or read encryption information',
    ],
    [`BACKUP DATABASE shop INTO '../y' IN 'nodelocal://1/x'`, 'invalid subdirectory'],
    [
      `BACKUP DATABASE shop INTO 'nodelocal://1/x' AS OF SYSTEM TIME '-1h'`,
      'must be after replica GC threshold',
    ],
  ])('%s', (statement, message) => {
    expect(() => server.psql('defaultdb', [statement])).toThrow(message);
    expect(existsSync(join(io.path, 'x'))).toBe(false);
  });

  test('a primary key that cannot be written is refused, and the directory is free again', () => {
    server.psql('shop', ['CREATE TABLE odd (c STRING COLLATE de PRIMARY KEY)']);
    expect(() =>
      server.psql('defaultdb', [`BACKUP TABLE shop.odd TO 'nodelocal://1/odd'`]),
    ).toThrow('BACKUP of table "odd": writing an index key of a collated string');
    expect(readdirSync(join(io.path, 'odd'))).toEqual([]);
    server.psql('shop', ['DROP TABLE odd']);
  });

  test('layers, encrypted, wherever they are wanted', () => {
    const options = `encryption_passphrase = 'secret'`;
    const backup = (destination: string, more = '') =>
      server.psql('shop', [
        `INSERT INTO items (id) SELECT max(id) + 1 FROM items`,
        `BACKUP TABLE items ${destination} WITH ${options}${more}`,
      ]);
    backup(`TO 'nodelocal://1/e/full'`);
    backup(`TO 'nodelocal://1/e/full'`);
    backup(`TO 'nodelocal://1/e/more' INCREMENTAL FROM 'nodelocal://1/e/full'`);
    backup(`INTO 'nodelocal://1/e/in'`);
    backup(
      `INTO LATEST IN 'nodelocal://1/e/in'`,
      `, incremental_location = 'nodelocal://1/e/apart'`,
    );
    const restored = (from: string, more = '') => {
      server.psql('defaultdb', [
        'CREATE DATABASE layers',
        `RESTORE TABLE shop.items FROM ${from} WITH into_db = 'layers', skip_missing_sequences, ${options}${more}`,
      ]);
      const count = server.psql('layers', ['SELECT count(*) FROM items'], PLAIN).trim();
      server.psql('defaultdb', ['DROP DATABASE layers CASCADE']);
      return Number(count);
    };
    const count = Number(server.psql('shop', ['SELECT count(*) FROM items'], PLAIN));
    expect(restored(`'nodelocal://1/e/full'`)).toBe(count - 3);
    expect(restored(`'nodelocal://1/e/full', 'nodelocal://1/e/more'`)).toBe(count - 2);
    const apart = `, incremental_location = 'nodelocal://1/e/apart'`;
    expect(restored(`LATEST IN 'nodelocal://1/e/in'`, apart)).toBe(count);
    server.psql('shop', ['DELETE FROM items WHERE id > 3']);
  });

  test('asks for privileges', () => {
    const as = (user: string, statement: string) => () =>
      server.psql('shop', [`SET ROLE ${user}`, statement]);
    expect(as('ann', `BACKUP TABLE items INTO 'nodelocal://1/x'`)).toThrow(
      'only users with the admin role are allowed to BACKUP to the specified nodelocal URI',
    );
    expect(
      as(
        'ann',
        `BACKUP TABLE stock.amounts INTO 's3://b/x?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b'`,
      ),
    ).toThrow('user ann does not have CONNECT privilege on database shop');
    server.psql('shop', [
      'GRANT CONNECT ON DATABASE shop TO ann',
      'GRANT USAGE ON SCHEMA stock TO ann',
    ]);
    expect(
      as(
        'ann',
        `BACKUP TABLE stock.amounts INTO 's3://b/x?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b'`,
      ),
    ).toThrow('user ann does not have SELECT privilege on relation amounts');
    expect(as('ann', `BACKUP INTO 's3://b/x?AWS_ACCESS_KEY_ID=a&AWS_SECRET_ACCESS_KEY=b'`)).toThrow(
      'only users with the admin role are allowed to perform full cluster backups',
    );
  });
});
