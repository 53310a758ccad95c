import { makeHarness } from '../support/harness';

test.each([
  ['2021-03-23', '2020-02-29', '1 year 23 days'],
  ['2020-02-29', '2021-03-23', '-1 years -23 days'],
  ['2001-04-10 10:00', '1957-06-13 12:30:00.5', '43 years 9 mons 26 days 21:29:59.5'],
  ['2021-03-01', '2021-01-31', '1 mon 1 day'],
  ['2021-01-31', '2021-03-01', '-1 mons -1 days'],
  ['1999-12-31 23:00', '1970-01-01', '29 years 11 mons 30 days 23:00:00'],
  ['2021-01-01', '2021-01-01', '00:00:00'],
])('age(%s, %s)', async (end, begin, answer) => {
  const db = await makeHarness();
  const value = (text: string): string => `'${text}'::TIMESTAMPTZ`;
  expect(db.rows(`SELECT age(${value(end)}, ${value(begin)})`)).toEqual([answer]);
});

test('age of one instant counts from the transaction; there is none of TIMESTAMP', async () => {
  const db = await makeHarness();
  expect(db.rows("SELECT age(now() - '1 day 02:00:00'::INTERVAL)")).toEqual(['1 day 02:00:00']);
  expect(db.error("SELECT age('2021-01-01'::TIMESTAMP, '2021-01-01'::TIMESTAMP)")).toBe(
    '42883 unknown signature: age(timestamp, timestamp)',
  );
});
