import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { DdlRun } from './run';

/**
 * Tables of old backups know what they are interleaved in, and what is interleaved in them. At the end of a statement what it has ended
 * on one side is ended on the other.
 */
export function noteInterleaves(run: DdlRun): void {
  for (const id of [...run.changedTables().map((table) => table.id), ...run.removedIds()]) {
    for (const before of indexesOf(run.catalog.tableDescriptor(id))) {
      leaveParent(id, before, run);
      freeChildren(id, before, run);
    }
  }
}

function leaveParent(tableId: number, { id, interleave }: IndexDescriptor, run: DdlRun): void {
  const parent = interleave?.ancestors.at(-1);
  if (parent === undefined) return;
  const now = indexesOf(run.peekTable(tableId)).find((index) => index.id === id);
  if (now?.interleave !== undefined) return;
  for (const index of indexesOf(run.tableIfKept(parent.tableId)))
    index.interleavedBy = index.interleavedBy.filter(
      (child) => child.table !== tableId || child.index !== id,
    );
}

/** A table that goes, and a primary key that others are interleaved in and that is changed. */
function freeChildren(tableId: number, { id, interleavedBy }: IndexDescriptor, run: DdlRun): void {
  const now = indexesOf(run.peekTable(tableId)).find((index) => index.id === id);
  for (const child of interleavedBy) {
    const isKept = now?.interleavedBy.some(
      ({ table, index }) => table === child.table && index === child.index,
    );
    if (isKept === true) continue;
    for (const index of indexesOf(run.tableIfKept(child.table)))
      if (index.id === child.index) index.interleave = undefined;
  }
}

function indexesOf(table: TableDescriptor | undefined): IndexDescriptor[] {
  if (table?.primaryIndex === undefined) return [];
  return [table.primaryIndex, ...table.indexes];
}
