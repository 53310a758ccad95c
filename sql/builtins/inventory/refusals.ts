/** Why a function of CockroachDB v21.2 is not there; the first pattern that fits the name says it. */

const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /^(st_transform|postgis_proj|st_estimatedextent|addgeometrycolumn|postgis_extensions)/,
    'needs tables of reference systems or statistics that are not kept',
  ],
  [/^(_?st_|postgis_|geom)/, 'needs geometry algorithms (GEOS, S2, PROJ), or is not there yet'],
  [
    /^crdb_internal\.unsafe_|force_delete/,
    'repairs descriptors by hand; the catalog has none to repair',
  ],
  [/^crdb_internal\.force_(panic|log_fatal)/, 'ends the server on purpose'],
  [/tenant|stream/, 'there are no tenants and no replication streams'],
  [/multi_?region/, 'zone configurations of multi-region databases follow from their regions'],
  [
    /crdb_internal\..*range|lease_holder|list_sql_keys|check_consistency|gossip|join_token|probe/,
    'there are no ranges and no other nodes',
  ],
  [
    /trace|payloads_for|vmodule|sql_stats|index_usage/,
    'the server keeps no such traces or statistics',
  ],
  [
    /encode_key|pretty_key|get_zone_config|pb_to_json|json_to_pb/,
    'internal encodings are not kept',
  ],
  [/read_file|write_file|testing_callback|completed_migrations/, 'for tests of CockroachDB only'],
  [/session_revival|serialize_session/, 'sessions are not carried over'],
  [/follower_read|with_m(ax|in)_/, 'there is no history to read; leave AS OF SYSTEM TIME out'],
  [/^(crypt|gen_salt)$/, 'password hashes are better made by the application'],
  [/tsquery|tsvector/, 'not implemented in v21.2 either'],
  [
    /populate_record/,
    'row types as arguments are not there yet; json_to_record takes column definitions',
  ],
];

export function refusalReason(name: string): string {
  return REASONS.find(([pattern]) => pattern.test(name))?.[1] ?? 'not there yet';
}
