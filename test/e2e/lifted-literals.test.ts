import type { Client } from 'pg';
import type { OothecaProcess } from '../support/ootheca-process';
import { pgClient, startRestored } from '../support/restored-server';

/**
 * Statements whose constants are taken out of their texts do what those do that are compiled as they are. Each is sent to
 * two databases of the same tables: as it is, and with a comment that keeps its constants in it.
 */

/** In a text with this character nothing is taken out. */
const AS_IT_IS = '/* \u0001 */';

const SCHEMA = `
CREATE TABLE a (
  k INT8 PRIMARY KEY, i2 INT2, i4 INT4, s VARCHAR(5), d DECIMAL(6,2), f FLOAT8, t TIMESTAMPTZ, dt DATE, u UUID, j JSONB,
  b BOOL, y BYTES, iv INTERVAL, l INT8[], UNIQUE (i2), CHECK (i4 < 1000), INDEX (s), INDEX (d));
CREATE TABLE c (k INT8 PRIMARY KEY, ak INT8 REFERENCES a (k) ON DELETE CASCADE, n INT8 DEFAULT 7);
CREATE TYPE e AS ENUM ('x', 'y');
CREATE TABLE h (k e PRIMARY KEY, v STRING AS (k::STRING || '!') STORED);
CREATE VIEW v AS SELECT k, i4 + 1 AS i FROM a WHERE k > 2;
`;

