import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import {
  describePsql,
  hasPsql,
  OothecaProcess,
  temporaryDirectory,
} from '../support/ootheca-process';
import { fixturesDir } from '../support/shared';
import { validateLayer } from '../support/validate-backup';

/** Everything that DDL makes, as descriptors that CockroachDB takes; and as what it was, once it is restored. */

const CHANGES = [
  `ALTER TYPE moods ADD VALUE 'elated' AFTER 'happy'`,
  `ALTER TABLE t1 ADD COLUMN more moods[] DEFAULT ARRAY['sad'::moods]`,
  'ALTER TABLE t1 ALTER COLUMN m DROP DEFAULT',
  'DROP INDEX t1@pi CASCADE',
  'CREATE UNIQUE INDEX again ON t1 (m, id DESC) STORING (q)',
  'DROP VIEW v2',
  'CREATE OR REPLACE VIEW v1 AS SELECT id, m, NULL::moods AS lit FROM t1',
  'ALTER TABLE ch DROP CONSTRAINT fk3',
  'DROP TABLE ctas',
  'CREATE TABLE ctas AS SELECT m FROM t1',
  'ALTER TABLE ser DROP COLUMN b',
  'ALTER TABLE sqt ALTER COLUMN b DROP DEFAULT',
  'DROP SEQUENCE s1.sq2',
  'ALTER TABLE pp SET SCHEMA s1',
  'TRUNCATE tr',
  'ALTER TABLE fam ADD COLUMN h VARCHAR(7) DEFAULT $$x$$, DROP COLUMN e',
];

const PLAIN = ['--no-align', '--tuples-only'];

