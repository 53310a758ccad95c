import { defined } from '../../base/invariant';
import { IndexDescriptor_Direction } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { isRowidTable, type PhysicalTable } from '../../storage/ranges/physical-table';
import { keyedStagedSql, stagedColumns } from '../../storage/ranges/staged-rows';
import type { RowLayout } from '../format/datum/row-decoder';
import { encodeTablePrefix, prefixEnd } from '../format/datum/table-key';
import { interleaveAncestors } from '../interleave-ancestors';
import type { KeySpan } from './coverage';
import { kernelKnows, kernelStores } from './kernel/kernel-table';
import type { RestoredTable } from './plan';
import type { SourceTable } from './stage-task';

/** What of one backed-up table is read, and where it goes. Everything is decided before the first key. */
export interface TableLoad {
  readonly newId: number;
  readonly name: string;
  /** Of the source cluster's keys: all that can hold this table's rows and index entries. */
  readonly span: KeySpan;
  /** What the backup must cover: the spans of the indexes that are restored. */
  readonly requiredSpans: readonly KeySpan[];
  /** Undefined for sequences and for views without rows. */
  readonly physical: PhysicalTable | undefined;
  /** How its keys become rows. */
  readonly source: SourceTable;
}

/** @returns undefined for views, which have no data */
export function tableLoad(
  table: RestoredTable,
  backup: CatalogSnapshot,
  catalog: CatalogSnapshot,
): TableLoad | undefined {
  const source = defined(backup.tableDescriptor(table.oldId), `table ${table.oldId} of the backup`);
  const target = defined(catalog.tableDescriptor(table.newId), `restored table ${table.newId}`);
  if (source.viewQuery !== '' && !source.isMaterializedView) return undefined;
  const root = source.primaryIndex?.interleave?.ancestors[0]?.tableId ?? source.id;
  const prefix = encodeTablePrefix(root);
  const span = { start: prefix, end: prefixEnd(prefix) };
  const common = { newId: table.newId, name: source.name, span, requiredSpans: [rowSpan(source)] };
  const keys = {
    name: source.name,
    tableId: table.oldId,
    secondaryIndexIds: source.indexes.map((index) => index.id),
    keyGrowth: keyGrowth(table),
  };
  if (source.sequenceOpts !== undefined) return { ...common, physical: undefined, source: keys };
  const physical = physicalTable(target, (id) => catalog.enumMetadata(id));
  const layout = rowLayout(source, backup);
  const rows = {
    layout,
    columns: stagedColumns(physical),
    anySlots: physical.columns.map(({ type }) => type === 'ANY'),
  };
  const plain = { ...keys, rows };
  const isKeyed = kernelKnows(plain) && isInKeyOrder(layout, physical);
  const keyed = { ...rows, keyedSql: keyedStagedSql(physical) };
  return { ...common, physical, source: isKeyed ? { ...keys, rows: keyed } : plain };
}

/** Whether the kernel makes of the backup's keys, one after the other, what SQLite would have made. */
function isInKeyOrder(layout: RowLayout, physical: PhysicalTable): boolean {
  const { columns, primaryKey } = physical;
  if (isRowidTable(physical) || primaryKey.length !== layout.keyColumns.length) return false;
  const isSameKey = layout.keyColumns.every(({ columnId, descending }, i) => {
    const column = columns[layout.columns.findIndex(({ id }) => id === columnId)];
    const key = primaryKey[i];
    return (
      column !== undefined &&
      column.collate === undefined &&
      key?.column === column.name &&
      key.descending === descending
    );
  });
  return (
    isSameKey && layout.columns.every(({ type }, i) => columns[i]?.type === kernelStores(type))
  );
}

/** The span of the primary index: the rows. Secondary indexes are built from them. */
function rowSpan(table: TableDescriptor): KeySpan {
  const primary = defined(table.primaryIndex, `primary index of ${table.name}`);
  const root = primary.interleave?.ancestors[0];
  const prefix =
    root === undefined
      ? encodeTablePrefix(table.id, primary.id)
      : encodeTablePrefix(root.tableId, root.indexId);
  return { start: prefix, end: prefixEnd(prefix) };
}

function rowLayout(table: TableDescriptor, backup: CatalogSnapshot): RowLayout {
  const primary = defined(table.primaryIndex, `primary index of ${table.name}`);
  return {
    tableId: table.id,
    indexId: primary.id,
    columns: table.columns
      .filter((column) => !column.virtual)
      .map((column) => ({
        id: column.id,
        type: typeFromMessage(column.type ?? {}, (id) => backup.enumMetadata(id)),
      })),
    keyColumns: primary.keyColumnIds.map((columnId, i) => ({
      columnId,
      descending: primary.keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
    })),
    families: table.families.map(({ id, defaultColumnId }) => ({ id, defaultColumnId })),
    interleaveAncestors: interleaveAncestors(primary),
    file: table.name,
  };
}

/** Bytes that a key grows by when its table id is rewritten. */
const keyGrowth = (table: RestoredTable): number =>
  encodeTablePrefix(table.newId).length - encodeTablePrefix(table.oldId).length;
