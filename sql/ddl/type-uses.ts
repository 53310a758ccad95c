import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { ColumnType } from '../../catalog/descriptor/gen/type_pb';
import { homeRegion, regionsOfDatabase } from '../../catalog/regions';
import { referencedTypeOids } from '../../catalog/stored-expression';
import { storedTexts } from '../../catalog/stored-texts';
import { refuseForeignTypeId } from './foreign-types';
import type { DdlRun } from './run';

/** Where a user-defined type is used: columns of it, and expressions that name it. */

/** How a column holds values of the type: itself, in an array, or not at all. */
export function columnUse(column: ColumnDescriptor, typeId: number): 'value' | 'array' | undefined {
  const oid = typeId + USER_TYPE_OID_BASE;
  if (column.type?.oid === oid) return 'value';
  return column.type?.arrayContents?.oid === oid ? 'array' : undefined;
}

/** Tables and views that have columns of the type, or name it. */
export function usersOfType(
  type: { readonly id: number; readonly arrayTypeId: number },
  run: DdlRun,
): TableDescriptor[] {
  const oids = [type.id, type.arrayTypeId].map((id) => id + USER_TYPE_OID_BASE);
  return [...run.catalog.entries()].flatMap((entry) => {
    const table = entry.kind === 'table' ? run.peekTable(entry.id) : undefined;
    if (table === undefined) return [];
    const holds = table.columns.some((column) => columnUse(column, type.id) !== undefined);
    const names = storedTexts(table).some((stored) =>
      referencedTypeOids(stored.text).some((oid) => oids.includes(oid)),
    );
    return holds || names ? [table] : [];
  });
}

/** A multi-region database's enum of regions is also used by tables that name their home region. */
export const usesRegionEnum = (table: TableDescriptor, type: { readonly id: number }): boolean =>
  homeRegion(table) !== undefined ||
  table.columns.some((column) => columnUse(column, type.id) !== undefined);

/** Types know the relations that use them: at the end of a statement those that it has changed are gone through. */
export function noteTypeUses(run: DdlRun): void {
  for (const table of run.changedTables()) {
    const used = typesUsed(table, run);
    if (table.viewQuery === '') refuseForeignTypes(table, used, run);
    for (const entry of run.catalog.entries()) {
      if (entry.kind !== 'type' || run.isRemoved(entry.id)) continue;
      const known = run.catalog.typeDescriptor(entry.id)?.referencingDescriptorIds ?? [];
      if (!known.includes(table.id) || used.has(entry.id)) continue;
      const type = run.type(entry.id);
      type.referencingDescriptorIds = type.referencingDescriptorIds.filter((id) => id !== table.id);
    }
    for (const id of used) {
      if (run.isRemoved(id) || run.catalog.typeDescriptor(id) === undefined) continue;
      if (run.catalog.typeDescriptor(id)?.referencingDescriptorIds.includes(table.id)) continue;
      const { referencingDescriptorIds: users } = run.type(id);
      if (!users.includes(table.id)) users.push(table.id);
    }
  }
}

/**
 * A backup of the table's database would lack another one's type. Views name types with their database, and are left alone.
 * @throws SqlError featureNotSupported (0A000)
 */
function refuseForeignTypes(table: TableDescriptor, used: Iterable<number>, run: DdlRun): void {
  for (const id of used) {
    if (!isKnownUse(table, id, run)) refuseForeignTypeId(id, table.parentId, run);
  }
}

/** What a restored table, or one of an earlier program, has is not what a statement has brought. */
const isKnownUse = (table: TableDescriptor, typeId: number, run: DdlRun): boolean =>
  run.catalog.typeDescriptor(typeId)?.referencingDescriptorIds.includes(table.id) === true;

/** Ids of types, and of array types, that a relation has columns of or names. */
function typesUsed(table: TableDescriptor, run: DdlRun): Set<number> {
  const used = new Set<number>(table.dependsOnTypes);
  for (const { type } of table.columns) {
    for (const id of type === undefined ? [] : userTypesOf(type)) used.add(id);
  }
  for (const { text } of storedTexts(table)) {
    for (const oid of referencedTypeOids(text)) used.add(oid - USER_TYPE_OID_BASE);
  }
  // A table that names its home region uses the enum of regions.
  const regions = regionsOfDatabase(table.parentId, run.catalog);
  if (regions !== undefined && homeRegion(table) !== undefined) used.add(regions.enumId);
  return used;
}

/** Of an enum also that of its arrays. */
export function userTypesOf(type: ColumnType): number[] {
  const element = type.arrayContents ?? type;
  const oids = [element.oid, element.udtMetadata?.arrayTypeOid ?? 0];
  return oids.filter((oid) => oid > USER_TYPE_OID_BASE).map((oid) => oid - USER_TYPE_OID_BASE);
}
