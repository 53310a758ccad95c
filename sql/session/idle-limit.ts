import { SqlError } from '../../base/errors';
import type { IdleLimit, TransactionStatus } from '../engine';
import type { SessionSettings } from './settings';

/** The longest that a timer of Node takes: 24 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** 0 = none. */
export const timeoutMs = (settings: SessionSettings, name: string): number =>
  Math.min(Number(settings.get(name)), TIMER_MS_MAX);

/** What idle_in_session_timeout and idle_in_transaction_session_timeout allow a session in this state. */
export function idleLimit(
  settings: SessionSettings,
  status: TransactionStatus,
): IdleLimit | undefined {
  const sessionMs = timeoutMs(settings, 'idle_in_session_timeout');
  const blockMs = status === 'I' ? 0 : timeoutMs(settings, 'idle_in_transaction_session_timeout');
  if (blockMs > 0 && (sessionMs === 0 || blockMs <= sessionMs)) {
    return { ms: blockMs, error: inTransaction() };
  }
  return sessionMs === 0 ? undefined : { ms: sessionMs, error: inSession() };
}

const inTransaction = (): SqlError =>
  new SqlError(
    'idleInTransactionSessionTimeout',
    'terminating connection due to idle-in-transaction timeout',
  );

const inSession = (): SqlError =>
  new SqlError('idleSessionTimeout', 'terminating connection due to idle-session timeout');
