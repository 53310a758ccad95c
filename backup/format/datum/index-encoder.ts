import { ByteWriter } from '../../../base/byte-writer';
import { defined } from '../../../base/invariant';
import type { RecordReader } from '../../../storage/staging/record-reader';
import { ValueTag } from '../mvcc/value';
import { compileInvertedKeys, type InvertedKeys } from './inverted-keys';
import {
  columnOf,
  compileKeyPart,
  type EncodedKeyColumn,
  type EncodedRows,
  finishValue,
  type KeyPartWriter,
  type PairSink,
  RowEncoder,
  slotOf,
  startValue,
  TupleWriter,
} from './row-encoder';
import { encodeTablePrefix, writeFamilySuffix } from './table-key';

/**
 * Rows to the entries of a secondary index (format reference 04 §4).
 *
 *     key:   prefix | index columns | suffix columns, unless the index is unique and none of its columns is NULL | family
 *     value: BYTES [suffix columns of a unique index, as in keys] stored and composite columns
 */

export interface EncodedIndex {
  readonly id: number;
  readonly unique: boolean;
  readonly inverted: boolean;
  /** Of the descriptor: from 1 on stored columns lie by column family, from 2 on empty arrays have entries. */
  readonly version: number;
  /** Encoded as a primary index is. */
  readonly asPrimary: boolean;
  readonly keyColumns: readonly EncodedKeyColumn[];
  /** Of the primary key, those that are not among the index's columns. */
  readonly suffixColumnIds: readonly number[];
  readonly storedColumnIds: readonly number[];
  readonly compositeColumnIds: readonly number[];
}

const FAMILY_AWARE_VERSION = 1;

export interface IndexEncoder {
  /** The entries of a row; in key order, but for those of an inverted index. */
  encode(row: RecordReader, sink: PairSink): void;
}

/** Columns that an index's entries are made of. */
export function indexColumnIds(rows: EncodedRows, index: EncodedIndex): Set<number> {
  const ids = new Set([
    ...index.keyColumns.map(({ columnId }) => columnId),
    ...index.suffixColumnIds,
    ...index.storedColumnIds,
    ...index.compositeColumnIds,
  ]);
  if (index.asPrimary)
    for (const { columnIds } of rows.families) for (const id of columnIds) ids.add(id);
  return ids;
}

/** @throws SqlError 0A000 for types whose keys cannot be written exactly */
export function compileIndexEncoder(rows: EncodedRows, index: EncodedIndex): IndexEncoder {
  if (index.asPrimary) return new RowEncoder(rows, index.id, index.keyColumns);
  return index.inverted ? new InvertedEncoder(rows, index) : new ForwardEncoder(rows, index);
}

const ascending = (columnId: number): EncodedKeyColumn => ({ columnId, descending: false });

interface FamilyPart {
  readonly id: number;
  readonly tuple: TupleWriter;
}

/** What an entry's value says beside its key. */
class EntryValues {
  private readonly first: TupleWriter;
  /** Of column families other than the first. */
  private readonly others: readonly FamilyPart[];

  constructor(rows: EncodedRows, index: EncodedIndex) {
    const composite = new Set(index.compositeColumnIds);
    const byFamily = index.version >= FAMILY_AWARE_VERSION && rows.families.length > 1;
    const stored = index.storedColumnIds;
    if (!byFamily) {
      this.first = new TupleWriter(rows, [...stored, ...composite], composite);
      this.others = [];
      return;
    }
    const storedIn = (columnIds: readonly number[]) =>
      stored.filter((id) => columnIds.includes(id));
    const ofFirst = storedIn(rows.families.find(({ id }) => id === 0)?.columnIds ?? []);
    this.first = new TupleWriter(rows, [...ofFirst, ...composite], composite);
    this.others = rows.families
      .filter(({ id, columnIds }) => id !== 0 && storedIn(columnIds).length > 0)
      .map(({ id, columnIds }) => ({
        id,
        tuple: new TupleWriter(rows, storedIn(columnIds), new Set()),
      }));
  }

  /** @param key without its family @param value started, with what comes before the columns */
  write(row: RecordReader, key: ByteWriter, value: ByteWriter, sink: PairSink): void {
    const length = key.length;
    this.first.write(value, row);
    writeFamilySuffix(key, 0);
    finishValue(key, value);
    sink(key, value);
    for (const { id, tuple } of this.others) {
      startValue(value, ValueTag.tuple);
      if (!tuple.write(value, row)) continue;
      key.truncate(length);
      writeFamilySuffix(key, id);
      finishValue(key, value);
      sink(key, value);
    }
  }
}

class ForwardEncoder implements IndexEncoder {
  private readonly prefix: Uint8Array;
  private readonly keyPart: KeyPartWriter;
  private readonly suffix: KeyPartWriter;
  private readonly keySlots: readonly number[];
  private readonly unique: boolean;
  private readonly values: EntryValues;
  private readonly key = new ByteWriter(256);
  private readonly value = new ByteWriter(256);

  constructor(rows: EncodedRows, index: EncodedIndex) {
    this.prefix = encodeTablePrefix(rows.tableId, index.id);
    this.keyPart = compileKeyPart(rows, index.keyColumns);
    this.suffix = compileKeyPart(rows, index.suffixColumnIds.map(ascending));
    this.keySlots = index.keyColumns.map(({ columnId }) => slotOf(rows, columnId));
    this.unique = index.unique;
    this.values = new EntryValues(rows, index);
  }

  encode(row: RecordReader, sink: PairSink): void {
    const { key, value } = this;
    key.clear();
    key.raw(this.prefix);
    this.keyPart(key, row);
    startValue(value, ValueTag.bytes);
    if (this.unique) this.suffix(value, row);
    if (!this.unique || this.keySlots.some((slot) => row.isNull(slot))) this.suffix(key, row);
    this.values.write(row, key, value, sink);
  }
}

class InvertedEncoder implements IndexEncoder {
  private readonly prefix: Uint8Array;
  /** Columns before the inverted one. */
  private readonly leading: KeyPartWriter;
  private readonly slot: number;
  private readonly keys: InvertedKeys;
  private readonly suffix: KeyPartWriter;
  private readonly values: EntryValues;
  private readonly key = new ByteWriter(256);
  private readonly value = new ByteWriter(64);

  constructor(rows: EncodedRows, index: EncodedIndex) {
    const inverted = defined(index.keyColumns.at(-1), 'column of an inverted index').columnId;
    this.prefix = encodeTablePrefix(rows.tableId, index.id);
    this.leading = compileKeyPart(rows, index.keyColumns.slice(0, -1));
    this.slot = slotOf(rows, inverted);
    this.keys = compileInvertedKeys(columnOf(rows, inverted).type, index.version);
    this.suffix = compileKeyPart(rows, index.suffixColumnIds.map(ascending));
    this.values = new EntryValues(rows, {
      ...index,
      compositeColumnIds: index.compositeColumnIds.filter((id) => id !== inverted),
    });
  }

  encode(row: RecordReader, sink: PairSink): void {
    const datum = row.value(this.slot);
    if (datum === null) return;
    const { key, value } = this;
    key.clear();
    key.raw(this.prefix);
    this.leading(key, row);
    const length = key.length;
    // An element that occurs twice has one entry.
    const seen = new Set<string>();
    this.keys(datum, (write) => {
      key.truncate(length);
      write(key);
      const text = Buffer.from(key.view().subarray(length)).toString('latin1');
      if (seen.has(text)) return;
      seen.add(text);
      this.suffix(key, row);
      startValue(value, ValueTag.bytes);
      this.values.write(row, key, value, sink);
    });
  }
}
