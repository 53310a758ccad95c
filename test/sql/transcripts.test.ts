import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixturesDir } from '../support/shared';
import { type Harness, makeHarness, SESSION } from './support/harness';

/**
 * Answers of CockroachDB (test/fixtures/transcripts/sql.txt: one psql session, `--csv`): every SELECT that needs no
 * table must be answered alike, or be named below with the reason.
 */

interface Exchange {
  readonly sql: string;
  readonly answer: string;
}

function exchanges(): Exchange[] {
  const text = readFileSync(join(fixturesDir, 'transcripts', 'sql.txt'), 'utf8');
  const statement =
    /^(SELECT|WITH|VALUES|SET|CREATE|INSERT|UPSERT|UPDATE|DELETE|SHOW|ALTER|DROP|TRUNCATE|USE|EXPLAIN|SELEC)\b.*;$/;
  const list: { sql: string; lines: string[] }[] = [];
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    if (open === undefined && statement.test(line))
      list.push({ sql: line.slice(0, -1), lines: [] });
    else if (open === undefined && /^CREATE .*[^;]$/.test(line)) open = [line];
    else if (open !== undefined) {
      open.push(line);
      if (line.endsWith(';')) open = undefined;
    } else list.at(-1)?.lines.push(line);
  }
  return list.map(({ sql, lines }) => ({ sql, answer: lines.join('\n').trimEnd() }));
}

const csv = (cell: string | null): string => {
  if (cell === null) return 'NULL';
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
};

function answer(db: Harness, sql: string): string {
  try {
    const { names, rows } = db.run(sql);
    return [names, ...rows]
      .map((row) => row.map(csv).join(','))
      .join('\n')
      .trimEnd();
  } catch (error) {
    const { sqlstate, message, detail } = error as {
      sqlstate?: string;
      message: string;
      detail?: string;
    };
    if (sqlstate === undefined) return `BUG ${String(error)}`;
    const more = detail === undefined ? '' : `\nDETAIL:  ${detail}`;
    return `ERROR:  ${sqlstate}: ${message}${more}`;
  }
}

/** Statements answered in another way, and why. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([
  ["SELECT format('%s-%I-%L-%5s', 'a', 'b c', 'd''e', 'x')", 'format() is known, for tools'],
  [
    "SELECT to_char('2021-03-23 21:31:01.37'::TIMESTAMP, 'YYYY-MM-DD HH24:MI:SS.MS')",
    'the released v21.2 has to_char(), with one argument: an unknown signature',
  ],
  ['SELECT nosuchcol FROM pg_class', 'this harness has no system tables'],
]);

const all = exchanges();
let db: Harness;
beforeAll(async () => {
  db = await makeHarness();
});

const berlin = all.findIndex(({ sql }) => sql.startsWith('SET timezone'));
const firstTable = all.findIndex(({ sql }) => sql.startsWith('CREATE DATABASE'));
const queries = all
  .map((exchange, i) => ({ ...exchange, zone: i > berlin ? 'Europe/Berlin' : 'UTC' }))
  .slice(0, firstTable)
  .filter(({ sql }) => /^(SELECT|WITH)\b/.test(sql));

test('the transcript was read', () => {
  expect(queries.length).toBeGreaterThan(215);
});

test.each(queries.map((query) => [query.sql, query] as const))('%s', (sql, query) => {
  db.session = { ...SESSION, timeZone: query.zone };
  const reason = DIFFERENT.get(sql);
  if (reason === undefined) expect(answer(db, sql)).toBe(query.answer);
  else expect(answer(db, sql)).not.toBe(query.answer);
});
