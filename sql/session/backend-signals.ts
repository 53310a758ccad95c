import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';
import type { BackendRight, BackendRights, SentSignals } from '../execute/signal-functions';
import { type Actor, hasOption, isAdmin } from '../privileges/access';
import type { LiveSession, LiveSessions } from './live-sessions';

/** Ending the statements and sessions of others: who may, and how. CANCEL, pg_cancel_backend and pg_terminate_backend. */

/** CockroachDB's rule, with PostgreSQL's members of a role: who holds CANCELQUERY may end all but admins. */
export function rightOver(session: LiveSession, actor: Actor): BackendRight {
  if (session.user === actor.user || isAdmin(actor)) return 'yes';
  const { roles } = actor.catalog;
  if (roles.isAdmin(session.user)) return 'notAdmin';
  const may = hasOption(actor, 'CANCELQUERY') || roles.isMember(actor.user, session.user);
  return may ? 'yes' : 'notMember';
}

/** The session's values for a query that sends signals. */
export function withBackends(
  session: SessionValues,
  sessions: LiveSessions,
  actor: Actor,
): SessionValues {
  const rights = sessions.list().map((live) => [live.pid, rightOver(live, actor)] as const);
  return { ...session, backends: JSON.stringify(Object.fromEntries(rights) as BackendRights) };
}

export function sendSignals(
  signals: SentSignals,
  sessions: LiveSessions,
  notice: (notice: Notice) => void,
): void {
  for (const [pid, signal] of signals) {
    const found = sessions.list().find((session) => session.pid === pid);
    if (found === undefined) {
      const message = `PID ${pid} is not a PostgreSQL server process`;
      notice({ severity: 'WARNING', code: '01000', message });
    } else if (signal === 'terminate') found.terminate();
    else for (const query of found.queries()) query.cancel();
  }
}
