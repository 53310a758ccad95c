import { create } from '@bufbuild/protobuf';
import { SqlError } from '../base/errors';
import { PUBLIC_SCHEMA_ID } from './constants';
import {
  type DatabaseDescriptor,
  type DatabaseDescriptor_RegionConfig,
  DatabaseDescriptor_RegionConfigSchema,
  type TypeDescriptor,
  TypeDescriptor_EnumMember_Capability,
  TypeDescriptor_Kind,
  TypeDescriptor_RegionConfigSchema,
} from './descriptor/gen/descriptor_pb';
import {
  type LocalityConfig,
  LocalityConfigSchema,
  type TableDescriptor,
} from './descriptor/gen/table_pb';
import { quoteIdentifier } from './identifiers';
import { newEnum } from './new-descriptors';
import type { CatalogSnapshot, DescriptorHeader } from './snapshot';
import type { ClusterRegion } from './topology';

/**
 * Multi-region databases: a database with a primary region, an enum of its regions, and tables with a locality. With one node
 * nothing moves; names, defaults, keys and zone configurations are as in CockroachDB v21.2.
 */

/** Of the regions of a database; in its schema `public`. */
export const REGION_ENUM = 'crdb_internal_region';

export interface DatabaseRegions {
  readonly primary: string;
  /** In the order of the enum: alphabetically. */
  readonly names: readonly string[];
  readonly survival: 'zone' | 'region';
  readonly enumId: number;
}

export type SurvivalName = DatabaseRegions['survival'];

/** Source: format reference 05 §10, SurvivalGoal. */
const ZONE_FAILURE = 0;
const REGION_FAILURE = 1;

export const survivalName = (goal: number): SurvivalName =>
  goal === REGION_FAILURE ? 'region' : 'zone';

export const survivalGoal = (name: SurvivalName): number =>
  name === 'region' ? REGION_FAILURE : ZONE_FAILURE;

/** Names of the regions that rows may have; those being added or removed are left out. */
export const regionNames = (type: TypeDescriptor | undefined): string[] =>
  (type?.enumMembers ?? [])
    .filter((member) => member.capability === TypeDescriptor_EnumMember_Capability.ALL)
    .map((member) => member.logicalRepresentation);

/** @returns undefined: it is no multi-region database */
export function regionsOf(
  database: DatabaseDescriptor | undefined,
  catalog: CatalogSnapshot,
): DatabaseRegions | undefined {
  const config = database?.regionConfig;
  if (config === undefined) return undefined;
  return {
    primary: config.primaryRegion,
    names: regionNames(catalog.typeDescriptor(config.regionEnumId)),
    survival: survivalName(config.survivalGoal),
    enumId: config.regionEnumId,
  };
}

/** By descriptor id. */
export function regionsOfDatabase(
  databaseId: number,
  catalog: CatalogSnapshot,
): DatabaseRegions | undefined {
  const union = catalog.entry(databaseId)?.descriptor.union;
  return union?.case === 'database' ? regionsOf(union.value, catalog) : undefined;
}

/** Whether it is what a multi-region database has by itself: its enum, or the type of that one's arrays. */
export function isRegionType(
  { id, databaseId }: DescriptorHeader,
  catalog: CatalogSnapshot,
): boolean {
  const enumId = regionsOfDatabase(databaseId, catalog)?.enumId;
  if (enumId === undefined) return false;
  return id === enumId || id === catalog.typeDescriptor(enumId)?.arrayTypeId;
}

/** @throws SqlError invalidName (42602) */
export function requireClusterRegion(name: string, cluster: readonly ClusterRegion[]): void {
  if (cluster.some((region) => region.name === name)) return;
  throw new SqlError('invalidName', `region "${name}" does not exist`, {
    hint: `valid regions: ${cluster.map((region) => region.name).join(', ')}`,
  });
}

const REGIONS_FOR_REGION_SURVIVAL = 3;

/** @throws SqlError invalidParameterValue (22023) */
export function requireSurvivable(survival: SurvivalName, regionCount: number): void {
  if (survival === 'zone' || regionCount >= REGIONS_FOR_REGION_SURVIVAL) return;
  throw new SqlError(
    'invalidParameterValue',
    `at least ${REGIONS_FOR_REGION_SURVIVAL} regions are required for surviving a region failure`,
    {
      hint: 'you must add additional regions to the database or change the survivability goal',
    },
  );
}

