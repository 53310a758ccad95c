import { create } from '@bufbuild/protobuf';

import { CorruptionError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID } from '../constants';
import type { Descriptor } from './gen/descriptor_pb';
import type { PrivilegeDescriptor } from './gen/privilege_pb';
import {
  type ColumnDescriptor,
  ColumnFamilyDescriptorSchema,
  type TableDescriptor,
} from './gen/table_pb';
import { upgradeForeignKeys } from './upgrade-foreign-keys';
import { upgradeType } from './upgrade-type';
import { isStored, validateTable } from './validate';

/** Primary indexes of this version list the columns that they store. */
const PRIMARY_INDEX_VERSION = 4;
const PRIMARY_ENCODING = 1;
/** Tables of this format have families and may be interleaved. */
const FORMAT_VERSION = 3;
const FORMAT_WITH_FAMILIES = 2;
/** Privileges of this version name an owner. */
const OWNER_VERSION = 1;

/**
 * Turns the descriptors of one layer, as any release from 1.0 stored them, into the form that
 * v21.2 works with. In place; doing it twice changes nothing more. The set must be whole: old
 * foreign keys need both their tables.
 * @param file what the descriptors were read from, for errors
 * @throws CorruptionError when descriptors contradict themselves or each other
 */
export function upgradeDescriptors(descriptors: Iterable<Descriptor>, file: string): void {
  const tables = new Map<number, TableDescriptor>();
  for (const descriptor of descriptors) {
    const { union } = descriptor;
    switch (union.case) {
      case 'table':
        if (tables.has(union.value.id))
          throw new CorruptionError(file, undefined, `two tables have id ${union.value.id}`);
        tables.set(union.value.id, union.value);
        upgradeTable(union.value, file);
        break;
      case 'type':
        if (union.value.alias !== undefined) upgradeType(union.value.alias, file);
        for (const element of union.value.composite?.elements ?? [])
          if (element.elementType !== undefined) upgradeType(element.elementType, file);
        if (union.value.parentSchemaId === 0) union.value.parentSchemaId = PUBLIC_SCHEMA_ID;
        upgradePrivileges(union.value.privileges, false);
        break;
      case 'database':
        upgradePrivileges(union.value.privileges, union.value.id === SYSTEM_DATABASE_ID);
        break;
      case 'schema':
        upgradePrivileges(union.value.privileges, false);
        break;
      case 'function':
        break;
      case undefined:
        throw new CorruptionError(file, undefined, 'descriptor of an unknown kind');
    }
  }
  upgradeForeignKeys(tables, file);
}

/** Of an expression of an index. What is written here has it as a hidden column (downgrade.ts). */
const EXPRESSION_COLUMN = /^crdb_internal_idx_expr(_\d+)?$/;

function upgradeTable(table: TableDescriptor, file: string): void {
  for (const column of allColumns(table)) {
    if (column.type !== undefined) upgradeType(column.type, file);
    const { hidden, virtual, name } = column;
    if (hidden && virtual && EXPRESSION_COLUMN.test(name)) column.inaccessible = true;
  }
  validateTable(table, file);
  if (isStored(table)) {
    if (table.formatVersion < FORMAT_WITH_FAMILIES) makeFamilies(table);
    upgradePrimaryIndex(table);
  }
  table.formatVersion = Math.max(table.formatVersion, FORMAT_VERSION);
  if (table.unexposedParentSchemaId === 0) table.unexposedParentSchemaId = PUBLIC_SCHEMA_ID;
  upgradePrivileges(table.privileges, table.parentId === SYSTEM_DATABASE_ID);
}

/** Public columns, then those of schema changes. */
function allColumns(table: TableDescriptor): ColumnDescriptor[] {
  const columns = [...table.columns];
  for (const { descriptor } of table.mutations)
    if (descriptor.case === 'column') columns.push(descriptor.value);
  return columns;
}

/** Before families each column was stored as a family of one, and the primary key was family 0. */
function makeFamilies(table: TableDescriptor): void {
  if (table.families.length > 0) return;
  const keyIds = new Set(table.primaryIndex?.keyColumnIds);
  const first = create(ColumnFamilyDescriptorSchema, { name: 'primary', id: 0 });
  table.families.push(first);
  let lastId = 0;
  for (const column of allColumns(table)) {
    if (keyIds.has(column.id)) {
      first.columnNames.push(column.name);
      first.columnIds.push(column.id);
      continue;
    }
    table.families.push(
      create(ColumnFamilyDescriptorSchema, {
        name: `fam_${column.id}_${column.name}`,
        id: column.id,
        columnNames: [column.name],
        columnIds: [column.id],
        defaultColumnId: column.id,
      }),
    );
    lastId = Math.max(lastId, column.id);
  }
  table.nextFamilyId = lastId + 1;
}

/** Gives the primary index the form of v21.2: it lists what it stores. In place. */
export function upgradePrimaryIndex(table: TableDescriptor): void {
  const index = table.primaryIndex;
  if (index === undefined || index.version >= PRIMARY_INDEX_VERSION) return;
  const keyIds = new Set(index.keyColumnIds);
  const stored = allColumns(table).filter((column) => !column.virtual && !keyIds.has(column.id));
  index.storeColumnIds = stored.map((column) => column.id);
  index.storeColumnNames = stored.map((column) => column.name);
  index.encodingType = PRIMARY_ENCODING;
  index.version = PRIMARY_INDEX_VERSION;
}

function upgradePrivileges(privileges: PrivilegeDescriptor | undefined, isSystem: boolean): void {
  if (privileges === undefined || privileges.version >= OWNER_VERSION) return;
  if (privileges.owner === '') privileges.owner = isSystem ? 'node' : 'root';
  privileges.version = OWNER_VERSION;
}
