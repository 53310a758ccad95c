import { SqlError } from '../../base/errors';
import type { CancelStatement, ShowStatement } from '../parse/ast';
import { rightOver } from '../session/backend-signals';
import type { LiveSession } from '../session/live-sessions';
import type { StatementContext } from './statement-context';
import { internalTableResult } from './system-result';
import type { TableResult } from './table-result';

/** SHOW SESSIONS, QUERIES and TRANSACTIONS; CANCEL QUERY and SESSION. */

const same = (...names: string[]) => names.map((name) => [name, name] as const);

const SHOWN = {
  SESSIONS: {
    table: 'cluster_sessions',
    columns: same(
      'node_id',
      'session_id',
      'user_name',
      'client_address',
      'application_name',
      'active_queries',
      'last_active_query',
      'session_start',
      'oldest_query_start',
    ),
  },
  QUERIES: {
    table: 'cluster_queries',
    columns: same(
      'query_id',
      'node_id',
      'session_id',
      'user_name',
      'start',
      'query',
      'client_address',
      'application_name',
      'distributed',
      'phase',
    ),
  },
  TRANSACTIONS: {
    table: 'cluster_transactions',
    columns: [
      ['node_id', 'node_id'],
      ['id', 'txn_id'],
      ['application_name', 'application_name'],
      ['num_stmts', 'num_stmts'],
      ['num_retries', 'num_retries'],
      ['num_auto_retries', 'num_auto_retries'],
    ],
  },
} as const;

export function showLive(
  statement: Extract<ShowStatement, { kind: 'ShowLive' }>,
  context: StatementContext,
): TableResult {
  const { table, columns } = SHOWN[statement.what];
  return internalTableResult(table, columns, context);
}

/** Why a session is not one's to end. */
const DENIED = {
  notMember: 'this operation requires CANCELQUERY privilege',
  notAdmin: 'permission denied to cancel admin session',
} as const;

interface Target {
  readonly session: LiveSession;
  end(): void;
}

function targetOf(
  what: CancelStatement['what'],
  id: string,
  sessions: readonly LiveSession[],
): Target | undefined {
  for (const session of sessions) {
    if (what === 'SESSION') {
      if (session.id === id) return { session, end: () => session.terminate() };
      continue;
    }
    const query = session.queries().find((each) => each.id === id);
    if (query !== undefined) return { session, end: () => query.cancel() };
  }
  return undefined;
}

/**
 * @throws SqlError undefinedObject (42704) for an id that nothing has; insufficientPrivilege (42501) for another user's, without
 * CANCELQUERY
 */
export async function cancel(
  statement: CancelStatement,
  context: StatementContext,
): Promise<string> {
  const { what, ifExists } = statement;
  const rows = await context.select(statement.ids);
  const sessions = context.engine.sessions.list();
  for (const [value] of rows) {
    if (value === null || value === undefined) continue;
    const id = String(value);
    const found = targetOf(what, id, sessions);
    const noun = what === 'SESSION' ? 'session' : 'query';
    if (found === undefined) {
      if (ifExists) continue;
      throw new SqlError(
        'undefinedObject',
        `could not cancel ${noun} ${id}: ${noun} ID ${id} not found`,
      );
    }
    const right = rightOver(found.session, context);
    if (right !== 'yes') {
      const reason = DENIED[right];
      throw new SqlError('insufficientPrivilege', `could not cancel ${noun} ${id}: ${reason}`);
    }
    found.end();
  }
  return what === 'SESSION' ? `CANCEL SESSIONS ${rows.length}` : `CANCEL QUERIES ${rows.length}`;
}
