import { timestampOfMicros } from '../../../catalog/types/datetime';
import { BOOL, INT8, STRING, TIMESTAMP, UUID } from '../../../catalog/types/table';
import { hasOption } from '../../privileges/access';
import { type LiveSession, shownText } from '../../session/live-sessions';
import { type SystemContext, systemTable } from '../system-table';

/** Sessions of the server, their statements and blocks; users see their own, admins and who holds VIEWACTIVITY all. */

export const visibleSessions = (context: SystemContext): LiveSession[] =>
  context.engine.sessions.list(hasOption(context, 'VIEWACTIVITY') ? undefined : context.user);

const COLUMNS = {
  node_id: INT8,
  session_id: STRING,
  user_name: STRING,
  client_address: STRING,
  application_name: STRING,
  active_queries: STRING,
  last_active_query: STRING,
  session_start: TIMESTAMP,
  oldest_query_start: TIMESTAMP,
  kv_txn: STRING,
  alloc_bytes: INT8,
  max_alloc_bytes: INT8,
} as const;

function* sessionRows(context: SystemContext) {
  for (const session of visibleSessions(context)) {
    const queries = session.queries();
    const oldest = queries[0]?.startedMicros;
    yield {
      node_id: 1,
      session_id: session.id,
      user_name: session.user,
      client_address: session.remoteAddress,
      application_name: session.applicationName,
      active_queries: queries.map(({ sql }) => sql).join('; '),
      last_active_query: shownText(session.lastQuery),
      session_start: timestampOfMicros(session.startedMicros),
      oldest_query_start: oldest === undefined ? undefined : timestampOfMicros(oldest),
      kv_txn: session.transaction?.id,
      alloc_bytes: 0,
      max_alloc_bytes: 0,
    };
  }
}

const sessions = (name: string) =>
  systemTable({
    schema: 'crdb_internal',
    name,
    volatile: true,
    columns: COLUMNS,
    rows: sessionRows,
  });

export const clusterSessions = sessions('cluster_sessions');
export const nodeSessions = sessions('node_sessions');

const QUERY_COLUMNS = {
  query_id: STRING,
  txn_id: UUID,
  node_id: INT8,
  session_id: STRING,
  user_name: STRING,
  start: TIMESTAMP,
  query: STRING,
  client_address: STRING,
  application_name: STRING,
  distributed: BOOL,
  phase: STRING,
} as const;

function* queryRows(context: SystemContext) {
  for (const session of visibleSessions(context))
    for (const query of session.queries())
      yield {
        query_id: query.id,
        node_id: 1,
        session_id: session.id,
        user_name: session.user,
        start: timestampOfMicros(query.startedMicros),
        query: query.sql,
        client_address: session.remoteAddress,
        application_name: session.applicationName,
        distributed: false,
        phase: 'executing',
      };
}

const queries = (name: string) =>
  systemTable({
    schema: 'crdb_internal',
    name,
    volatile: true,
    columns: QUERY_COLUMNS,
    rows: queryRows,
  });

export const clusterQueries = queries('cluster_queries');
export const nodeQueries = queries('node_queries');

const transactions = (name: string) =>
  systemTable({
    schema: 'crdb_internal',
    name,
    volatile: true,
    columns: {
      id: STRING,
      node_id: INT8,
      session_id: STRING,
      start: TIMESTAMP,
      txn_string: STRING,
      application_name: STRING,
      num_stmts: INT8,
      num_retries: INT8,
      num_auto_retries: INT8,
    },
    *rows(context) {
      for (const session of visibleSessions(context)) {
        const { transaction } = session;
        if (transaction === undefined) continue;
        yield {
          id: transaction.id,
          node_id: 1,
          session_id: session.id,
          start: timestampOfMicros(transaction.startedMicros),
          txn_string: '',
          application_name: session.applicationName,
          num_retries: 0,
          num_auto_retries: 0,
        };
      }
    },
  });

export const clusterTransactions = transactions('cluster_transactions');
export const nodeTransactions = transactions('node_transactions');
