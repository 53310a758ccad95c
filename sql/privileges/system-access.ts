import { SqlError } from '../../base/errors';
import { type Actor, hasOption, isAdmin, requireAdmin } from './access';

/** Tables of crdb_internal and system that not everybody may read. Source: CockroachDB v21.2. */

const ADMIN_ONLY = new Set([
  'crdb_internal.cluster_transactions',
  'crdb_internal.gossip_alerts',
  'crdb_internal.gossip_liveness',
  'crdb_internal.gossip_network',
  'crdb_internal.gossip_nodes',
  'crdb_internal.invalid_objects',
  'crdb_internal.kv_node_status',
  'crdb_internal.kv_store_status',
  'crdb_internal.leases',
  'crdb_internal.node_metrics',
  'crdb_internal.node_runtime_info',
]);

/** Readable with a role option, too. */
const WITH_OPTION: ReadonlyMap<string, string> = new Map([
  ['crdb_internal.cluster_settings', 'MODIFYCLUSTERSETTING'],
  ['crdb_internal.cluster_statement_statistics', 'VIEWACTIVITY'],
  ['crdb_internal.node_statement_statistics', 'VIEWACTIVITY'],
  ['crdb_internal.node_transaction_statistics', 'VIEWACTIVITY'],
  ['crdb_internal.statement_statistics', 'VIEWACTIVITY'],
  ['crdb_internal.transaction_statistics', 'VIEWACTIVITY'],
  ['crdb_internal.node_txn_stats', 'VIEWACTIVITY'],
  ['crdb_internal.node_contention_events', 'VIEWACTIVITY'],
  ['crdb_internal.cluster_contention_events', 'VIEWACTIVITY'],
]);

const ZONE_TABLES = new Set(['crdb_internal.ranges', 'crdb_internal.ranges_no_leases']);

/** Of the system database, what everybody may read. */
const PUBLIC_SYSTEM_TABLES = new Set(['comments']);

/**
 * @param table of kind `system`: rows made by the program
 * @throws SqlError insufficientPrivilege (42501)
 */
export function requireSystemTable(
  actor: Actor,
  table: { readonly name: string; readonly schemaName: string; readonly databaseName: string },
): void {
  if (isAdmin(actor)) return;
  const { name, schemaName } = table;
  if (schemaName === 'pg_catalog' || schemaName === 'information_schema') return;
  const full = `${schemaName}.${name}`;
  if (schemaName !== 'crdb_internal') {
    if (PUBLIC_SYSTEM_TABLES.has(name)) return;
    throw new SqlError(
      'insufficientPrivilege',
      `user ${actor.user} does not have SELECT privilege on relation ${name}`,
    );
  }
  if (ADMIN_ONLY.has(full)) requireAdmin(actor, `read ${full}`);
  if (ZONE_TABLES.has(full)) {
    throw new SqlError(
      'insufficientPrivilege',
      `only users with the ZONECONFIG privilege or the admin role can read ${full}`,
    );
  }
  const option = WITH_OPTION.get(full);
  if (option === undefined || hasOption(actor, option)) return;
  throw new SqlError(
    'insufficientPrivilege',
    `only users with the ${option} privilege are allowed to read ${full}`,
  );
}

export function mayReadSystemTable(
  actor: Actor,
  table: Parameters<typeof requireSystemTable>[1],
): boolean {
  try {
    requireSystemTable(actor, table);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}
