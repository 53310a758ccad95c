import { SqlError } from '../../base/errors';
import type { CreateExtensionStatement } from '../parse/ddl-ast';

/** Extensions of PostgreSQL whose functions are there without them. Source: v21.2. */
const BUILT_IN = new Set(['postgis', 'pgcrypto', 'uuid-ossp', 'fuzzystrmatch']);

/** Extensions that PostgreSQL ships and v21.2 knows by name. */
const KNOWN = new Set(
  (
    'adminpack amcheck auth_delay auto_explain bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance ' +
    'file_fdw hstore intagg intarray isn lo ltree pageinspect passwordcheck pg_buffercache pg_freespacemap pg_prewarm ' +
    'pg_stat_statements pg_trgm pg_visibility pgrowlocks pgstattuple postgis_raster postgis_sfcgal ' +
    'postgis_tiger_geocoder postgis_topology postgres_fdw seg sepgsql spi sslinfo tablefunc tcn test_decoding ' +
    'tsm_system_rows tsm_system_time unaccent xml2'
  ).split(' '),
);

/** CREATE EXTENSION does nothing where what it brings is built in, and is an error elsewhere. */
export function createExtension({ name }: CreateExtensionStatement): string {
  if (BUILT_IN.has(name)) return 'CREATE EXTENSION';
  if (KNOWN.has(name)) {
    throw new SqlError('featureNotSupported', `extension "${name}" is not yet supported`, {
      hint: 'Leave the statement out where nothing uses the extension.',
    });
  }
  throw new SqlError('invalidParameterValue', `unknown extension: "${name}"`);
}
