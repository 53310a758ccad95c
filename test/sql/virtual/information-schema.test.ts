import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CATALOG_ANSWERS, selectCatalog, sortedCatalogRows } from '../../support/expected-answers';
import { describePsql, OothecaProcess } from '../../support/ootheca-process';
import { fixturesDir } from '../../support/shared';

/** information_schema over restored databases equals what CockroachDB's own says of them. */

describePsql('information_schema', () => {
  let server: OothecaProcess;
  const databases = ['alltypes', 'bank', 'movr'];
  beforeAll(async () => {
    const io = join(fixturesDir, 'backups');
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    for (const database of databases)
      server.psql('defaultdb', [
        `RESTORE DATABASE ${database} FROM LATEST IN 'nodelocal://1/${database}'`,
      ]);
  });
  afterAll(async () => {
    await server?.stop();
  });

  const cases = databases.flatMap((database) =>
    CATALOG_ANSWERS.map((question) => ({ database, table: question.table, question })),
  );
  test.each(cases)('$table of $database', ({ database, question }) => {
    const expected = readFileSync(join(fixturesDir, 'expected', database, question.file), 'utf8');
    const shown = server.psql('defaultdb', [selectCatalog(database, expected, question)]);
    expect(sortedCatalogRows(shown)).toEqual(sortedCatalogRows(expected));
  });

  test('every system table can be read, with as many columns as it lists', () => {
    const listed = server.psql('bank', [
      `SELECT table_schema, table_name, count(*) FROM information_schema.columns
       WHERE table_schema IN ('crdb_internal', 'information_schema', 'pg_catalog')
       GROUP BY 1, 2 ORDER BY 1, 2`,
    ]);
    const tables = listed
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));
    expect(tables.length).toBeGreaterThan(100);
    const statements = tables.flatMap(([schema, name]) => [
      `\\echo @${name}`,
      `SELECT * FROM ${schema}."${name}"`,
    ]);
    const shown = server.psql('bank', statements).split(/^@/m).slice(1);
    const widths = shown.map((part) => {
      const [name = '', header = ''] = part.split('\n');
      return [name, String(header.split(',').length)];
    });
    expect(widths).toEqual(tables.map(([, name, count]) => [name, count]));
  });

  test('names: pg_catalog is searched first, other schemas are named', () => {
    const one = (sql: string): string => server.psql('bank', [sql], ['--tuples-only']).trimEnd();
    expect(one(`SELECT count(*) FROM pg_class WHERE relname = 'accounts'`)).toBe('1');
    expect(one(`SELECT count(*) FROM movr.pg_catalog.pg_class WHERE relname = 'rides'`)).toBe('1');
    expect(one(`SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class LIMIT 0`)).toBe('');
    expect(() => one('SELECT * FROM columns')).toThrow('relation "columns" does not exist');
    expect(() => one('SELECT * FROM pg_catalog.columns')).toThrow('does not exist');
    expect(() => one('SELECT * FROM nope.pg_catalog.pg_class')).toThrow('does not exist');
  });

  test('what a table shows follows the catalog and the session', () => {
    const [before, after] = ['SHOW application_name', 'SHOW timezone'].map(() =>
      server.psql('bank', [
        `SET timezone = 'Europe/Berlin'`,
        `SELECT setting FROM pg_settings WHERE name = 'timezone'`,
        `SET timezone = 'UTC'`,
        `SELECT setting FROM pg_settings WHERE name = 'timezone'`,
      ]),
    );
    expect(before).toBe('setting\nEurope/Berlin\nsetting\nUTC\n');
    expect(after).toBe(before);
    const count = `SELECT count(*) FROM pg_database WHERE datname = 'made'`;
    expect(server.psql('bank', [count, 'CREATE DATABASE made', count])).toBe(
      'count\n0\ncount\n1\n',
    );
  });
});
