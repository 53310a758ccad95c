import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID } from '../../catalog/constants';
import {
  type DatabaseDescriptor,
  type TypeDescriptor,
  TypeDescriptor_EnumMemberSchema,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import { REGIONAL_FIELDS } from '../../catalog/region-zones';
import {
  checkedRegions,
  type DatabaseRegions,
  defaultLocality,
  homeRegion,
  isRegionalByRow,
  newRegionConfig,
  newRegionEnum,
  REGION_ENUM,
  type RegionConfigRequest,
  regionsOf,
  requireClusterRegion,
  requireSurvivable,
  survivalGoal,
} from '../../catalog/regions';
import { clusterRegions, readTopology } from '../../catalog/topology';
import { bytesBetween } from '../../catalog/types/spread-bytes';
import { configuredZones, ZONE_FIELDS } from '../../catalog/zones';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { listZones } from '../../storage/ranges/zone-rows';
import { clusterSettingValue } from '../cluster-settings/cluster-settings';
import type { AlterRegionsStatement } from '../parse/alter-ast';
import { hasPrivilege, isAdmin, secured } from '../privileges/access';
import type { StatementContext } from '../statements/statement-context';
import { dropValue } from './alter-type';
import { repartition } from './regional-by-row';
import { type DdlRun, runDefinition } from './run';
import { zoneLabel } from './zone-target';

/** ALTER DATABASE … REGION and SURVIVE, and the regions of a new database. */

const TAGS = {
  add: 'ALTER DATABASE ADD REGION',
  drop: 'ALTER DATABASE DROP REGION',
  primary: 'ALTER DATABASE PRIMARY REGION',
  survive: 'ALTER DATABASE SURVIVE',
} as const;

export async function alterRegions(
  statement: AlterRegionsStatement,
  context: StatementContext,
): Promise<string> {
  const { action } = statement;
  return runDefinition(TAGS[action.kind], context, (run) => {
    const database = run.catalog.database(statement.database);
    if (database === undefined) {
      throw new SqlError('invalidCatalogName', `database "${statement.database}" does not exist`);
    }
    const regions = regionsOf(database, run.catalog);
    switch (action.kind) {
      case 'add':
        return addRegion(database, regions, action, run);
      case 'drop':
        return dropRegion(database, regions, action, run);
      case 'primary':
        return setPrimary(database, regions, action.region, run);
      case 'survive':
        return setSurvival(database, regions, action.survival, run);
    }
  });
}

const cluster = (run: DdlRun) => clusterRegions(readTopology(run.db));

/** Of the database, or of a table that changes with it. @throws SqlError insufficientPrivilege (42501) */
export function requireRegional(id: number, run: DdlRun): void {
  const entry = run.catalog.entry(id);
  if (entry === undefined || isAdmin(run.names)) return;
  const object = secured(entry);
  if (hasPrivilege(run.names, object, 'CREATE')) return;
  throw new SqlError(
    'insufficientPrivilege',
    `user ${run.names.user} must be owner of ${object.name} or have CREATE privilege on ${object.kind} ${object.name}`,
  );
}

/** Tables, views and sequences of the database, by id. */
const contentsOf = (database: DatabaseDescriptor, run: DdlRun): TableDescriptor[] =>
  [...run.catalog.entries()].flatMap((entry) => {
    const table = entry.databaseId === database.id ? run.peekTable(entry.id) : undefined;
    return table === undefined ? [] : [table];
  });

/** The key of tables that are REGIONAL BY ROW knows all regions: they are changed with them. */
function refuseForeignRows(database: DatabaseDescriptor, run: DdlRun): void {
  for (const table of contentsOf(database, run)) {
    if (isRegionalByRow(table)) requireRegional(table.id, run);
  }
}

function addRegion(
  database: DatabaseDescriptor,
  regions: DatabaseRegions | undefined,
  { region, ifNotExists }: Extract<AlterRegionsStatement['action'], { kind: 'add' }>,
  run: DdlRun,
): void {
  const [name, quoted] = [quoteIdentifier(database.name), quoteIdentifier(region)];
  if (regions === undefined) {
    throw new SqlError(
      'invalidDatabaseDefinition',
      `cannot add region ${quoted} to database ${name}`,
      {
        hint: `you must add a PRIMARY REGION first using ALTER DATABASE ${name} PRIMARY REGION ${quoted}`,
      },
    );
  }
  requireRegional(database.id, run);
  refuseForeignRows(database, run);
  requireClusterRegion(region, cluster(run));
  const type = run.type(regions.enumId);
  if (type.enumMembers.some((member) => member.logicalRepresentation === region)) {
    if (!ifNotExists) {
      throw new SqlError('duplicateObject', `region "${region}" already added to database`);
    }
    skip(`region "${region}" already exists; skipping`, run);
    return;
  }
  insertSorted(type, region);
  run.database(database.id);
  repartitionAll(database, regions, run);
}

function repartitionAll(database: DatabaseDescriptor, regions: DatabaseRegions, run: DdlRun): void {
  for (const table of contentsOf(database, run)) {
    if (isRegionalByRow(table)) repartition(run.table(table.id), regions, run);
  }
}

/** Members stay in the order of their names. */
function insertSorted(type: TypeDescriptor, region: string): void {
  const members = type.enumMembers;
  const next = members.findIndex((member) => member.logicalRepresentation > region);
  const at = next < 0 ? members.length : next;
  const bound = (index: number): number[] => [...(members[index]?.physicalRepresentation ?? [])];
  members.splice(
    at,
    0,
    create(TypeDescriptor_EnumMemberSchema, {
      logicalRepresentation: region,
      physicalRepresentation: Uint8Array.from(bytesBetween(bound(at - 1), bound(at))),
    }),
  );
}

const skip = (message: string, run: DdlRun): void =>
  run.notice({ severity: 'NOTICE', code: '00000', message });

function dropRegion(
  database: DatabaseDescriptor,
  regions: DatabaseRegions | undefined,
  { region, ifExists }: Extract<AlterRegionsStatement['action'], { kind: 'drop' }>,
  run: DdlRun,
): void {
  const missing = `region "${region}" is not defined on the database; skipping`;
  if (regions === undefined) {
    if (!ifExists) {
      throw new SqlError('invalidDatabaseDefinition', 'database has no regions to drop');
    }
    skip(missing, run);
    return;
  }
  requireRegional(database.id, run);
  refuseForeignRows(database, run);
  if (regions.primary === region) {
    dropLastRegion(database, regions, run);
    return;
  }
  if (!regions.names.includes(region)) {
    if (!ifExists) {
      throw new SqlError(
        'undefinedObject',
        `region "${region}" has not been added to the database`,
      );
    }
    skip(missing, run);
    return;
  }
  requireSurvivable(regions.survival, regions.names.length - 1);
  const home = contentsOf(database, run).find((table) => homeRegion(table) === region);
  if (home !== undefined) {
    throw new SqlError(
      'dependentObjectsStillExist',
      `could not remove enum value "${region}" as it is the home region for table "${home.name}"`,
    );
  }
  dropValue(run.type(regions.enumId), region, run);
  run.database(database.id);
  repartitionAll(database, regions, run);
}

/** With its last region a database stops being multi-region. */
function dropLastRegion(database: DatabaseDescriptor, regions: DatabaseRegions, run: DdlRun): void {
  const { primary, names } = regions;
  if (names.length > 1) {
    throw new SqlError('invalidDatabaseDefinition', `cannot drop region "${primary}"`, {
      hint:
        `You must designate another region as the primary region using ALTER DATABASE ${database.name} ` +
        `PRIMARY REGION <region name> or remove all other regions before attempting to drop region "${primary}"`,
    });
  }
  if (clusterSettingValue(run.db, 'sql.multiregion.drop_primary_region.enabled') !== 'true') {
    throw new SqlError(
      'invalidDatabaseDefinition',
      'databases in this cluster must have at least 1 region',
    );
  }
  const type = run.type(regions.enumId);
  const users = contentsOf(database, run).filter((table) =>
    type.referencingDescriptorIds.includes(table.id),
  );
  if (users.length > 0) {
    const list = users.map((table) => relationName(table, run)).join(' ');
    throw new SqlError(
      'dependentObjectsStillExist',
      `error removing primary region from database ${database.name}: ` +
        `cannot drop type "${REGION_ENUM}" because other objects ([${list}]) still depend on it`,
    );
  }
  for (const table of contentsOf(database, run)) {
    requireRegional(table.id, run);
    delete run.table(table.id).localityConfig;
  }
  run.remove(type.arrayTypeId);
  run.remove(type.id);
  delete run.database(database.id).regionConfig;
}

const relationName = (table: TableDescriptor, run: DdlRun): string =>
  [
    run.catalog.databaseName(table.parentId),
    run.catalog.schemaName(table.unexposedParentSchemaId || PUBLIC_SCHEMA_ID),
    table.name,
  ].join('.');

function setPrimary(
  database: DatabaseDescriptor,
  regions: DatabaseRegions | undefined,
  region: string,
  run: DdlRun,
): void {
  requireRegional(database.id, run);
  if (database.id === SYSTEM_DATABASE_ID) {
    throw new SqlError(
      'featureNotSupported',
      'adding a primary region to the system database is not supported',
    );
  }
  if (regions === undefined) {
    makeMultiRegion(database, { primary: region, others: [], survival: 'zone' }, run);
    return;
  }
  if (!regions.names.includes(region)) {
    const quoted = quoteIdentifier(region);
    throw new SqlError('invalidName', `region ${quoted} has not been added to the database`, {
      hint:
        'you must add the region to the database before setting it as primary region, using ' +
        `ALTER DATABASE ${quoteIdentifier(database.name)} ADD REGION ${quoted}`,
    });
  }
  const { regionConfig } = run.database(database.id);
  if (regionConfig !== undefined) regionConfig.primaryRegion = region;
  const type = run.type(regions.enumId);
  if (type.regionConfig !== undefined) type.regionConfig.primaryRegion = region;
}

/** A database gets its regions; all that is in it belongs to the primary one. */
function makeMultiRegion(
  database: DatabaseDescriptor,
  request: RegionConfigRequest,
  run: DdlRun,
): void {
  const names = checkedRegions(request, cluster(run));
  refuseConfigured(database, run);
  for (const table of contentsOf(database, run)) {
    requireRegional(table.id, run);
    const copy = run.table(table.id);
    copy.localityConfig = defaultLocality(copy);
  }
  refuseTakenEnum(database, run);
  addRegions(run.database(database.id), request, names, run);
}

/** What was configured by hand would be overwritten. @throws SqlError objectNotInPrerequisiteState (55000) */
function refuseConfigured(database: DatabaseDescriptor, run: DdlRun): void {
  const ids = new Set([database.id, ...contentsOf(database, run).map(({ id }) => id)]);
  for (const zone of configuredZones(listZones(run.db))) {
    if (!ids.has(zone.id)) continue;
    const field = ZONE_FIELDS.find((name) => REGIONAL_FIELDS.has(name) && name in zone.config);
    if (field === undefined) continue;
    const what = zoneLabel(zone, run.catalog)?.replace(/^[A-Z]+/, (word) => word.toLowerCase());
    throw new SqlError(
      'objectNotInPrerequisiteState',
      `zone configuration for ${what ?? 'an object'} has field "${field}" set which will be overwritten when setting the the initial PRIMARY REGION`,
      { hint: 'discard the zone config using CONFIGURE ZONE DISCARD before continuing' },
    );
  }
}

function refuseTakenEnum(database: DatabaseDescriptor, run: DdlRun): void {
  for (const name of [REGION_ENUM, `_${REGION_ENUM}`]) {
    if (run.catalog.holderOfName(database.id, PUBLIC_SCHEMA_ID, name) === undefined) continue;
    throw new SqlError('duplicateObject', `type "${database.name}.public.${name}" already exists`, {
      detail:
        'multi-region databases employ an internal enum called crdb_internal_region to manage regions which conflicts with the existing object',
      hint: 'object "crdb_internal_regions" must be renamed or dropped before adding the primary region',
    });
  }
}

function addRegions(
  database: DatabaseDescriptor,
  { primary, survival }: RegionConfigRequest,
  names: readonly string[],
  run: DdlRun,
): void {
  const id = allocateDescriptorIds(run.db, 2);
  const place = { database, ids: [id, id + 1], owner: run.names.user } as const;
  for (const value of newRegionEnum(place, names, primary)) run.add({ case: 'type', value });
  database.regionConfig = newRegionConfig(primary, survival, id);
}

const PRIMARY_REGION_SETTING = 'sql.defaults.primary_region';

export interface NewDatabaseRegions {
  readonly primary: string | null;
  readonly regions: readonly string[];
  readonly survive: 'zone' | 'region' | null;
}

/**
 * What CREATE DATABASE says about regions; without a word, `sql.defaults.primary_region` counts.
 * @param database new: it is added by the caller afterwards
 * @throws SqlError invalidDatabaseDefinition (42P12), invalidName (42602), invalidParameterValue (22023)
 */
export function setNewRegions(
  database: DatabaseDescriptor,
  asked: NewDatabaseRegions,
  run: DdlRun,
): void {
  const { primary, regions, survive } = asked;
  const fail = (message: string): SqlError => new SqlError('invalidDatabaseDefinition', message);
  if (survive !== null && primary === null) {
    throw fail('PRIMARY REGION must be specified when using SURVIVE');
  }
  if (regions.length > 0 && primary === null) {
    throw fail('PRIMARY REGION must be specified if REGIONS are specified');
  }
  const standard = clusterSettingValue(run.db, PRIMARY_REGION_SETTING);
  const chosen = primary ?? standard;
  if (chosen === '') return;
  if (primary === null) {
    const message = `setting ${chosen} as the PRIMARY REGION as no PRIMARY REGION was specified`;
    run.notice({ severity: 'NOTICE', code: '00000', message });
  }
  const request = { primary: chosen, others: regions, survival: survive ?? 'zone' } as const;
  addRegions(database, request, checkedRegions(request, cluster(run)), run);
}

/** @throws SqlError invalidName (42602), invalidParameterValue (22023) */
function setSurvival(
  database: DatabaseDescriptor,
  regions: DatabaseRegions | undefined,
  survival: 'zone' | 'region',
  run: DdlRun,
): void {
  requireRegional(database.id, run);
  if (regions === undefined) {
    throw new SqlError(
      'invalidName',
      'database must have associated regions before a survival goal can be set',
      {
        hint: `you must first add a primary region to the database using ALTER DATABASE ${quoteIdentifier(database.name)} PRIMARY REGION <region_name>`,
      },
    );
  }
  requireSurvivable(survival, regions.names.length);
  const { regionConfig } = run.database(database.id);
  if (regionConfig !== undefined) regionConfig.survivalGoal = survivalGoal(survival);
}
