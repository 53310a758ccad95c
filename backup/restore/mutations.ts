import { notSupported } from '../../base/errors';
import {
  type DescriptorMutation,
  DescriptorMutation_Direction,
  type TableDescriptor,
} from '../../catalog/descriptor/gen/table_pb';

/**
 * Tables that were backed up in the middle of a schema change. What was being dropped is gone; an index that was being added is
 * built from the rows, as every index is.
 */

/** @throws SqlError featureNotSupported for what only SQL can finish: columns, constraints, primary keys, unique indexes */
export function refuseUnfinishable(table: TableDescriptor): void {
  if (table.mutations.every(isFinishable)) return;
  throw notSupported(
    `restoring table "${table.name}", which was in the middle of a schema change when it was backed up,`,
    'Restore another backup of the table, or the other tables by name.',
  );
}

function isFinishable({ descriptor, direction }: DescriptorMutation): boolean {
  if (descriptor.case === 'column') return direction === DescriptorMutation_Direction.DROP;
  if (descriptor.case !== 'index') return false;
  if (direction === DescriptorMutation_Direction.DROP) return true;
  const { unique, encodingType } = descriptor.value;
  return !unique && encodingType !== PRIMARY_ENCODING;
}

const PRIMARY_ENCODING = 1;

/** In place; `refuseUnfinishable` has let the table pass. */
export function finishMutations(table: TableDescriptor): void {
  for (const { descriptor, direction } of table.mutations) {
    if (descriptor.case === 'index' && direction === DescriptorMutation_Direction.ADD) {
      table.indexes.push(descriptor.value);
    } else if (descriptor.case === 'column') {
      const { id, name } = descriptor.value;
      for (const family of table.families) {
        family.columnIds = family.columnIds.filter((columnId) => columnId !== id);
        family.columnNames = family.columnNames.filter((columnName) => columnName !== name);
        if (family.defaultColumnId === id) family.defaultColumnId = 0;
      }
    }
  }
  table.mutations = [];
}
