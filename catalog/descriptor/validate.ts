import { CorruptionError } from '../../base/errors';
import { regionColumnName } from '../regional-rows';
import type { IndexDescriptor } from './gen/index_pb';
import type { TableDescriptor } from './gen/table_pb';

/**
 * Checks what every reader of a table relies on, so that none has to: ids are set and unique,
 * indexes and families name columns that exist, parallel lists are of one length.
 * @throws CorruptionError
 */
export function validateTable(table: TableDescriptor, file: string): void {
  const fail = (message: string): never => {
    throw new CorruptionError(file, undefined, `table ${table.id} ("${table.name}"): ${message}`);
  };
  if (table.id === 0) fail('no id');
  if (table.name === '') fail('no name');
  const columnIds = validateColumns(table, fail);
  validateRegion(table, fail);
  if (isStored(table)) {
    if (table.primaryIndex === undefined) fail('no primary index');
    else validateIndex(table.primaryIndex, columnIds, fail);
    validateFamilies(table, columnIds, fail);
  }
  const indexIds = new Set<number>(table.primaryIndex ? [table.primaryIndex.id] : []);
  for (const index of table.indexes) {
    if (indexIds.has(index.id)) fail(`two indexes have id ${index.id}`);
    indexIds.add(index.id);
    validateIndex(index, columnIds, fail);
  }
  for (const { descriptor } of table.mutations)
    if (descriptor.case === 'index') validateIndex(descriptor.value, columnIds, fail);
}

type Fail = (message: string) => never;

/** Tables, sequences and materialized views have rows; views have none. */
export function isStored(table: TableDescriptor): boolean {
  return table.viewQuery === '' || table.isMaterializedView;
}

/** Ids of all columns, those of schema changes included. */
function validateColumns(table: TableDescriptor, fail: Fail): Set<number> {
  const ids = new Set<number>();
  const columns = [...table.columns];
  for (const { descriptor } of table.mutations)
    if (descriptor.case === 'column') columns.push(descriptor.value);
  for (const column of columns) {
    if (column.id === 0) fail(`column "${column.name}" has no id`);
    if (ids.has(column.id)) fail(`two columns have id ${column.id}`);
    if (column.name === '') fail(`column ${column.id} has no name`);
    if (column.type === undefined) fail(`column "${column.name}" has no type`);
    ids.add(column.id);
  }
  return ids;
}

function validateIndex(index: IndexDescriptor, columnIds: ReadonlySet<number>, fail: Fail): void {
  const name = `index ${index.id} ("${index.name}")`;
  if (index.id === 0) fail(`${name} has no id`);
  if (index.keyColumnIds.length === 0) fail(`${name} has no columns`);
  if (index.keyColumnDirections.length !== index.keyColumnIds.length)
    fail(`${name} has ${index.keyColumnDirections.length} directions`);
  if (index.keyColumnNames.length !== index.keyColumnIds.length)
    fail(`${name} has ${index.keyColumnNames.length} column names`);
  for (const direction of index.keyColumnDirections)
    if (direction !== 0 && direction !== 1) fail(`${name} has direction ${direction}`);
  const lists = [index.keyColumnIds, index.keySuffixColumnIds, index.storeColumnIds];
  for (const id of lists.flat()) if (!columnIds.has(id)) fail(`${name} names column ${id}`);
  const { numImplicitColumns = 0, numColumns = 0 } = index.partitioning ?? {};
  if (numImplicitColumns > numColumns || numImplicitColumns >= index.keyColumnIds.length)
    fail(`${name} has ${numImplicitColumns} implicit columns`);
}

/** A row of a table that is REGIONAL BY ROW says its region. */
function validateRegion(table: TableDescriptor, fail: Fail): void {
  const name = regionColumnName(table);
  if (name !== undefined && !table.columns.some((column) => column.name === name))
    fail(`no column "${name}" for the region of a row`);
}

/**
 * Columns that are gone may still be named by a family of a dropped or half-changed table: only
 * ids must be sound.
 */
function validateFamilies(
  table: TableDescriptor,
  columnIds: ReadonlySet<number>,
  fail: Fail,
): void {
  const familyIds = new Set<number>();
  const placed = new Set<number>();
  for (const family of table.families) {
    if (familyIds.has(family.id)) fail(`two column families have id ${family.id}`);
    familyIds.add(family.id);
    for (const id of family.columnIds) {
      if (placed.has(id)) fail(`column ${id} is in two families`);
      placed.add(id);
    }
  }
  const count = table.families.length;
  if (count > 0 && table.families[0]?.id !== 0) fail('the first column family is not family 0');
  for (const { descriptor } of table.mutations)
    if (descriptor.case === 'column') placed.add(descriptor.value.id);
  for (const column of table.columns)
    if (count > 0 && !column.virtual && columnIds.has(column.id) && !placed.has(column.id))
      fail(`column "${column.name}" is in no family`);
}
