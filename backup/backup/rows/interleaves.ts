import { notSupported, SqlError } from '../../../base/errors';
import type { IndexDescriptor } from '../../../catalog/descriptor/gen/index_pb';
import { DescriptorState, type TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot, DescriptorHeader } from '../../../catalog/snapshot';

/**
 * Tables that old backups bring interleaved: the rows of such a table lie between those of the table that it is interleaved in, and in the
 * span of the outermost one, the root (format reference 04 §6). A backup has them there again.
 */

const indexesOf = ({ primaryIndex, indexes }: TableDescriptor): IndexDescriptor[] =>
  primaryIndex === undefined ? [] : [primaryIndex, ...indexes];

const isInterleaved = ({ interleave, interleavedBy }: IndexDescriptor): boolean =>
  (interleave?.ancestors.length ?? 0) > 0 || interleavedBy.length > 0;

/** The table in whose span the rows lie, also when that is the table itself; undefined: no other table's rows do. */
export function rootOf({ id, primaryIndex }: TableDescriptor): number | undefined {
  if (primaryIndex === undefined || !isInterleaved(primaryIndex)) return undefined;
  return primaryIndex.interleave?.ancestors[0]?.tableId ?? id;
}

/** All tables whose rows lie in the span of a root, itself included. */
export function tablesIn(rootId: number, catalog: CatalogSnapshot): TableDescriptor[] {
  return [...catalog.entries()].flatMap(({ state, descriptor: { union } }) =>
    state === DescriptorState.PUBLIC && union.case === 'table' && rootOf(union.value) === rootId
      ? [union.value]
      : [],
  );
}

/** @throws SqlError featureNotSupported (0A000) with CockroachDB's texts, when a part of them is missing or was not asked for */
export function checkInterleaves(
  headers: readonly DescriptorHeader[],
  { includeDeprecatedInterleaves }: { readonly includeDeprecatedInterleaves: boolean },
): void {
  const tables = headers.flatMap(({ descriptor: { union } }) =>
    union.case === 'table' ? [union.value] : [],
  );
  const present = new Map(tables.map((table) => [table.id, table]));
  for (const table of tables) {
    for (const index of indexesOf(table).filter(isInterleaved)) {
      if (!includeDeprecatedInterleaves) throw notAskedFor(table);
      checkIndex(table, index, present);
    }
  }
}

const notAskedFor = ({ name }: TableDescriptor): SqlError =>
  new SqlError(
    'featureNotSupported',
    `interleaved tables are deprecated and backups containing interleaved tables will not be able to be RESTORE'd by future versions ` +
      `-- use option "include_deprecated_interleaves" to backup interleaved tables anyway "${name}"`,
    {
      hint: 'ALTER TABLE … ALTER PRIMARY KEY USING COLUMNS (…) takes the INTERLEAVE clause from a table.',
    },
  );

function checkIndex(
  table: TableDescriptor,
  index: IndexDescriptor,
  present: ReadonlyMap<number, TableDescriptor>,
): void {
  const incomplete = (missing: string): SqlError =>
    new SqlError('featureNotSupported', `cannot backup table "${table.name}" without ${missing}`);
  for (const { tableId } of index.interleave?.ancestors ?? [])
    if (!present.has(tableId)) throw incomplete(`interleave parent (ID ${tableId})`);
  for (const { table: id } of index.interleavedBy)
    if (!present.has(id)) throw incomplete(`interleave child table (ID ${id})`);
  const isKept = (index.interleave?.ancestors ?? []).every(
    ({ tableId, indexId }) => present.get(tableId)?.primaryIndex?.id === indexId,
  );
  if (index === table.primaryIndex && isKept) return;
  throw notSupported(
    `BACKUP of index "${index.name}" of table "${table.name}", which is interleaved,`,
    'Only primary keys are backed up interleaved in primary keys, as CockroachDB restores no others. DROP INDEX, and create it again.',
  );
}
