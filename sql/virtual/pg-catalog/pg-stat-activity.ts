import { timestampOfMicros } from '../../../catalog/types/datetime';
import { parseInet } from '../../../catalog/types/inet';
import { INET, INT4, INT8, NAME, OID, STRING, TIMESTAMPTZ } from '../../../catalog/types/table';
import { shownText } from '../../session/live-sessions';
import { visibleSessions } from '../crdb-internal/cluster-sessions';
import { roleOid } from '../oids';
import { systemTable } from '../system-table';

/** @param remote `address:port`; empty for what no client asked for */
function clientEnd(remote: string): { client_addr?: Uint8Array; client_port?: number } {
  const at = remote.lastIndexOf(':');
  if (at <= 0) return {};
  // IPv4 in IPv6's clothes; the zone of a link-local address is no part of an INET.
  const address = remote
    .slice(0, at)
    .replace(/^::ffff:/, '')
    .replace(/%.*$/, '');
  return { client_addr: parseInet(address), client_port: Number(remote.slice(at + 1)) };
}

/** Sessions of the server. */
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
  *rows(context) {
    for (const listed of visibleSessions(context)) {
      const [query] = listed.queries();
      const block = listed.transaction;
      const time = (micros: number | undefined): bigint | undefined =>
        micros === undefined ? undefined : timestampOfMicros(micros);
      yield {
        datid: context.catalog.database(listed.database)?.id,
        datname: listed.database,
        pid: listed.pid,
        usesysid: roleOid(listed.user),
        usename: listed.user,
        application_name: listed.applicationName,
        ...clientEnd(listed.remoteAddress),
        backend_start: time(listed.startedMicros),
        xact_start: time(block?.startedMicros ?? query?.startedMicros),
        query_start: time(query?.startedMicros),
        state: listed.state,
        query: query?.sql ?? shownText(listed.lastQuery),
        backend_type: 'client backend',
      };
    }
  },
});
