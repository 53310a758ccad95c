import { INET, INT4, INT8, NAME, OID, STRING, TIMESTAMPTZ } from '../../../catalog/types/table';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

/** The session that asks: others are not listed yet. */
export const pgStatActivity = systemTable({
  schema: 'pg_catalog',
  name: 'pg_stat_activity',
  volatile: true,
  columns: {
    datid: OID,
    datname: NAME,
    pid: INT4,
    leader_pid: INT4,
    usesysid: OID,
    usename: NAME,
    application_name: STRING,
    client_addr: INET,
    client_hostname: STRING,
    client_port: INT4,
    backend_start: TIMESTAMPTZ,
    xact_start: TIMESTAMPTZ,
    query_start: TIMESTAMPTZ,
    state_change: TIMESTAMPTZ,
    wait_event_type: STRING,
    wait_event: STRING,
    state: STRING,
    backend_xid: INT8,
    backend_xmin: INT8,
    query: STRING,
    backend_type: STRING,
  },
  *rows({ database, session, user }) {
    yield {
      datid: database.id,
      datname: session.database,
      pid: session.backendPid,
      usesysid: roleOid(user),
      usename: user,
      application_name: session.applicationName,
      xact_start: session.transactionTimestamp,
      query_start: session.statementTimestamp,
      state: 'active',
      backend_type: 'client backend',
    };
  },
});
