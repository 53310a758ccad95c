import { idleLimit, timeoutMs } from '../../../sql/session/idle-limit';
import { SessionSettings } from '../../../sql/session/settings';

const limitOf = (session: string, block: string, status: 'I' | 'T' | 'E') => {
  const settings = new SessionSettings(() => undefined);
  settings.set('idle_in_session_timeout', session);
  settings.set('idle_in_transaction_session_timeout', block);
  const limit = idleLimit(settings, status);
  return limit === undefined ? undefined : [limit.ms, limit.error.sqlstate];
};

test.each([
  ['0', '0', 'I', undefined],
  ['0', '10s', 'I', undefined],
  ['0', '10s', 'T', [10_000, '25P03']],
  ['0', '10s', 'E', [10_000, '25P03']],
  ['5s', '0', 'T', [5_000, '57P05']],
  ['5s', '10s', 'T', [5_000, '57P05']],
  ['20s', '10s', 'T', [10_000, '25P03']],
  ['20s', '10s', 'I', [20_000, '57P05']],
] as const)('session %s, block %s, status %s', (session, block, status, expected) => {
  expect(limitOf(session, block, status)).toEqual(expected);
});

test('a limit is never longer than a timer can be', () => {
  const settings = new SessionSettings(() => undefined);
  settings.set('statement_timeout', '400d');
  expect(timeoutMs(settings, 'statement_timeout')).toBe(2 ** 31 - 1);
});
