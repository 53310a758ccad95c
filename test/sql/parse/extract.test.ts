import { parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';

/** With FROM, and as the function that CockroachDB stores. */

beforeAll(loadParser);

const calls = (sql: string): unknown =>
  JSON.parse(
    JSON.stringify(parseStatement(sql), (key, value) => (key === 'location' ? undefined : value)),
  );

test.each([
  `SELECT extract(year FROM now())`,
  `SELECT extract('year', now())`,
  `SELECT extract('year':::STRING, now():::TIMESTAMPTZ)::INT8`,
  `SELECT EXTRACT ( epoch FROM (x) ), extract('day', extract)`,
])('%s', (sql) => {
  const text = JSON.stringify(calls(sql));
  expect(text).toContain('"funcname":');
  expect(text).toContain('{"String":{"sval":"extract"}}');
});
