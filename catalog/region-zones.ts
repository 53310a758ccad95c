import type { IndexDescriptor } from './descriptor/gen/index_pb';
import type { TableDescriptor } from './descriptor/gen/table_pb';
import { type DatabaseRegions, regionsOfDatabase } from './regions';
import type { CatalogSnapshot } from './snapshot';
import type { Zone, ZoneConfig, ZoneField } from './zones';

/**
 * The zone configurations of multi-region databases. They follow from regions, survival goal and localities, so none is
 * stored: a restored or altered database has the right ones at once. Source: CockroachDB v21.2, "Multi-region: replica counts
 * and constraints".
 */

/** Fields that a multi-region database decides about. */
export const REGIONAL_FIELDS: ReadonlySet<ZoneField> = new Set([
  'global_reads',
  'num_replicas',
  'num_voters',
  'constraints',
  'voter_constraints',
  'lease_preferences',
]);

const VOTERS = { zone: 3, region: 5 } as const;
/** How many of the five voters may fail. */
const REGION_HOME_VOTERS = 2;

function replicaCount({ survival, names }: DatabaseRegions): number {
  const others = names.length - 1;
  if (survival === 'zone') return VOTERS.zone + others;
  return Math.max(VOTERS.region, REGION_HOME_VOTERS + others);
}

/** Voters at home in a region: all of them, or as many as a lost region may cost. */
function homeConfig({ survival }: DatabaseRegions, region: string): ZoneConfig {
  const constraints =
    survival === 'zone' ? `[+region=${region}]` : `{+region=${region}: ${REGION_HOME_VOTERS}}`;
  return {
    num_voters: String(VOTERS[survival]),
    voter_constraints: constraints,
    lease_preferences: `[[+region=${region}]]`,
  };
}

function databaseConfig(regions: DatabaseRegions): ZoneConfig {
  const each = regions.names.map((name) => `+region=${name}: 1`);
  return {
    num_replicas: String(replicaCount(regions)),
    constraints: `{${each.join(', ')}}`,
    ...homeConfig(regions, regions.primary),
  };
}

function tableZones(table: TableDescriptor, regions: DatabaseRegions): Zone[] {
  const { id } = table;
  const locality = table.localityConfig?.locality;
  switch (locality?.case) {
    case 'global':
      return [{ id, subId: 0, config: { global_reads: 'true' } }];
    case 'regionalByTable': {
      const { region } = locality.value;
      return region === '' ? [] : [{ id, subId: 0, config: homeConfig(regions, region) }];
    }
    case 'regionalByRow':
      return indexesOf(table).flatMap((index) =>
        regions.names.map((partition) => ({
          id,
          subId: index.id,
          partition,
          config: homeConfig(regions, partition),
        })),
      );
    default:
      return [];
  }
}

const indexesOf = (table: TableDescriptor): IndexDescriptor[] => [
  ...(table.primaryIndex === undefined ? [] : [table.primaryIndex]),
  ...table.indexes,
];

/** Of all multi-region databases and the tables in them. */
export function regionalZones(catalog: CatalogSnapshot): Zone[] {
  const known = new Map<number, DatabaseRegions>();
  const zones: Zone[] = [];
  for (const database of catalog.databases()) {
    const regions = regionsOfDatabase(database.id, catalog);
    if (regions === undefined) continue;
    known.set(database.id, regions);
    zones.push({ id: database.id, subId: 0, config: databaseConfig(regions) });
  }
  if (known.size === 0) return zones;
  for (const entry of catalog.entries()) {
    const regions = known.get(entry.databaseId);
    const table = catalog.tableDescriptor(entry.id);
    if (regions !== undefined && table !== undefined) zones.push(...tableZones(table, regions));
  }
  return zones;
}

/** Multi-region databases and what is in them. @param id of a database or a table */
export const isRegionalObject = (id: number, catalog: CatalogSnapshot): boolean =>
  regionsOfDatabase(catalog.entry(id)?.databaseId || id, catalog) !== undefined;

/** What of a configuration is not the regions' to decide. */
export const withoutRegional = (config: ZoneConfig): ZoneConfig =>
  Object.fromEntries(
    Object.entries(config).filter(([field]) => !REGIONAL_FIELDS.has(field as ZoneField)),
  );
