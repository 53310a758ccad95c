import { defined } from '../../base/invariant';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import { IndexDescriptor_Direction } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { BulkInserter } from '../../storage/ranges/bulk-inserter';
import type { Connection } from '../../storage/ranges/connection';
import type { PhysicalTable } from '../../storage/ranges/physical-table';
import type { RangeContents } from '../../storage/ranges/ranges';
import { writeSequence } from '../../storage/ranges/sequence-rows';
import {
  compileRowDecoder,
  decodeSequenceValue,
  type RowDecoder,
  type RowLayout,
} from '../format/datum/row-decoder';
import { decodeTablePrefix, encodeTablePrefix, prefixEnd } from '../format/datum/table-key';
import { VALUE_HEADER_BYTES } from '../format/mvcc/value';
import type { VersionIterator } from '../format/mvcc/version-iterator';
import type { KeySpan } from './coverage';
import type { RestoredTable } from './plan';

/** How the keys of one backed-up table become rows of a restored one. Everything is decided before the first key. */
export interface TableLoad {
  readonly newId: number;
  readonly name: string;
  /** Of the source cluster's keys: all that can hold this table's rows and index entries. */
  readonly span: KeySpan;
  /** What the backup must cover: the spans of the indexes that are restored. */
  readonly requiredSpans: readonly KeySpan[];
  /** Undefined for sequences and for views without rows. */
  readonly physical: PhysicalTable | undefined;
  /** Writes one range's pairs. Made anew for each range. */
  open(db: Connection): RangeLoad;
}

/** One range being written, inside a transaction. */
export interface RangeLoad {
  /** Takes what the iterator has loaded. @param file of the pairs, for errors */
  take(versions: VersionIterator, file: string): void;
  /** Writes what is held back. @returns what the range held, as RESTORE counts it */
  finish(): RangeContents;
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
  if (source.sequenceOpts !== undefined) {
    return { ...common, physical: undefined, open: (db) => new SequenceLoad(db, source, table) };
  }
  const physical = physicalTable(target, (id) => catalog.enumMetadata(id));
  const layout = rowLayout(source, backup);
  return { ...common, physical, open: (db) => new RowLoad(db, source, table, physical, layout) };
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
    interleaveAncestors: ancestorsOf(primary),
    file: table.name,
  };
}

function ancestorsOf(index: IndexDescriptor) {
  return (index.interleave?.ancestors ?? []).map(({ tableId, indexId, sharedPrefixLen }) => ({
    tableId,
    indexId,
    sharedPrefixLength: sharedPrefixLen,
  }));
}

/** Bytes that a key grows by when its table id is rewritten. */
const keyGrowth = (table: RestoredTable): number =>
  encodeTablePrefix(table.newId).length - encodeTablePrefix(table.oldId).length;

/** Family 0, which every index entry has, ends a key with this byte (format reference 04 §5). */
const FAMILY_0_SUFFIX = 0x88;

class RowLoad implements RangeLoad {
  private readonly inserter: BulkInserter;
  private readonly decoder: RowDecoder;
  private readonly tableId: number;
  private readonly secondaryIndexIds: ReadonlySet<number>;
  private readonly growth: number;
  private sizeBytes = 0;
  private indexEntries = 0;
  /** Neighbours often have the same version; a bigint is made only when it changes. */
  private wallHigh = -1;
  private wallLow = -1;
  private version = 0n;

  constructor(
    db: Connection,
    source: TableDescriptor,
    table: RestoredTable,
    physical: PhysicalTable,
    layout: RowLayout,
  ) {
    this.inserter = new BulkInserter(db, physical);
    this.decoder = compileRowDecoder(layout, (row, version) => this.inserter.add(row, version));
    this.tableId = table.oldId;
    this.secondaryIndexIds = new Set(source.indexes.map((index) => index.id));
    this.growth = keyGrowth(table);
  }

  take(versions: VersionIterator, file: string): void {
    const { decoder } = this;
    decoder.file = file;
    while (versions.next()) {
      if (versions.wallLow !== this.wallLow || versions.wallHigh !== this.wallHigh) {
        this.wallLow = versions.wallLow;
        this.wallHigh = versions.wallHigh;
        this.version = versions.wallTime;
      }
      const { keyBuffer, keyLength, valueBytes, dataStart, dataEnd } = versions;
      const { tag } = versions;
      const { version } = this;
      const isRow = decoder.add(keyBuffer, keyLength, tag, valueBytes, dataStart, dataEnd, version);
      if (!isRow) {
        if (!this.isIndexEntry(versions.key, file)) continue;
        if (keyBuffer[keyLength - 1] === FAMILY_0_SUFFIX) this.indexEntries++;
      }
      this.sizeBytes += keyLength + this.growth + VALUE_HEADER_BYTES + dataEnd - dataStart;
    }
  }

  private isIndexEntry(key: Uint8Array, file: string): boolean {
    const prefix = decodeTablePrefix(key, file);
    return prefix.tableId === this.tableId && this.secondaryIndexIds.has(prefix.indexId);
  }

  finish(): RangeContents {
    this.decoder.finish();
    this.inserter.flush();
    const { sizeBytes, indexEntries } = this;
    return { sizeBytes, indexEntries, rowCount: this.inserter.rowCount };
  }
}

class SequenceLoad implements RangeLoad {
  private readonly db: Connection;
  private readonly table: RestoredTable;
  private readonly name: string;
  private rowCount = 0;
  private sizeBytes = 0;

  constructor(db: Connection, source: TableDescriptor, table: RestoredTable) {
    this.db = db;
    this.table = table;
    this.name = source.name;
  }

  take(versions: VersionIterator, file: string): void {
    while (versions.next()) {
      const value = decodeSequenceValue(versions.tag, versions.data, `${file} (${this.name})`);
      writeSequence(this.db, this.table.newId, value);
      this.rowCount++;
      this.sizeBytes +=
        versions.keyLength +
        keyGrowth(this.table) +
        VALUE_HEADER_BYTES +
        versions.dataEnd -
        versions.dataStart;
    }
  }

  finish(): RangeContents {
    return { rowCount: this.rowCount, indexEntries: 0, sizeBytes: this.sizeBytes };
  }
}
