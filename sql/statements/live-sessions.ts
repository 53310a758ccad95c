import { SqlError } from '../../base/errors';
import type { CancelStatement, ShowStatement } from '../parse/ast';
import { isAdmin } from '../privileges/access';
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

/** @throws SqlError undefinedObject (42704) for an id that nothing has; users see their own sessions only */
export async function cancel(
  statement: CancelStatement,
  context: StatementContext,
): Promise<string> {
  const { what, ifExists } = statement;
  const rows = await context.select(statement.ids);
  const user = isAdmin(context) ? undefined : context.user;
  const sessions = context.engine.sessions.list(user);
  for (const [value] of rows) {
    if (value === null || value === undefined) continue;
    const id = String(value);
    const found =
      what === 'SESSION'
        ? sessions.find((session) => session.id === id)
        : sessions.flatMap((session) => session.queries()).find((query) => query.id === id);
    if (found === undefined) {
      if (ifExists) continue;
      const noun = what === 'SESSION' ? 'session' : 'query';
      throw new SqlError(
        'undefinedObject',
        `could not cancel ${noun} ${id}: ${noun} ID ${id} not found`,
      );
    }
    if ('terminate' in found) found.terminate();
    else found.cancel();
  }
  return what === 'SESSION' ? `CANCEL SESSIONS ${rows.length}` : `CANCEL QUERIES ${rows.length}`;
}
