import { type DdlEngine, openDdlEngine } from './engine';

/** The schema changes of test/fixtures/transcripts/sql.txt, in order, without the writes of rows between them. */

let engine: DdlEngine;
beforeAll(async () => {
  engine = await openDdlEngine();
  await engine.run('CREATE DATABASE cdb; SET database = cdb');
});
afterAll(async () => {
  await engine?.close();
});

const RECLAIMED = 'NOTICE 00000 the data for dropped indexes is reclaimed asynchronously';

const STEPS: readonly (readonly [sql: string, answer: string])[] = [
  [
    `CREATE TABLE t (id SERIAL PRIMARY KEY, a INT NOT NULL CHECK (a > 0), b STRING UNIQUE DEFAULT 'd', c DECIMAL(5,2), INDEX (a DESC) STORING (c))`,
    'CREATE TABLE',
  ],
  [
    'SHOW CREATE TABLE t',
    `t|CREATE TABLE public.t (
	id INT8 NOT NULL DEFAULT unique_rowid(),
	a INT8 NOT NULL,
	b STRING NULL DEFAULT 'd':::STRING,
	c DECIMAL(5,2) NULL,
	CONSTRAINT "primary" PRIMARY KEY (id ASC),
	UNIQUE INDEX t_b_key (b ASC),
	INDEX t_a_idx (a DESC) STORING (c),
	FAMILY "primary" (id, a, b, c),
	CONSTRAINT check_a CHECK (a > 0:::INT8)
)`,
  ],
  [
    'SHOW INDEXES FROM t',
    `t|primary|f|1|id|ASC|f|f
t|t_a_idx|t|1|a|DESC|f|f
t|t_a_idx|t|2|c|N/A|t|f
t|t_a_idx|t|3|id|ASC|f|t
t|t_b_key|f|1|b|ASC|f|f
t|t_b_key|f|2|id|ASC|f|t`,
  ],
  [
    `ALTER TABLE t ADD COLUMN d TIMESTAMPTZ DEFAULT '2021-01-01 00:00:00+00', ADD COLUMN e INT AS (a * 2) STORED`,
    'ALTER TABLE',
  ],
  ['ALTER TABLE t RENAME COLUMN b TO bb', 'RENAME COLUMN'],
  ['ALTER TABLE t ALTER COLUMN bb SET NOT NULL', 'ALTER TABLE'],
  ['ALTER TABLE t ADD CONSTRAINT positive CHECK (a < 1000)', 'ALTER TABLE'],
  ['ALTER TABLE t DROP COLUMN c', `${RECLAIMED}\nALTER TABLE`],
  ['CREATE UNIQUE INDEX ON t (a, bb)', 'CREATE INDEX'],
  ['CREATE INDEX IF NOT EXISTS part ON t (a) WHERE a > 5', 'CREATE INDEX'],
  ['DROP INDEX t@part', `${RECLAIMED}\nDROP INDEX`],
  [
    'SHOW CREATE TABLE t',
    `t|CREATE TABLE public.t (
	id INT8 NOT NULL DEFAULT unique_rowid(),
	a INT8 NOT NULL,
	bb STRING NOT NULL DEFAULT 'd':::STRING,
	d TIMESTAMPTZ NULL DEFAULT '2021-01-01 00:00:00+00:00':::TIMESTAMPTZ,
	e INT8 NULL AS (a * 2:::INT8) STORED,
	CONSTRAINT "primary" PRIMARY KEY (id ASC),
	UNIQUE INDEX t_b_key (bb ASC),
	UNIQUE INDEX t_a_bb_key (a ASC, bb ASC),
	FAMILY "primary" (id, a, bb, d, e),
	CONSTRAINT check_a CHECK (a > 0:::INT8),
	CONSTRAINT positive CHECK (a < 1000:::INT8)
)`,
  ],
  [
    'CREATE TABLE child (id INT PRIMARY KEY, tid INT REFERENCES t (id) ON DELETE CASCADE)',
    'CREATE TABLE',
  ],
  [
    'SHOW CREATE TABLE child',
    `child|CREATE TABLE public.child (
	id INT8 NOT NULL,
	tid INT8 NULL,
	CONSTRAINT "primary" PRIMARY KEY (id ASC),
	CONSTRAINT fk_tid_ref_t FOREIGN KEY (tid) REFERENCES public.t(id) ON DELETE CASCADE,
	FAMILY "primary" (id, tid)
)`,
  ],
  ['DROP TABLE t', 'ERROR 2BP01 "t" is referenced by foreign key from table "child"'],
  ['DROP TABLE t CASCADE', 'DROP TABLE'],
  ['CREATE VIEW v AS SELECT id FROM child', 'CREATE VIEW'],
  [
    'DROP TABLE child',
    'ERROR 2BP01 cannot drop relation "child" because view "v" depends on it\nHINT you can drop v instead.',
  ],
  ['CREATE SEQUENCE s', 'CREATE SEQUENCE'],
  ['SHOW SEQUENCES', 'public|s'],
  [`CREATE TYPE mood AS ENUM ('a','b')`, 'CREATE TYPE'],
  ['CREATE TABLE child (id INT)', 'ERROR 42P07 relation "cdb.public.child" already exists'],
  [
    'DROP DATABASE cdb RESTRICT',
    'ERROR 2BP01 database "cdb" is not empty and RESTRICT was specified',
  ],
  ['USE defaultdb', 'SET'],
  ['DROP DATABASE cdb CASCADE', 'DROP DATABASE'],
];

test.each(STEPS.map(([sql, answer], i) => [`${i + 1}. ${sql}`, sql, answer] as const))(
  '%s',
  async (_, sql, answer) => {
    expect(await engine.run(sql)).toBe(answer);
  },
);