describePsql('BACKUP of a schema with everything', () => {
  const io = temporaryDirectory();
  let server: OothecaProcess;
  const psql = (database: string, ...statements: string[]): string =>
    server.psql(database, statements, PLAIN);
  beforeAll(async () => {
    if (!hasPsql) return;
    server = await OothecaProcess.start(['--store=type=mem', `--external-io-dir=${io.path}`]);
    server.psqlFile('defaultdb', join(fixturesDir, 'sql', 'schema-zoo.sql'));
    psql('zoo', `BACKUP DATABASE zoo INTO 'nodelocal://1/zoo'`, ...CHANGES);
    psql('zoo', `BACKUP DATABASE zoo INTO LATEST IN 'nodelocal://1/zoo'`);
  });
  afterAll(async () => {
    await server?.stop();
    io.remove();
  });

  test('each layer is valid', async () => {
    const found = readdirSync(join(io.path, 'zoo'), { recursive: true }) as string[];
    const manifests = found.filter((path) => path.endsWith('/BACKUP_MANIFEST')).sort();
    expect(manifests).toHaveLength(2);
    for (const path of manifests) {
      const { manifest } = await validateLayer(join(io.path, 'zoo', path, '..'));
      expect(manifest.descriptors.length).toBeGreaterThan(50);
      const queries = manifest.descriptors.flatMap(({ union }) =>
        union.case === 'table' && union.value.name === 'v1' ? [union.value.viewQuery] : [],
      );
      expect(queries).toEqual([expect.stringContaining('::zoo.public.moods AS lit FROM zoo.')]);
    }
  });

  test.each(['', ' WITH revision_history'])(
    'a table alone has types that know no other table%s',
    async (options) => {
      const directory = join(io.path, `table${options.length}`);
      psql('zoo', `BACKUP TABLE lk2 TO 'nodelocal://1/table${options.length}'${options}`);
      const { manifest } = await validateLayer(directory);
      const stored = [
        ...manifest.descriptors,
        ...manifest.descriptorChanges.flatMap(({ desc }) => (desc === undefined ? [] : [desc])),
      ];
      const [table] = stored.filter(({ union }) => union.case === 'table');
      const types = stored.flatMap(({ union }) => (union.case === 'type' ? [union.value] : []));
      expect(types.length).toBeGreaterThan(4);
      const users = types.flatMap(({ referencingDescriptorIds: ids }) => ids);
      expect([...new Set(users)]).toEqual([table?.union.value?.id]);
      psql(
        'zoo',
        'CREATE DATABASE alone',
        `RESTORE TABLE zoo.lk2 FROM 'nodelocal://1/table${options.length}' WITH into_db = 'alone'`,
        `DROP DATABASE alone CASCADE`,
      );
    },
  );

  test('a table comes with types that only its expressions name', async () => {
    psql(
      'zoo',
      'CREATE SCHEMA named',
      `CREATE TYPE named.c AS ENUM ('x')`,
      `CREATE TYPE named.d AS ENUM ('x')`,
      `CREATE TYPE named.p AS ENUM ('x')`,
      `CREATE TABLE named.by_text (id INT PRIMARY KEY, s STRING, t STRING DEFAULT 'x'::named.d::STRING,
         CHECK (s::named.c = 'x'), INDEX (t) WHERE s::named.p = 'x')`,
      `BACKUP TABLE named.by_text TO 'nodelocal://1/by-text'`,
      'DROP TABLE named.by_text',
      'DROP TYPE named.c, named.d, named.p',
      'DROP SCHEMA named',
      'CREATE DATABASE alone',
      `RESTORE TABLE zoo.named.by_text FROM 'nodelocal://1/by-text' WITH into_db = 'alone'`,
    );
    const { manifest } = await validateLayer(join(io.path, 'by-text'));
    const types = manifest.descriptors.filter(({ union }) => union.case === 'type');
    expect(types.map(({ union }) => union.value?.name)).toEqual(['c', '_c', 'd', '_d', 'p', '_p']);
    expect(psql('alone', 'SHOW CREATE TABLE named.by_text')).toContain(`CHECK (s::named.c = 'x'`);
    psql('defaultdb', 'DROP DATABASE alone CASCADE');
  });

  test.each(['DATABASE zoo', 'TABLE t1', ''])(
    'BACKUP %s: what is temporary is left out, and its schema',
    async (what) => {
      const name = `temporary${what.length}`;
      psql(
        'zoo',
        'SET experimental_enable_temp_tables = on',
        'CREATE TEMP TABLE mine (id INT PRIMARY KEY, m moods)',
        'CREATE TEMP VIEW theirs AS SELECT id FROM t1',
        `BACKUP ${what} TO 'nodelocal://1/${name}' WITH revision_history`,
      );
      const { manifest } = await validateLayer(join(io.path, name));
      const stored = [
        ...manifest.descriptors,
        ...manifest.descriptorChanges.flatMap(({ desc }) => (desc === undefined ? [] : [desc])),
      ];
      const names = stored.flatMap(({ union }) => [
        union.value?.name,
        ...(union.case === 'database' ? union.value.schemas.map(({ key }) => key) : []),
      ]);
      expect(names).toEqual(expect.arrayContaining(['zoo', 't1']));
      expect(names.filter((each) => /^(pg_temp.*|mine|theirs)$/.test(each ?? ''))).toEqual([]);
    },
  );

  test('restored it is what it was', () => {
    psql(
      'defaultdb',
      `RESTORE DATABASE zoo FROM LATEST IN 'nodelocal://1/zoo' WITH new_db_name = 'other'`,
    );
    const shown = (database: string): string => {
      const list = `SELECT quote_ident(schema_name) || '.' || quote_ident(table_name) FROM [SHOW TABLES]`;
      const names = psql(database, list).trimEnd().split('\n').sort();
      expect(names.length).toBeGreaterThanOrEqual(40);
      return psql(
        database,
        ...names.flatMap((name) => [`SHOW CREATE TABLE ${name}`, `TABLE ${name}`]),
      );
    };
    const before = shown('zoo').replaceAll('zoo.', 'other.');
    expect(shown('other')).toEqual(before);
    const types = (database: string) =>
      psql(database, 'SELECT schema, name, values FROM [SHOW ENUMS]');
    expect(types('other')).toBe(types('zoo'));
  });
});