/** Many of a kind one after the other: from the second on they share what the first was compiled to. */
const STATEMENTS = `
INSERT INTO a (k, i2, i4, s) VALUES (1, 1, 10, 'a')
INSERT INTO a (k, i2, i4, s) VALUES (2, 2, 20, 'bb')
INSERT INTO a (k, i2, i4, s) VALUES (3, -3, -30, 'it''s')
INSERT INTO a (k, i2, i4, s) VALUES (4, 40000, 40, 'd')
INSERT INTO a (k, i2, i4, s) VALUES (4, 4, 3000000000, 'd')
INSERT INTO a (k, i2, i4, s) VALUES (4, 4, 2000, 'd')
INSERT INTO a (k, i2, i4, s) VALUES (4, 4, 40, 'too long')
INSERT INTO a (k, i2, i4, s) VALUES (1, 5, 50, 'dup')
INSERT INTO a (k, i2, i4, s) VALUES (5, 1, 50, 'dup')
INSERT INTO a (k, i2, i4, s) VALUES (6, 6, 60, '') RETURNING k, s, i2 + 1, 'c', 5
INSERT INTO a (k, i2, i4, s) VALUES (7, 7, 70, 'e') RETURNING k, s, i2 + 2, 'd', 6
INSERT INTO a (k, d, f) VALUES (10, 1.005, 1.5)
INSERT INTO a (k, d, f) VALUES (11, 1.015, 2.5)
INSERT INTO a (k, d, f) VALUES (12, 12345.5, 2.5)
INSERT INTO a (k, d, f) VALUES (13, 3, 4)
INSERT INTO a (k, d, f) VALUES (14, -4, -0.0)
INSERT INTO a (k, d, f) VALUES (15, 0, -0)
INSERT INTO a (k, d, f) VALUES (16, -0, 0)
INSERT INTO a (k, t, dt, u, j, b, y, iv, l) VALUES (20, '2020-01-01 10:00', '2020-01-01', '6b9e3b43-9c4c-4b2b-9a70-1a4b4bd1a3d1', '{"a": 1}', 'true', 'abc', '1 day', '{1,2}')
INSERT INTO a (k, t, dt, u, j, b, y, iv, l) VALUES (21, '2021-02-01 11:00+02', '2021-02-01', '6b9e3b43-9c4c-4b2b-9a70-1a4b4bd1a3d2', '[1]', 'off', '\\x00', '2 hours', '{3}')
INSERT INTO a (k, t, dt, u, j, b, y, iv, l) VALUES (22, 'bad', '2021-02-01', '6b9e3b43-9c4c-4b2b-9a70-1a4b4bd1a3d2', '[1]', 'off', 'a', '2 hours', '{3}')
INSERT INTO a (k, t, dt, u, j, b, y, iv, l) VALUES (22, '2020-01-01', '2021-13-01', '6b9e3b43-9c4c-4b2b-9a70-1a4b4bd1a3d2', '[1]', 'off', 'a', '2 hours', '{3}')
INSERT INTO a (k, dt) VALUES (23, '2021-02-02')
INSERT INTO a (k, dt) VALUES (24, 'epoch')
INSERT INTO a (k, dt) VALUES (25, 'infinity')
SELECT k FROM a WHERE dt = 'today'
SELECT k FROM a WHERE dt = '2021-02-02'
SELECT k FROM a WHERE dt = 'tomorrow'
SELECT k, i4 FROM a WHERE k = 1
SELECT k, i4 FROM a WHERE k = 2
SELECT k, i4 FROM a WHERE k = 3
SELECT k, i4 FROM a WHERE k = 9223372036854775807
SELECT k, i4 FROM a WHERE k = 9223372036854775808
SELECT k, i4 FROM a WHERE k = -1
SELECT k, i4 FROM a WHERE k = - 2
SELECT k, i4 FROM a WHERE k = -(3)
SELECT k, i4 FROM a WHERE k = 1.0
SELECT k, i4 FROM a WHERE k = 2.5
SELECT k, i4 FROM a WHERE k = '3'
SELECT k, i4 FROM a WHERE k = 'x'
SELECT k, i4 FROM a WHERE k = '4'
SELECT k, i4 FROM a WHERE i2 = 100000
SELECT k FROM a WHERE k IN (1, 2, 3) ORDER BY k
SELECT k FROM a WHERE k IN (2, 3, 9) ORDER BY k
SELECT k FROM a ORDER BY k LIMIT 1
SELECT k FROM a ORDER BY k LIMIT 2
SELECT k FROM a ORDER BY k LIMIT 3 OFFSET 1
SELECT k FROM a ORDER BY k LIMIT 2 OFFSET 2
SELECT k FROM a ORDER BY k LIMIT -1
SELECT k, s FROM a WHERE k < 5 ORDER BY 1
SELECT k, s FROM a WHERE k < 4 ORDER BY 2
SELECT k, s FROM a WHERE k < 4 ORDER BY 3
SELECT i4 + 1, count(*) FROM a GROUP BY i4 + 1 ORDER BY 1
SELECT i4 + 2, count(*) FROM a GROUP BY i4 + 2 ORDER BY 1
SELECT i4 + 2, count(*) FROM a GROUP BY i4 + 3 ORDER BY 1
SELECT s, count(*) FROM a GROUP BY 1 ORDER BY 1
SELECT s, count(*) FROM a GROUP BY 2 ORDER BY 1
SELECT 1, 'x', 1.5, -3
SELECT 2, 'y', 2.50, -4
SELECT 9223372036854775807 + 1
SELECT 9223372036854775806 + 1
SELECT k + 9223372036854775806 FROM a WHERE k = 1
SELECT k + 9223372036854775807 FROM a WHERE k = 1
SELECT 1 / 0
SELECT 1 / 2
SELECT 7 // 2, 7 % 4
SELECT 7 // 0, 7 % 4
SELECT k FROM a WHERE s LIKE 'b%'
SELECT k FROM a WHERE s LIKE '%s'
SELECT k FROM a WHERE s LIKE 'it%'
SELECT k FROM a WHERE s = 'a' OR s = 'bb' ORDER BY k
SELECT k FROM a WHERE s = 'bb' OR s = 'a' ORDER BY k
SELECT 'a'::VARCHAR(1), 'abc'::STRING, '12'::INT8
SELECT 'b'::VARCHAR(1), 'abd'::STRING, '13'::INT8
SELECT 'b'::VARCHAR(2), 'abd'::STRING, 'x'::INT8
SELECT 'a'::REGCLASS::STRING
SELECT 'c'::REGCLASS::STRING
SELECT 'nix'::REGCLASS::STRING
SELECT INTERVAL '1' DAY, INTERVAL '2 hours', DATE '2020-01-01'
SELECT INTERVAL '3' DAY, INTERVAL '4 hours', DATE '2020-02-01'
SELECT j->'a', j->>'a' FROM a WHERE k = 20
SELECT j->'b', j->>'b' FROM a WHERE k = 20
SELECT j->0 FROM a WHERE k = 21
SELECT j->1 FROM a WHERE k = 21
SELECT l[1] FROM a WHERE k = 20
SELECT l[2] FROM a WHERE k = 20
SELECT CASE WHEN k = 1 THEN 'one' ELSE 'other' END FROM a WHERE k < 3 ORDER BY k
SELECT CASE WHEN k = 2 THEN 'two' ELSE 'not' END FROM a WHERE k < 3 ORDER BY k
SELECT round(1.2345, 2), substr('hello', 2), lpad('x', 3, 'y')
SELECT round(1.2385, 3), substr('hello', 3), lpad('z', 2, 'y')
SELECT nosuch FROM a WHERE k = 1
SELECT nosuch FROM a WHERE k = 2
SELECT k FROM a WHERE k = 1 AND
SELECT k FROM a WHERE k = 2 AND
SELECT k FROM a WHERE k BETWEEN 1 AND 3 AND d IS NULL ORDER BY k
SELECT k FROM a WHERE k BETWEEN 2 AND 6 AND d IS NULL ORDER BY k
SELECT d FROM a WHERE d = 1.01
SELECT d FROM a WHERE d = 1.02
SELECT d FROM a WHERE d > 1 ORDER BY d
SELECT d FROM a WHERE d > 2 ORDER BY d
SELECT k FROM a WHERE t > '2020-06-01' ORDER BY k
SELECT k FROM a WHERE t > '2019-06-01' ORDER BY k
SET timezone = 'Europe/Berlin'
SELECT t, '2020-07-01'::TIMESTAMPTZ FROM a WHERE t > '2020-06-01' ORDER BY k
SELECT t, '2020-08-01'::TIMESTAMPTZ FROM a WHERE t > '2019-06-01' ORDER BY k
RESET timezone
SELECT i FROM v WHERE k = 3
SELECT i FROM v WHERE k = 6
WITH x AS (SELECT k FROM a WHERE k > 5 LIMIT 2) SELECT count(*) FROM x WHERE k < 100
WITH x AS (SELECT k FROM a WHERE k > 6 LIMIT 2) SELECT count(*) FROM x WHERE k < 200
SELECT (SELECT max(k) FROM a WHERE k < 4), EXISTS (SELECT 1 FROM a WHERE k = 77)
SELECT (SELECT max(k) FROM a WHERE k < 5), EXISTS (SELECT 1 FROM a WHERE k = 3)
VALUES (1, 'a'), (2, 'b')
VALUES (3, 'c'), (4, 'd')
VALUES (3, 'c'), ('x', 'd')
SELECT 1 UNION ALL SELECT 2
SELECT 2 UNION ALL SELECT 3
SELECT 'a' COLLATE "de" < 'b' COLLATE "de"
SELECT 'c' COLLATE "de" < 'b' COLLATE "de"
SELECT * FROM generate_series(1, 3)
SELECT * FROM generate_series(2, 5)
SELECT count(*) FROM pg_class WHERE relname = 'a'
SELECT count(*) FROM pg_class WHERE relname = 'h'
SELECT set_config('application_name', 'one', false)
SELECT set_config('application_name', 'two', false)
SHOW application_name
INSERT INTO h VALUES ('x')
INSERT INTO h VALUES ('y')
INSERT INTO h VALUES ('z')
SELECT v FROM h WHERE k = 'x'
SELECT v FROM h WHERE k = 'y'
INSERT INTO c (k, ak) VALUES (1, 1)
INSERT INTO c (k, ak) VALUES (2, 2)
INSERT INTO c (k, ak) VALUES (3, 99)
INSERT INTO c VALUES (4, 1, DEFAULT), (5, 2, 8)
INSERT INTO c VALUES (6, 2, DEFAULT), (7, 3, 9)
INSERT INTO c SELECT k + 100, k, 5 FROM a WHERE k < 3
INSERT INTO c SELECT k + 200, k, 6 FROM a WHERE k < 4
INSERT INTO c (k) VALUES (1) ON CONFLICT (k) DO UPDATE SET n = excluded.k + 10
INSERT INTO c (k) VALUES (2) ON CONFLICT (k) DO UPDATE SET n = excluded.k + 20
UPSERT INTO c (k, n) VALUES (5, 50)
UPSERT INTO c (k, n) VALUES (60, 60)
UPDATE a SET i4 = i4 + 1 WHERE k = 1
UPDATE a SET i4 = i4 + -5 WHERE k = 2
UPDATE a SET i4 = i4 + 6 WHERE k = 3 RETURNING i4
UPDATE a SET i4 = i4 + 7 WHERE k = 3 RETURNING i4
UPDATE a SET i4 = i4 + 2147483647 WHERE k = 1
UPDATE a SET i4 = i4 + 5000 WHERE k = 1
UPDATE a SET s = 'x', d = 5 WHERE k = 6
UPDATE a SET s = 'yyyyyyy', d = 6 WHERE k = 6
UPDATE a SET s = 'y', d = 99999999 WHERE k = 6
UPDATE a SET (s, d) = ('q', 1) WHERE k = 7
UPDATE a SET (s, d) = ('r', 2) WHERE k = 7
UPDATE a SET i4 = 1 WHERE s = 'a' ORDER BY k LIMIT 1
UPDATE a SET i4 = 2 WHERE s = 'bb' ORDER BY k LIMIT 2
BEGIN
SELECT i4 FROM a WHERE k = 1
UPDATE a SET i4 = 500 WHERE k = 1
SELECT i4 FROM a WHERE k = 1
SELECT i4 FROM a WHERE k = 2
ROLLBACK
SELECT i4 FROM a WHERE k = 1
CREATE INDEX ON a (i4)
SELECT k FROM a WHERE i4 = 1
SELECT k FROM a WHERE i4 = 2
ALTER TABLE a ADD COLUMN z INT8 DEFAULT 3
SELECT * FROM a WHERE k = 1
SELECT * FROM a WHERE k = 2
DELETE FROM c WHERE k = 1
DELETE FROM c WHERE k = 2
DELETE FROM a WHERE k = 2 RETURNING k, s
DELETE FROM a WHERE k = 3 RETURNING k, s
DELETE FROM c WHERE n > 100 OR n < 0
DELETE FROM c WHERE n > 7 OR n < 0
SELECT * FROM a ORDER BY k
SELECT * FROM c ORDER BY k
SELECT * FROM h ORDER BY k
`
  .trim()
  .split('\n');

