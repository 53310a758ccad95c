import { ByteWriter } from '../../../base/byte-writer';
import { defined } from '../../../base/invariant';
import type { SqlType } from '../../../catalog/types/sql-type';
import type { RecordReader } from '../../../storage/staging/record-reader';
import { VALUE_HEADER_BYTES, ValueTag, valueChecksum } from '../mvcc/value';
import type { InterleaveAncestor } from './row-decoder';
import {
  compileStoredIsComposite,
  compileStoredKey,
  compileStoredValue,
  type StoredKeyWriter,
  type StoredValueEncoder,
} from './stored-encoder';
import { encodeTablePrefix, writeFamilySuffix } from './table-key';
import { compileUntaggedEncoder, type UntaggedEncoder, writeValueTag } from './value-encoder';
import { KeyMarker } from './value-type';

/**
 * Rows to the key-value pairs of a primary index, one a column family: the inverse of row-decoder.ts
 * (format reference 04 §3). Everything that depends on the table is chosen when the encoder is made.
 */

export interface EncodedColumn {
  readonly id: number;
  readonly type: SqlType;
}

export interface EncodedKeyColumn {
  readonly columnId: number;
  readonly descending: boolean;
}

export interface EncodedFamily {
  readonly id: number;
  readonly columnIds: readonly number[];
  /** 0 = none. */
  readonly defaultColumnId: number;
}

export interface EncodedRows {
  readonly tableId: number;
  /** In the order of the rows that are given; virtual columns that an index needs are among them. */
  readonly columns: readonly EncodedColumn[];
  readonly primaryId: number;
  readonly primaryKey: readonly EncodedKeyColumn[];
  /** By id. */
  readonly families: readonly EncodedFamily[];
  /** Of an interleaved primary key, outermost first. */
  readonly interleaveAncestors?: readonly InterleaveAncestor[];
}

/**
 * Takes a pair. Both writers are used again: what is kept has to be copied.
 * @param key without MVCC suffix @param value its checksum, tag and data
 */
export type PairSink = (key: ByteWriter, value: ByteWriter) => void;

/** Writes the row's columns of a key, NULL included, in the order of the key. */
export type KeyPartWriter = (writer: ByteWriter, row: RecordReader) => void;

export const slotOf = (rows: EncodedRows, columnId: number): number => {
  const slot = rows.columns.findIndex((column) => column.id === columnId);
  defined(rows.columns[slot], `column ${columnId} of table ${rows.tableId}`);
  return slot;
};

export const columnOf = (rows: EncodedRows, columnId: number): EncodedColumn =>
  defined(rows.columns[slotOf(rows, columnId)], `column ${columnId}`);

/** @throws SqlError 0A000 for types whose keys cannot be written exactly */
export function compileKeyPart(
  rows: EncodedRows,
  columns: readonly EncodedKeyColumn[],
): KeyPartWriter {
  const slots = columns.map(({ columnId }) => slotOf(rows, columnId));
  const writers = columns.map(({ columnId, descending }) =>
    compileStoredKey(columnOf(rows, columnId).type, descending),
  );
  return (writer, row) => {
    for (let i = 0; i < slots.length; i++)
      (writers[i] as StoredKeyWriter)(writer, row, slots[i] as number);
  };
}

interface TupleColumn {
  readonly id: number;
  readonly slot: number;
  readonly encoder: StoredValueEncoder;
  /** Of columns whose key may hold the value already: whether it has to be stored all the same. */
  readonly isComposite: ((row: RecordReader, slot: number) => boolean) | undefined;
}

/** The columns of a value, each with its tag; those without a value are left out. */
export class TupleWriter {
  private readonly columns: readonly TupleColumn[];

  /** @param keyIds columns that only are stored when their key does not tell their value */
  constructor(rows: EncodedRows, ids: Iterable<number>, keyIds: ReadonlySet<number>) {
    this.columns = [...new Set(ids)]
      .sort((a, b) => a - b)
      .flatMap((id) => {
        const { type } = columnOf(rows, id);
        const isComposite = keyIds.has(id) ? compileStoredIsComposite(type) : undefined;
        if (keyIds.has(id) && isComposite === undefined) return [];
        return [{ id, slot: slotOf(rows, id), encoder: compileStoredValue(type), isComposite }];
      });
  }

  /** @returns whether any column was written */
  write(writer: ByteWriter, row: RecordReader): boolean {
    let before = 0;
    const { columns } = this;
    for (let i = 0; i < columns.length; i++) {
      const { id, slot, encoder, isComposite } = columns[i] as TupleColumn;
      if (row.isNull(slot) || (isComposite !== undefined && !isComposite(row, slot))) continue;
      writeValueTag(writer, id - before, encoder.wireType ?? encoder.wireTypeOf(row, slot));
      encoder.write(writer, row, slot);
      before = id;
    }
    return before !== 0;
  }
}

/** Starts a value whose checksum `finishValue` fills in. */
export function startValue(value: ByteWriter, tag: number): void {
  value.clear();
  value.u32be(0).u8(tag);
}

export function finishValue(key: ByteWriter, value: ByteWriter): void {
  value.patchU32be(0, valueChecksum(key.bytes, key.length, value.bytes, 0, value.length));
}

