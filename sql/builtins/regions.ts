import { SqlError } from '../../base/errors';
import { parseLocality, tierOf } from '../../catalog/topology';
import type { Repr } from '../../catalog/types/sql-type';
import { STRING } from '../../catalog/types/table';
import type { FunctionRow } from './function-row';
import { udf } from './rows';

/** Functions about the regions of this node and of the current database. */

const tier = (locality: Repr, key: string): string | undefined =>
  tierOf(parseLocality(String(locality)) ?? [], key);

function gatewayRegion(locality: Repr): string {
  const region = tier(locality, 'region');
  if (region !== undefined) return region;
  throw new SqlError('configFileError', 'no region set on the locality flag on this node');
}

/** A region of the current database is itself; any other one stands for the primary region. */
function orPrimary(region: string, database: string, regions: Repr): string {
  if (typeof regions !== 'string') {
    throw new SqlError(
      'invalidDatabaseDefinition',
      `current database ${database} is not multi-region enabled`,
    );
  }
  const [primary = '', ...names] = regions.split('\0');
  return names.includes(region) ? region : primary;
}

const localityValue = (key: string, locality: Repr): Repr => tier(locality, key) ?? null;

export const regionBuiltins: readonly FunctionRow[] = [
  udf('gateway_region', [], STRING, gatewayRegion, {
    volatility: 'stable',
    context: ['locality'],
  }),
  udf('default_to_database_primary_region', ['string'], STRING, orPrimary, {
    volatility: 'stable',
    context: ['database', 'databaseRegions'],
  }),
  udf('crdb_internal.locality_value', ['string'], STRING, localityValue, {
    volatility: 'stable',
    context: ['locality'],
  }),
];
