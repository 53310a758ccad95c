import { SqlError } from '../../../base/errors';
import { parseRecurrence } from '../../../jobs/schedules/cron';

const micros = (text: string): number => Date.parse(`${text}Z`) * 1000;
const text = (time: number): string =>
  new Date(time / 1000).toISOString().slice(0, 19).replace('T', ' ');

/** The first times after a Saturday, 2022-01-01 10:30:15. */
function times(expression: string, count = 3): string[] {
  const recurrence = parseRecurrence(expression);
  const found: string[] = [];
  let time = micros('2022-01-01 10:30:15.5');
  while (found.length < count) {
    const next = recurrence.next(time);
    if (next === undefined) break;
    found.push(text(next));
    time = next;
  }
  return found;
}

test.each([
  ['* * * * *', '2022-01-01 10:31:00', '2022-01-01 10:32:00', '2022-01-01 10:33:00'],
  ['*/20 * * * *', '2022-01-01 10:40:00', '2022-01-01 11:00:00', '2022-01-01 11:20:00'],
  ['50/5 23 * * *', '2022-01-01 23:50:00', '2022-01-01 23:55:00', '2022-01-02 23:50:00'],
  ['0 9-17/4 * * *', '2022-01-01 13:00:00', '2022-01-01 17:00:00', '2022-01-02 09:00:00'],
  ['5,3 10 * * *', '2022-01-02 10:03:00', '2022-01-02 10:05:00', '2022-01-03 10:03:00'],
  ['0 0 31 * *', '2022-01-31 00:00:00', '2022-03-31 00:00:00', '2022-05-31 00:00:00'],
  ['0 0 29 feb *', '2024-02-29 00:00:00', '2028-02-29 00:00:00', '2032-02-29 00:00:00'],
  ['30 10 1 JAN *', '2023-01-01 10:30:00', '2024-01-01 10:30:00', '2025-01-01 10:30:00'],
  ['0 0 * * mon-Fri', '2022-01-03 00:00:00', '2022-01-04 00:00:00', '2022-01-05 00:00:00'],
  ['0 0 ? * 6', '2022-01-08 00:00:00', '2022-01-15 00:00:00', '2022-01-22 00:00:00'],
  ['@hourly', '2022-01-01 11:00:00', '2022-01-01 12:00:00', '2022-01-01 13:00:00'],
  ['@daily', '2022-01-02 00:00:00', '2022-01-03 00:00:00', '2022-01-04 00:00:00'],
  ['@weekly', '2022-01-02 00:00:00', '2022-01-09 00:00:00', '2022-01-16 00:00:00'],
  ['@monthly', '2022-02-01 00:00:00', '2022-03-01 00:00:00', '2022-04-01 00:00:00'],
  ['@yearly', '2023-01-01 00:00:00', '2024-01-01 00:00:00', '2025-01-01 00:00:00'],
  ['@every 1h30m', '2022-01-01 12:00:15', '2022-01-01 13:30:15', '2022-01-01 15:00:15'],
  ['@every 1m1h', '2022-01-01 11:31:15', '2022-01-01 12:32:15', '2022-01-01 13:33:15'],
  ['@every 1.5h', '2022-01-01 12:00:15', '2022-01-01 13:30:15', '2022-01-01 15:00:15'],
  ['@every 2.9s', '2022-01-01 10:30:17', '2022-01-01 10:30:19', '2022-01-01 10:30:21'],
  ['@every 100ms', '2022-01-01 10:30:16', '2022-01-01 10:30:17', '2022-01-01 10:30:18'],
  ['@every 0s', '2022-01-01 10:30:16', '2022-01-01 10:30:17', '2022-01-01 10:30:18'],
  ['@every 0', '2022-01-01 10:30:16', '2022-01-01 10:30:17', '2022-01-01 10:30:18'],
  ['@every -1h', '2022-01-01 10:30:16', '2022-01-01 10:30:17', '2022-01-01 10:30:18'],
  ['@every +.5m', '2022-01-01 10:30:45', '2022-01-01 10:31:15', '2022-01-01 10:31:45'],
])('%s', (expression, ...expected) => {
  expect(times(expression)).toEqual(expected);
});

test('a day of the month and one of the week: either will do', () => {
  expect(times('0 0 13 * fri', 4)).toEqual([
    '2022-01-07 00:00:00',
    '2022-01-13 00:00:00',
    '2022-01-14 00:00:00',
    '2022-01-21 00:00:00',
  ]);
  expect(times('0 0 */10 * sun', 2)).toEqual(['2022-01-02 00:00:00', '2022-01-09 00:00:00']);
});

test('a time is never its own successor; days that never come are none', () => {
  expect(parseRecurrence('0 0 * * *').next(micros('2022-01-01 00:00:00'))).toBe(
    micros('2022-01-02 00:00:00'),
  );
  expect(times('0 0 30 2 *')).toEqual([]);
  expect(parseRecurrence('0 0 29 2 *').next(micros('2096-03-01 00:00:00'))).toBe(
    micros('2104-02-29 00:00:00'),
  );
});

test.each([
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * * 13 *',
  '* * * * 7',
  '5-3 * * * *',
  '*/0 * * * *',
  '*-5 * * * *',
  '1,,2 * * * *',
  '-1 * * * *',
  'x * * * *',
  '* * * * montag',
  '@dayly',
  '@every',
  '@every ',
  '@every 5',
  '@every 1d',
  '@every 1h x',
  '@every x1h',
  '@every .h',
  '@every 1e3s',
  '@every 3000000h',
])('%j is refused', (expression) => {
  expect(() => parseRecurrence(expression)).toThrow(
    new SqlError(
      'invalidParameterValue',
      `error parsing schedule expression: ${JSON.stringify(expression)}; it must be a valid cron expression`,
    ),
  );
});

test('a time zone of its own is refused by name', () => {
  expect(() => parseRecurrence('CRON_TZ=Europe/Berlin 0 0 * * *')).toThrow(
    /time zones in schedule expressions are not supported/,
  );
});
