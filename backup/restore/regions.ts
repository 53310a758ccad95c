import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import {
  type DatabaseDescriptor,
  type Descriptor,
  DescriptorSchema,
  type TypeDescriptor,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import {
  defaultLocality,
  homeRegion,
  isRegionalByRow,
  newRegionConfig,
  newRegionEnum,
  REGION_ENUM,
  regionNames,
  requireClusterRegion,
} from '../../catalog/regions';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { type ClusterRegion, clusterRegions, readTopology } from '../../catalog/topology';
import type { Connection } from '../../storage/ranges/connection';
import { listSettings } from '../../storage/ranges/setting-rows';
import type { RestoreContext, RestoreOptions } from './request';
import type { ResolvedTargets } from './targets';

/**
 * RESTORE and regions: databases need the regions that they have, tables must fit the database that they go to (format
 * reference 07 §6–7).
 */

/** What of the cluster decides. */
export interface RegionEnvironment {
  readonly cluster: readonly ClusterRegion[];
  /** `sql.defaults.primary_region`, of databases that have no region; empty: they stay without. */
  readonly defaultPrimary: string;
}

const DEFAULT_PRIMARY = 'sql.defaults.primary_region';

export function regionEnvironment(db: Connection): RegionEnvironment {
  const setting = listSettings(db).find((row) => row.name === DEFAULT_PRIMARY);
  return { cluster: clusterRegions(readTopology(db)), defaultPrimary: setting?.value ?? '' };
}

/** @throws SqlError objectNotInPrerequisiteState (55000) naming regions of the backup that the cluster lacks */
export function checkClusterRegions(
  targets: ResolvedTargets,
  options: RestoreOptions,
  { cluster }: RegionEnvironment,
): void {
  const enums = regionEnums(targets);
  refuseChanging(enums);
  if (options.skipLocalitiesCheck) return;
  const needed = new Set(enums.flatMap(regionNames));
  const missing = [...needed].filter((name) => !cluster.some((region) => region.name === name));
  if (missing.length === 0) return;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    'detected a mismatch in regions between the restore cluster and the backup cluster, ' +
      `missing regions detected: ${missing.sort().join(', ')}.`,
    {
      hint:
        "there are two ways you can resolve this issue: 1) update the cluster to which you're restoring to ensure that " +
        "the regions present on the nodes' --locality flags match those present in the backup image, or 2) restore with " +
        'the "skip_localities_check" option',
    },
  );
}

const regionEnums = (targets: ResolvedTargets): TypeDescriptor[] =>
  targets.types.flatMap(({ descriptor: { union } }) =>
    union.case === 'type' && union.value.kind === TypeDescriptor_Kind.MULTIREGION_ENUM
      ? [union.value]
      : [],
  );

/** The keys of REGIONAL BY ROW tables would have to change with the enum. */
function refuseChanging(enums: readonly TypeDescriptor[]): void {
  for (const { enumMembers } of enums) {
    const changing = enumMembers.find(({ capability, direction }) => capability + direction > 0);
    if (changing === undefined) continue;
    throw notSupported(
      `restoring regions of which "${changing.logicalRepresentation}" was being added or dropped when they were backed up`,
      'Restore another backup.',
    );
  }
}

export interface RegionSettling {
  readonly environment: RegionEnvironment;
  readonly backup: CatalogSnapshot;
  /** What was there before. */
  readonly catalog: CatalogSnapshot;
  readonly context: RestoreContext;
  readonly allocateId: () => number;
}

interface Place {
  readonly name: string;
  /** Undefined: it is no multi-region database. */
  readonly regions: { readonly primary: string; readonly names: readonly string[] } | undefined;
}

/**
 * Makes databases and tables, which have their new ids, fit together: in place.
 * @returns descriptors that come in addition: the enums of databases that get a primary region
 * @throws SqlError featureNotSupported (0A000), objectNotInPrerequisiteState (55000), invalidName (42602)
 */
export function settleRegions(made: readonly Descriptor[], about: RegionSettling): Descriptor[] {
  const all = [...made];
  for (const { union } of made) {
    if (union.case === 'database') all.push(...givePrimary(union.value, made, about));
  }
  for (const { union } of made) {
    if (union.case !== 'table') continue;
    const place = placeOf(union.value.parentId, all, about);
    if (place !== undefined) settleTable(union.value, place);
  }
  return all.slice(made.length);
}

/** By id: of what is made, else of what is there. */
function placeOf(
  databaseId: number,
  made: readonly Descriptor[],
  { catalog }: RegionSettling,
): Place | undefined {
  const database =
    found(made, 'database', databaseId) ??
    found(entryOf(catalog, databaseId), 'database', databaseId);
  if (database === undefined) return undefined;
  const config = database.regionConfig;
  if (config === undefined) return { name: database.name, regions: undefined };
  const type =
    found(made, 'type', config.regionEnumId) ?? catalog.typeDescriptor(config.regionEnumId);
  return {
    name: database.name,
    regions: { primary: config.primaryRegion, names: regionNames(type) },
  };
}