export interface RegionConfigRequest {
  readonly primary: string;
  /** The primary region may be among them. */
  readonly others: readonly string[];
  readonly survival: SurvivalName;
}

/** Regions as a new multi-region database has them: sorted, each once. @throws SqlError 42602, 22023 */
export function checkedRegions(
  { primary, others, survival }: RegionConfigRequest,
  cluster: readonly ClusterRegion[],
): string[] {
  requireClusterRegion(primary, cluster);
  const seen = new Set<string>();
  for (const name of others) {
    requireClusterRegion(name, cluster);
    if (seen.has(name)) {
      throw new SqlError('invalidName', `region "${name}" defined multiple times`);
    }
    seen.add(name);
  }
  const names = [...seen.add(primary)].sort();
  requireSurvivable(survival, names.length);
  return names;
}

export interface RegionEnumPlace {
  readonly database: { readonly id: number; readonly name: string };
  /** Of the enum and of the type of its arrays. */
  readonly ids: readonly [number, number];
  readonly owner: string;
}

/** The enum of a new multi-region database and the type of its arrays. @param names sorted */
export function newRegionEnum(
  { database, ids: [id, arrayId], owner }: RegionEnumPlace,
  names: readonly string[],
  primary: string,
): readonly [TypeDescriptor, TypeDescriptor] {
  const made = newEnum(
    {
      id,
      databaseId: database.id,
      databaseName: database.name,
      schemaId: PUBLIC_SCHEMA_ID,
      schemaName: 'public',
      name: REGION_ENUM,
      owner,
    },
    names,
    { id: arrayId, name: `_${REGION_ENUM}` },
    TypeDescriptor_Kind.MULTIREGION_ENUM,
  );
  made[0].regionConfig = create(TypeDescriptor_RegionConfigSchema, { primaryRegion: primary });
  return made;
}

export const newRegionConfig = (
  primary: string,
  survival: SurvivalName,
  enumId: number,
): DatabaseDescriptor_RegionConfig =>
  create(DatabaseDescriptor_RegionConfigSchema, {
    primaryRegion: primary,
    survivalGoal: survivalGoal(survival),
    regionEnumId: enumId,
  });

/** @param region empty: the primary one */
export const regionalByTable = (region = ''): LocalityConfig =>
  create(LocalityConfigSchema, { locality: { case: 'regionalByTable', value: { region } } });

/** @param as empty: crdb_region */
export const regionalByRow = (as = ''): LocalityConfig =>
  create(LocalityConfigSchema, { locality: { case: 'regionalByRow', value: { as } } });

export const globalLocality = (): LocalityConfig =>
  create(LocalityConfigSchema, { locality: { case: 'global', value: {} } });

/** What a table, view or sequence of a multi-region database has when it says nothing. */
export const defaultLocality = (table: TableDescriptor): LocalityConfig =>
  table.isMaterializedView ? globalLocality() : regionalByTable();

/** As SHOW TABLES and crdb_internal tell it; undefined: the table has none. */
export function localityName(table: TableDescriptor | undefined): string | undefined {
  const locality = table?.localityConfig?.locality;
  switch (locality?.case) {
    case 'global':
      return 'GLOBAL';
    case 'regionalByTable': {
      const { region } = locality.value;
      return region === ''
        ? 'REGIONAL BY TABLE IN PRIMARY REGION'
        : `REGIONAL BY TABLE IN ${quoteIdentifier(region)}`;
    }
    case 'regionalByRow': {
      const { as } = locality.value;
      return as === '' ? 'REGIONAL BY ROW' : `REGIONAL BY ROW AS ${quoteIdentifier(as)}`;
    }
    default:
      return undefined;
  }
}

/** Tables that name a region of their own: the region can't be dropped under them. */
export const homeRegion = (table: TableDescriptor): string | undefined => {
  const locality = table.localityConfig?.locality;
  return locality?.case === 'regionalByTable' && locality.value.region !== ''
    ? locality.value.region
    : undefined;
};

export const isRegionalByRow = (table: TableDescriptor | undefined): boolean =>
  table?.localityConfig?.locality.case === 'regionalByRow';
