import { planRecurrences } from '../../../sql/schedules/recurrences';

const NOW = Date.UTC(2026, 0, 1, 12, 30) * 1000;
const at = (...date: Parameters<typeof Date.UTC>): number => Date.UTC(...date) * 1000;

test.each([
  ['*/10 * * * *', '@daily'],
  ['@hourly', '@daily'],
  ['0 */6 * * *', '@weekly'],
  ['@daily', '@weekly'],
])('%s: full backups %s, the first one now', (recurring, full) => {
  expect(planRecurrences(recurring, null, NOW)).toEqual({
    full: { recurrence: full, firstRunMicros: NOW },
    incremental: recurring,
  });
});

test('what comes less often than daily is always full, from now on', () => {
  expect(planRecurrences('@weekly', null, NOW)).toEqual({
    full: { recurrence: '@weekly', firstRunMicros: NOW },
    incremental: undefined,
  });
});

test('who says when full backups are made waits for it', () => {
  expect(planRecurrences('@hourly', 'ALWAYS', NOW)).toEqual({
    full: { recurrence: '@hourly', firstRunMicros: at(2026, 0, 1, 13) },
    incremental: undefined,
  });
  expect(planRecurrences('@hourly', { cron: '@monthly' }, NOW)).toEqual({
    full: { recurrence: '@monthly', firstRunMicros: at(2026, 1, 1) },
    incremental: '@hourly',
  });
});