type Kinds = { readonly database: DatabaseDescriptor; readonly type: TypeDescriptor };

function found<K extends keyof Kinds>(
  descriptors: readonly Descriptor[],
  kind: K,
  id: number,
): Kinds[K] | undefined {
  for (const { union } of descriptors) {
    if (union.case === kind && union.value.id === id) return union.value as Kinds[K];
  }
  return undefined;
}

const entryOf = (catalog: CatalogSnapshot, id: number): Descriptor[] => {
  const entry = catalog.entry(id);
  return entry === undefined ? [] : [entry.descriptor];
};

function settleTable(table: TableDescriptor, { name, regions }: Place): void {
  if (regions === undefined) {
    if (table.localityConfig === undefined) return;
    throw new SqlError(
      'featureNotSupported',
      `cannot write descriptor for multi-region table ${table.name} into non-multi-region database ${name}`,
    );
  }
  table.localityConfig ??= defaultLocality(table);
  const home = homeRegion(table);
  if (home === undefined || regions.names.includes(home)) return;
  const known = regions.names.map((region) => `"${region}"`).join(', ');
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `cannot restore REGIONAL BY TABLE ${table.name} IN REGION "${home}" (table ID: ${table.id}) ` +
      `into database "${name}"; region "${home}" not found in database regions ${known}`,
  );
}

/** `sql.defaults.primary_region`. */
function givePrimary(
  database: DatabaseDescriptor,
  made: readonly Descriptor[],
  { environment, context, allocateId }: RegionSettling,
): Descriptor[] {
  const { defaultPrimary: primary, cluster } = environment;
  if (primary === '' || database.regionConfig !== undefined) return [];
  requireClusterRegion(primary, cluster);
  const taken = made.some(
    ({ union }) =>
      union.case === 'type' &&
      union.value.parentId === database.id &&
      (union.value.parentSchemaId || PUBLIC_SCHEMA_ID) === PUBLIC_SCHEMA_ID &&
      union.value.name === REGION_ENUM,
  );
  if (taken) {
    throw new SqlError(
      'duplicateObject',
      `type "${database.name}.public.${REGION_ENUM}" already exists`,
      { hint: `RESET CLUSTER SETTING ${DEFAULT_PRIMARY} and restore again.` },
    );
  }
  const id = allocateId();
  const place = { database, ids: [id, allocateId()], owner: context.user } as const;
  database.regionConfig = newRegionConfig(primary, 'zone', id);
  context.notice?.({
    message: `setting the PRIMARY REGION as ${primary} on database ${database.name}`,
    hint:
      `to change the default primary region, use SET CLUSTER SETTING ${DEFAULT_PRIMARY} = 'region' ` +
      `or use RESET CLUSTER SETTING ${DEFAULT_PRIMARY} to disable this behavior`,
  });
  return newRegionEnum(place, [primary], primary).map((value) => {
    value.state = database.state;
    value.offlineReason = database.offlineReason;
    return create(DescriptorSchema, { union: { case: 'type', value } });
  });
}

/**
 * Rows that are REGIONAL BY ROW hold values of the backup's enum, and their key has a partition a region: the database that
 * they go to must have the same regions, added in the same order, and the same primary one.
 * @param type of the backup @param existing of the target database, found compatible
 * @throws SqlError objectNotInPrerequisiteState (55000)
 */
export function checkSameRegions(
  type: TypeDescriptor,
  existing: TypeDescriptor,
  targets: ResolvedTargets,
): void {
  if (type.kind !== TypeDescriptor_Kind.MULTIREGION_ENUM) return;
  const table = targets.tables.find(
    ({ databaseId, descriptor: { union } }) =>
      databaseId === type.parentId && union.case === 'table' && isRegionalByRow(union.value),
  );
  if (table === undefined) return;
  const refuse = (cause: string): never => {
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `cannot restore REGIONAL BY ROW table "${table.name}" into a database with other regions: ${cause}`,
    );
  };
  const [ours, theirs] = [regionNames(existing), regionNames(type)].map((names) =>
    names.join(', '),
  );
  if (ours !== theirs) refuse(`it has ${ours}, the backup ${theirs}`);
  const [primary, backedUp] = [existing, type].map((each) => each.regionConfig?.primaryRegion);
  if (primary !== backedUp) {
    refuse(`its primary region is ${primary ?? 'none'}, that of the backup ${backedUp ?? 'none'}`);
  }
}