interface FamilyWriter {
  readonly id: number;
  readonly tuple: TupleWriter;
  /** Of a family that holds one column alone. */
  readonly single: { readonly slot: number; readonly encoder: UntaggedEncoder } | undefined;
}

/** A key begins with its prefix; the columns of what an interleaved one lies in come before its own prefix. */
function compileKey(
  rows: EncodedRows,
  indexId: number,
  keyColumns: readonly EncodedKeyColumn[],
): { readonly prefix: Uint8Array; readonly keyPart: KeyPartWriter } {
  const own = encodeTablePrefix(rows.tableId, indexId);
  const { interleaveAncestors = [] } = rows;
  const [root, ...inner] = indexId === rows.primaryId ? interleaveAncestors : [];
  if (root === undefined) return { prefix: own, keyPart: compileKeyPart(rows, keyColumns) };
  const prefixes = inner.map((each) => encodeTablePrefix(each.tableId, each.indexId));
  let from = 0;
  const shared = [root, ...inner].map(({ sharedPrefixLength }, i) => {
    const columns = keyColumns.slice(from, from + sharedPrefixLength);
    from += sharedPrefixLength;
    return { write: compileKeyPart(rows, columns), next: prefixes[i] ?? own };
  });
  const rest = compileKeyPart(rows, keyColumns.slice(from));
  const keyPart: KeyPartWriter = (writer, row) => {
    for (const { write, next } of shared) {
      write(writer, row);
      writer.u8(KeyMarker.Interleaved).raw(next);
    }
    rest(writer, row);
  };
  return { prefix: encodeTablePrefix(root.tableId, root.indexId), keyPart };
}

export class RowEncoder {
  private readonly prefix: Uint8Array;
  private readonly keyPart: KeyPartWriter;
  private readonly families: readonly FamilyWriter[];
  private readonly key = new ByteWriter(256);
  private readonly value = new ByteWriter(1024);

  /** @throws SqlError 0A000 for types whose keys cannot be written exactly */
  constructor(rows: EncodedRows, indexId = rows.primaryId, keyColumns = rows.primaryKey) {
    const { prefix, keyPart } = compileKey(rows, indexId, keyColumns);
    this.prefix = prefix;
    this.keyPart = keyPart;
    const keyIds = new Set(keyColumns.map(({ columnId }) => columnId));
    this.families = rows.families.map((family) => familyWriter(rows, family, keyIds));
  }

  /** The row's key without a column family. @param row with the columns of the key at least */
  rowKey(row: RecordReader): Uint8Array {
    const key = new ByteWriter(64);
    key.raw(this.prefix);
    this.keyPart(key, row);
    return key.toBytes();
  }

  /** The pairs of a row, in key order. */
  encode(row: RecordReader, sink: PairSink): void {
    const { key, value } = this;
    key.clear();
    key.raw(this.prefix);
    this.keyPart(key, row);
    const length = key.length;
    for (const family of this.families) {
      if (!this.startFamily(family, row)) continue;
      key.truncate(length);
      writeFamilySuffix(key, family.id);
      finishValue(key, value);
      sink(key, value);
    }
  }

  /** @returns false when the family has no pair */
  private startFamily({ id, tuple, single }: FamilyWriter, row: RecordReader): boolean {
    const { value } = this;
    if (single !== undefined) {
      if (row.isNull(single.slot)) return false;
      startValue(value, single.encoder.tag);
      single.encoder.write(value, row.value(single.slot));
      return true;
    }
    startValue(value, ValueTag.tuple);
    return tuple.write(value, row) || id === 0;
  }
}

/** Family 0 says that the row is there: it is a tuple, and has a pair, whatever it holds. */
function familyWriter(
  rows: EncodedRows,
  { id, columnIds, defaultColumnId }: EncodedFamily,
  keyIds: ReadonlySet<number>,
): FamilyWriter {
  const known = new Set(rows.columns.map((column) => column.id));
  const ids = columnIds.filter((columnId) => known.has(columnId));
  const tuple = new TupleWriter(rows, ids, keyIds);
  const [only] = columnIds;
  const isSingle =
    id !== 0 && columnIds.length === 1 && only === defaultColumnId && known.has(defaultColumnId);
  if (!isSingle || keyIds.has(defaultColumnId)) return { id, tuple, single: undefined };
  const { type } = columnOf(rows, defaultColumnId);
  const single = { slot: slotOf(rows, defaultColumnId), encoder: compileUntaggedEncoder(type) };
  return { id, tuple, single };
}

/** The pair of a sequence: the last value handed out, or start - increment. */
export function encodeSequence(tableId: number, stored: bigint, sink: PairSink): void {
  const key = new ByteWriter(32);
  const value = new ByteWriter(VALUE_HEADER_BYTES + 10);
  // The value of a key column that no sequence has: 0.
  key.raw(encodeTablePrefix(tableId, 1)).u8(0x88);
  writeFamilySuffix(key, 0);
  startValue(value, ValueTag.int);
  value.uvarint(BigInt.asUintN(64, (stored << 1n) ^ (stored >> 63n)));
  finishValue(key, value);
  sink(key, value);
}
