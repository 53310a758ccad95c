import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import { newDatabase } from '../../catalog/catalog-manager';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID } from '../../catalog/constants';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { NODE_USER } from '../../catalog/roles';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';
import { typeNames } from '../view-types';
import { checkDependencies } from './dependencies';
import { unsettledKeysOf } from './mutations';
import type { DescriptorIds, PlanInput, RestorePlan } from './plan';
import { checkClusterRegions, settleRegions } from './regions';
import { OFFLINE_REASON, PUBLIC_REWRITE, type Rewrite, rewriteDescriptor } from './rewrite';
import { RESTORED_SYSTEM_TABLES } from './system-tables';
import { clusterTargets } from './targets';
import { validateTargets } from './validate';

/**
 * RESTORE of a full cluster: everything keeps its id, its owner and its grants. The rows of system tables are first restored
 * into tables of a database of their own, which nobody sees, and taken over when all data is there (`system-tables.ts`).
 */

const TEMPORARY_DATABASE = 'crdb_temp_system';

/** Databases that every cluster starts with: they may be there, empty. */
const INITIAL_DATABASES: ReadonlySet<string> = new Set(['system', 'defaultdb', 'postgres']);

/** @throws SqlError 55000 when the cluster is not empty */
export function planCluster(
  input: PlanInput,
  catalog: CatalogSnapshot,
  ids: DescriptorIds,
): RestorePlan {
  const { intoDb, intoSchema, newDbName } = input.options;
  if (intoDb !== undefined || intoSchema !== undefined || newDbName !== undefined) {
    throw new SqlError(
      'invalidParameterValue',
      'cannot use "into_db", "into_schema" or "new_db_name" when restoring a full cluster',
    );
  }
  refuseUsedCluster(catalog);
  const { backup } = input;
  const resolved = clusterTargets(backup);
  validateTargets(resolved, backup, input.file);
  checkClusterRegions(resolved, input.options, input.regions);
  const targets = checkDependencies(resolved, input.options);
  const all = [...targets.databases, ...targets.schemas, ...targets.types, ...targets.tables];
  for (const { id } of backup.entries()) ids.reserveThrough(id);
  const rewrites = new Map<number, Rewrite>([[PUBLIC_SCHEMA_ID, PUBLIC_REWRITE]]);
  for (const { id, databaseId, schemaId } of all) {
    rewrites.set(id, { id, databaseId, schemaId, existing: false });
  }
  const databaseId = ids.allocate();
  const systemTables = systemTablesOf(backup);
  for (const { id } of systemTables) {
    rewrites.set(id, {
      id: ids.allocate(),
      databaseId,
      schemaId: PUBLIC_SCHEMA_ID,
      existing: false,
    });
  }
  const idOf = (entry: DescriptorHeader): number =>
    defined(rewrites.get(entry.id), `rewrite of ${entry.name}`).id;
  const context = {
    rewrites,
    owner: input.context.user,
    keepPrivileges: true,
    typeNames: typeNames(backup.entries()),
    unsettledKeys: unsettledKeysOf(targets.tables),
    renamedDatabase: undefined,
  };
  const kept = new Set(all.filter((entry) => isThere(entry, catalog)));
  const overwrites = [...kept].map((entry) => rewriteDescriptor(entry, context));
  const inserts = [...all.filter((entry) => !kept.has(entry)), ...systemTables].map((entry) =>
    rewriteDescriptor(entry, context),
  );
  inserts.push(
    ...settleRegions([...inserts, ...overwrites], {
      environment: input.regions,
      backup,
      catalog,
      context: input.context,
      allocateId: () => ids.allocate(),
    }),
  );
  const system = systemTables.map((entry) => ({ name: entry.name, id: idOf(entry) }));
  return {
    inserts: [temporaryDatabase(databaseId), ...inserts],
    updates: [],
    tables: [...targets.tables, ...systemTables].map((entry) => ({
      oldId: entry.id,
      newId: idOf(entry),
    })),
    cluster: {
      overwrites,
      replaced: replacedDatabases(catalog, targets.databases, all),
      system: { databaseId, tables: system },
    },
  };
}

function temporaryDatabase(id: number) {
  const database = newDatabase(id, TEMPORARY_DATABASE, NODE_USER);
  if (database.union.case === 'database') {
    database.union.value.state = DescriptorState.OFFLINE;
    database.union.value.offlineReason = OFFLINE_REASON;
  }
  return database;
}

function refuseUsedCluster(catalog: CatalogSnapshot): void {
  const found = [...catalog.entries()]
    .filter((entry) => entry.state !== DescriptorState.DROP)
    .filter((entry) => entry.kind !== 'database' || !INITIAL_DATABASES.has(entry.name))
    .sort((a, b) => a.id - b.id);
  if (found.length === 0) return;
  const names = found.map((entry) => entry.name).join(' ');
  throw new SqlError(
    'objectNotInPrerequisiteState',
    'full cluster restore can only be run on a cluster with no tables or databases ' +
      `but found ${found.length} descriptors: [${names}]`,
  );
}

function systemTablesOf(backup: CatalogSnapshot): DescriptorHeader[] {
  return [...backup.entries()]
    .filter((entry) => entry.databaseId === SYSTEM_DATABASE_ID && entry.kind === 'table')
    .filter((entry) => RESTORED_SYSTEM_TABLES.has(entry.name))
    .sort((a, b) => a.id - b.id);
}

/** A database of the same name and id: it can be used all the time, and is the backup's in the end. */
function isThere(entry: DescriptorHeader, catalog: CatalogSnapshot): boolean {
  const found = catalog.entry(entry.id);
  return entry.kind === 'database' && found?.kind === 'database' && found.name === entry.name;
}

/** `defaultdb` and `postgres`, where the backup has a database of the name, or anything of the id. */
function replacedDatabases(
  catalog: CatalogSnapshot,
  databases: readonly DescriptorHeader[],
  all: readonly DescriptorHeader[],
): DescriptorHeader[] {
  const names = new Set(databases.map((entry) => entry.name));
  const ids = new Set(all.map((entry) => entry.id));
  return [...catalog.entries()].filter(
    (entry) =>
      entry.id !== SYSTEM_DATABASE_ID &&
      entry.kind === 'database' &&
      !databases.some((other) => isThere(other, catalog) && other.id === entry.id) &&
      (names.has(entry.name) || ids.has(entry.id)),
  );
}