let server: OothecaProcess;
let lifted: Client;
let plain: Client;

beforeAll(async () => {
  server = await startRestored(['bank']);
  const client = await pgClient(server);
  for (const name of ['lifted', 'plain']) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  lifted = await pgClient(server, 'lifted');
  plain = await pgClient(server, 'plain');
});
afterAll(async () => {
  await lifted?.end();
  await plain?.end();
  await server?.stop();
});

async function answer(client: Client, sql: string, mode: string): Promise<unknown> {
  try {
    const how = mode === 'extended' ? { queryMode: 'extended' } : {};
    const { command, rowCount, fields, rows } = await client.query({
      text: sql,
      rowMode: 'array',
      ...how,
    } as { text: string; rowMode: 'array' });
    const types = fields.map(({ name, dataTypeID }) => [name, dataTypeID < 100_000 && dataTypeID]);
    return { command, rowCount, types, rows };
  } catch (error) {
    const { code, message, detail, hint, position } = error as Record<string, string>;
    return { code, message: message?.replaceAll(/lifted|plain/g, 'db'), detail, hint, position };
  }
}

test.each(['simple', 'extended'])(
  'every statement has the answer of its text (%s)',
  async (mode) => {
    const answers = async (client: Client, end: string): Promise<unknown[]> => {
      await client.query(
        `DROP VIEW IF EXISTS v; DROP TABLE IF EXISTS c, a, h; DROP TYPE IF EXISTS e`,
      );
      await client.query(SCHEMA);
      const list: unknown[] = [];
      for (const sql of STATEMENTS) list.push(await answer(client, `${sql}${end}`, mode));
      return list;
    };
    // One after the other: a block of one would wait for the other's.
    const ours = await answers(lifted, '');
    const theirs = await answers(plain, AS_IT_IS);
    const pairs = STATEMENTS.map((sql, i) => [sql, ours[i], theirs[i]] as const);
    expect(pairs.filter((pair) => JSON.stringify(pair[1]) !== JSON.stringify(pair[2]))).toEqual([]);
    expect(JSON.stringify(ours)).toContain('"code":"23505"');
  },
);
