import { CorruptionError, SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID } from '../../catalog/constants';
import {
  type DatabaseDescriptor,
  type TypeDescriptor,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { regionNames } from '../../catalog/regions';
import type { CatalogSnapshot, DescriptorHeader } from '../../catalog/snapshot';
import { presentColumns } from './mutations';
import { collectTypeIds, type ResolvedTargets } from './targets';

/**
 * Descriptors come from a file: nothing says that they fit together. What the rest of RESTORE takes for granted about those
 * that it is going to make is checked here (what a table must be by itself: catalog/descriptor/validate.ts), so that a broken
 * manifest is an error of the backup and not of ours.
 * @param file that held the descriptors
 * @throws CorruptionError; SqlError 55000 for a parent that is not in the backup
 */
export function validateTargets(
  targets: ResolvedTargets,
  backup: CatalogSnapshot,
  file: string,
): void {
  const { databases, schemas, tables, types } = targets;
  const entries = [...databases, ...schemas, ...types, ...tables];
  const names = new Set<string>();
  for (const entry of entries) {
    const fail = failure(entry, file);
    if (entry.name === '') fail('no name');
    if (entry.id === 0) fail('no id');
    if (backup.entry(entry.id) !== entry) fail('another descriptor has its id');
    const name = `${entry.databaseId}/${entry.schemaId}/${entry.name}`;
    if (names.has(name)) fail('another descriptor has its name');
    names.add(name);
    validateParents(entry, backup, schemas, file);
    const { union } = entry.descriptor;
    if (union.case === 'table') {
      validateKey(union.value, fail);
      for (const type of typesOf(union.value, backup)) validateDatabase(type, backup, file);
    }
    if (union.case === 'type') validateType(union.value, types, fail);
    if (union.case === 'database') validateRegions(union.value, types, fail);
  }
}

type Fail = (what: string) => never;

const failure =
  (entry: DescriptorHeader, file: string): Fail =>
  (what) => {
    throw new CorruptionError(
      file,
      undefined,
      `${entry.kind} ${entry.id} ("${entry.name}"): ${what}`,
    );
  };

/** In v20.2 a table could use a type of another database, which then need not be in the backup. */
function typesOf(table: TableDescriptor, backup: CatalogSnapshot): DescriptorHeader[] {
  const ids = new Set<number>();
  for (const column of presentColumns(table)) collectTypeIds(column.type, ids);
  return [...ids].flatMap((id) => backup.entry(id) ?? []);
}

function validateDatabase(entry: DescriptorHeader, backup: CatalogSnapshot, file: string): void {
  if (backup.entry(entry.databaseId)?.kind === 'database') return;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `${entry.kind} "${entry.name}" has unknown ParentID ${entry.databaseId}`,
    { detail: `The descriptor is in ${file}.` },
  );
}

function validateParents(
  entry: DescriptorHeader,
  backup: CatalogSnapshot,
  schemas: readonly DescriptorHeader[],
  file: string,
): void {
  if (entry.kind === 'database') return;
  validateDatabase(entry, backup, file);
  if (entry.kind === 'schema' || entry.schemaId === PUBLIC_SCHEMA_ID) return;
  const schema = schemas.find((candidate) => candidate.id === entry.schemaId);
  if (schema?.databaseId !== entry.databaseId) {
    failure(entry, file)(`its database has no schema ${entry.schemaId}`);
  }
}

function validateType(type: TypeDescriptor, types: readonly DescriptorHeader[], fail: Fail): void {
  const { arrayTypeId } = type;
  if (arrayTypeId !== 0 && !types.some((candidate) => candidate.id === arrayTypeId)) {
    fail(`array type ${arrayTypeId} is not in the backup`);
  }
}

/** Its regions are the members of an enum of its own. */
function validateRegions(
  database: DatabaseDescriptor,
  types: readonly DescriptorHeader[],
  fail: Fail,
): void {
  const config = database.regionConfig;
  if (config === undefined) return;
  const entry = types.find((candidate) => candidate.id === config.regionEnumId);
  const type = entry?.descriptor.union.case === 'type' ? entry.descriptor.union.value : undefined;
  if (type?.kind !== TypeDescriptor_Kind.MULTIREGION_ENUM || type.parentId !== database.id) {
    fail(`the enum ${config.regionEnumId} of its regions is not in the backup`);
  }
  if (!regionNames(type).includes(config.primaryRegion)) {
    fail(`its primary region "${config.primaryRegion}" is none of its regions`);
  }
}

/** A key of values that are not stored: no version up to v21.2 makes one. */
function validateKey(table: TableDescriptor, fail: Fail): void {
  for (const id of table.primaryIndex?.keyColumnIds ?? []) {
    const column = table.columns.find((candidate) => candidate.id === id);
    if (column?.virtual) fail(`virtual column "${column.name}" in the primary key`);
  }
}
