import { join } from 'node:path';
import {
  answer,
  CATALOG_ANSWERS,
  expectedRelations,
  SHOW_ANSWERS,
  selectAll,
  selectCatalog,
  showCreate,
  sortedCatalogRows,
} from '../support/expected-answers';
import { describePsql, OothecaProcess } from '../support/ootheca-process';
import { describeShared, sharedDir } from '../support/shared';

/**
 * Tables that real clusters backed up in the middle of a schema change, restored by RESTORE … WITH into_db, equal what
 * CockroachDB has once the jobs that finish the changes have ended.
 */

const PLAIN = ['--no-align', '--tuples-only'];

const CASES: ReadonlyArray<readonly [stage: string, table: string, jobs: readonly string[]]> = [
  [
    'after/19.2',
    'midmany',
    [
      'RESTORING: schema change on midmany adding column b DECIMAL',
      'RESTORING: schema change on midmany adding constraint my_const',
      'RESTORING: schema change on midmany adding index my_idx for midmany (a ASC)',
    ],
  ],
  ['after/20.2', 'midaddcol', ['RESTORING: schema change on midaddcol adding column b DECIMAL']],
  [
    'after/20.2',
    'midmultitxn',
    [
      'RESTORING: schema change on midmultitxn adding column b DECIMAL; schema change on midmultitxn adding constraint my_const; schema change on midmultitxn adding index my_idx for midmultitxn (a ASC)',
    ],
  ],
  [
    'after/20.2',
    'midprimarykeyswap',
    ['RESTORING: schema change on midprimarykeyswap changing primary key to (a ASC)'],
  ],
  [
    'before/20.1',
    'midaddconst',
    ['RESTORING: schema change on midaddconst adding constraint my_const'],
  ],
];

describeShared('backups in the middle of a schema change', () => {
  const backups = join(sharedDir, 'backups');
  describePsql('finish it', () => {
    let server: OothecaProcess;
    beforeAll(async () => {
      const io = join(backups, 'upstream');
      server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io}`]);
    });
    afterAll(async () => {
      await server?.stop();
    });

    describe.each(CASES)('%s %s', (stage, table, jobs) => {
      const folder = join(
        backups,
        'expected/upstream',
        `mid-schema-change-${stage.replace('/', '-')}-${table}`,
        'm',
      );
      const database = `m_${table}`;
      beforeAll(() => {
        const from = `'nodelocal://1/mid-schema-change/${stage}/${table}'`;
        server.psql('defaultdb', [
          `CREATE DATABASE ${database}`,
          `RESTORE defaultdb.${table} FROM ${from} WITH into_db = '${database}'`,
        ]);
      });

      test('rows and SHOW CREATE', () => {
        expect(expectedRelations(folder)).toEqual([`public.${table}`]);
        const rows = answer(folder, `public.${table}.csv`);
        expect(server.psql(database, [selectAll(`public.${table}`, rows)])).toBe(rows);
        const create = answer(folder, `public.${table}.create.sql`).trimEnd();
        expect(showCreate(server, database, `public.${table}`)).toBe(create);
      });

      test.each(CATALOG_ANSWERS)('information_schema.$table', (question) => {
        const expected = answer(folder, question.file);
        const shown = server.psql('defaultdb', [selectCatalog(database, expected, question)]);
        expect(sortedCatalogRows(shown)).toEqual(sortedCatalogRows(expected));
      });

      test.each(SHOW_ANSWERS)('%s', (file, statement) => {
        // The schema public belongs to `admin`, and there are no statistics: as in the answers.
        expect(server.psql(database, [statement])).toBe(answer(folder, `${file}.csv`));
      });

      test('the jobs that did it', () => {
        const select = `SELECT status, description FROM [SHOW JOBS] WHERE job_type = 'SCHEMA CHANGE' AND description LIKE '%on ${table} %' ORDER BY created, job_id`;
        const expected = jobs.map((description) => `succeeded|${description}\n`).join('');
        expect(server.psql('defaultdb', [select], PLAIN)).toBe(expected);
      });
    });
  });
});
