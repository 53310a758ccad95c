import { BOOL, INT8, STRING, TIMESTAMP } from '../../../catalog/types/table';
import { type SystemContext, systemTable } from '../system-table';

/** The session that asks: others are not listed yet. */

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

function* sessionRows({ session, user }: SystemContext) {
  yield {
    node_id: 1,
    session_id: String(session.backendPid ?? ''),
    user_name: user,
    application_name: session.applicationName,
    oldest_query_start: session.statementTimestamp,
  };
}

const table = (name: string) =>
  systemTable({
    schema: 'crdb_internal',
    name,
    volatile: true,
    columns: COLUMNS,
    rows: sessionRows,
  });

export const clusterSessions = table('cluster_sessions');
export const nodeSessions = table('node_sessions');

const QUERY_COLUMNS = {
  query_id: STRING,
  txn_id: STRING,
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

const queries = (name: string) =>
  systemTable({ schema: 'crdb_internal', name, columns: QUERY_COLUMNS, rows: () => [] });

export const clusterQueries = queries('cluster_queries');
export const nodeQueries = queries('node_queries');
