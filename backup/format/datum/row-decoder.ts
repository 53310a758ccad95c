import { notSupported } from '../../../base/errors';
import { invariant } from '../../../base/invariant';
import type { Repr, SqlType } from '../../../catalog/types/sql-type';
import { ValueTag } from '../mvcc/value';
import { checkUtf8, DatumReader, isAsciiText } from './datum-reader';
import { compileKeyDecoder, type KeyDecoder } from './key-decoder';
import { encodeTablePrefix, readFamilySuffix } from './table-key';
import { compileUntaggedDecoder, type UntaggedDecoder } from './untagged-decoder';
import {
  compileValueDecoder,
  type RawValue,
  readLength,
  skipValue,
  type ValueDecoder,
} from './value-decoder';
import { KeyMarker, ValueType } from './value-type';

/**
 * Rows of a primary index from its sorted key-value pairs (format reference 04 §3 and §6).
 *
 *     key:   table prefix | key columns | column family
 *     value: TUPLE of `tag(column id difference, type) payload …`, or one value without a tag
 *
 * Everything that depends on the table is chosen when the decoder is compiled; a row costs no closure and no object
 * beyond its values.
 */

export interface RowColumn {
  readonly id: number;
  readonly type: SqlType;
}

export interface RowFamily {
  readonly id: number;
  /** 0 = none. */
  readonly defaultColumnId: number;
}

export interface RowKeyColumn {
  readonly columnId: number;
  readonly descending: boolean;
  /** Needed when the column is not among `columns`. */
  readonly type?: SqlType;
}

export interface InterleaveAncestor {
  readonly tableId: number;
  readonly indexId: number;
  /** Key columns that this ancestor adds. */
  readonly sharedPrefixLength: number;
}

/** What of descriptors the decoder needs. */
export interface RowLayout {
  /** Of the backup, not of the restored table. */
  readonly tableId: number;
  readonly indexId: number;
  readonly tenantId?: number;
  /** In the order wanted in rows; computed virtual columns left out. */
  readonly columns: readonly RowColumn[];
  readonly keyColumns: readonly RowKeyColumn[];
  readonly families: readonly RowFamily[];
  /** Outermost first. */
  readonly interleaveAncestors?: readonly InterleaveAncestor[];
  /** For error messages. */
  readonly file: string;
}

/** What a decoder puts a row's values into, by slot: the place of the column among `columns`. Bytes are copied. */
export interface RowValues {
  /** Begins a row: all NULL. */
  clear(): void;
  set(slot: number, value: Repr): void;
  setBytes(slot: number, bytes: Buffer, start: number, end: number): void;
  /** @returns whether the text is ASCII; if not, the caller checks that it is UTF-8 */
  setText(slot: number, bytes: Buffer, start: number, end: number): boolean;
  isBytes(slot: number): boolean;
}

/**
 * Called for each complete row.
 * @param row one value for each of `columns`; reused, so copy what is kept
 * @param version the highest that `add` was given for the row: the time of its last change
 */
export type RowSink = (row: Repr[], version: bigint) => void;

/** As `RowSink`, with the row in the decoder's `RowValues`. */
export type RowListener = (version: bigint) => void;

export interface RowDecoder {
  /** For error messages of what follows. */
  file: string;
  /**
   * The next pair in key order. A row is handed to the sink when the first pair of another row arrives.
   * @param key its first `keyLength` bytes, without an MVCC suffix; may be reused after the call
   * @param tag the value's type
   * @param value what follows the tag is its bytes [start, end)
   * @param version wall time of the pair
   * @returns false when the pair is not of this index (rows of interleaved tables): it is skipped
   * @throws CorruptionError
   */
  add(
    key: Uint8Array,
    keyLength: number,
    tag: number,
    value: Uint8Array,
    start: number,
    end: number,
    version?: bigint,
  ): boolean;
  /** Hands over the last row. */
  finish(): void;
}

/** Bytes that have to be there, then columns. */
interface KeySegment {
  readonly prefix: Uint8Array;
  readonly columns: readonly KeyDecoder[];
  /** Followed by another segment. */
  readonly interleaved: boolean;
}

const UUID_BYTES = 16;

/** In a tag: the type id follows. */
const LONG_TYPE = 15;

function startsWith(reader: DatumReader, prefix: Uint8Array): boolean {
  const { bytes, position } = reader;
  if (reader.end - position < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[position + i] !== prefix[i]) return false;
  return true;
}

function compileSegments(layout: RowLayout, decoders: readonly KeyDecoder[]): KeySegment[] {
  const segments: KeySegment[] = [];
  let at = 0;
  let tenant = layout.tenantId;
  for (const ancestor of layout.interleaveAncestors ?? []) {
    segments.push({
      prefix: encodeTablePrefix(ancestor.tableId, ancestor.indexId, tenant),
      columns: decoders.slice(at, at + ancestor.sharedPrefixLength),
      interleaved: true,
    });
    at += ancestor.sharedPrefixLength;
    // Only the first table id follows the tenant.
    tenant = 1;
  }
  segments.push({
    prefix: encodeTablePrefix(layout.tableId, layout.indexId, tenant),
    columns: decoders.slice(at),
    interleaved: false,
  });
  return segments;
}

/** Value and untagged decoders by column id; holes are columns that the descriptor does not know. */
interface ColumnTables {
  readonly slotById: Int32Array;
  readonly valueById: readonly (ValueDecoder | undefined)[];
  readonly typeById: ReadonlyMap<number, SqlType>;
}

function compileColumns(layout: RowLayout): ColumnTables {
  const idMax = layout.columns.reduce((max, column) => Math.max(max, column.id), 0);
  const slotById = new Int32Array(idMax + 1).fill(-1);
  const valueById = new Array<ValueDecoder | undefined>(idMax + 1);
  const typeById = new Map<number, SqlType>();
  for (const [slot, column] of layout.columns.entries()) {
    slotById[column.id] = slot;
    valueById[column.id] = compileValueDecoder(column.type);
    typeById.set(column.id, column.type);
  }
  return { slotById, valueById, typeById };
}

class CompiledRowDecoder implements RowDecoder {
  /** One cursor each, which keep their view of a buffer that goes on being used. */
  private readonly keys: DatumReader;
  private readonly values: DatumReader;
  private readonly onRow: RowListener;
  private readonly segments: readonly KeySegment[];
  private readonly slotById: Int32Array;
  private readonly valueById: readonly (ValueDecoder | undefined)[];
  private readonly untaggedByFamily = new Map<number, UntaggedDecoder>();
  private readonly slotByFamily = new Map<number, number>();
  /** Slots whose key holds a collation key; the text has to come from the value. */
  private readonly collatedSlots: readonly number[];
  private readonly row: RowValues;
  private readonly keyValues: Repr[];
  /** Of each key column, the index in the row; -1 = not wanted. */
  private readonly keySlots: readonly number[];
  private hasRow = false;
  private version = 0n;
  /** The current row's key without its column family. */
  private rowKey = Buffer.alloc(64);
  private rowKeyLength = 0;

  constructor(layout: RowLayout, row: RowValues, onRow: RowListener) {
    this.keys = new DatumReader(layout.file);
    this.values = new DatumReader(layout.file);
    this.onRow = onRow;
    this.row = row;
    const { slotById, valueById, typeById } = compileColumns(layout);
    this.slotById = slotById;
    this.valueById = valueById;
    this.keySlots = layout.keyColumns.map(({ columnId }) => slotById[columnId] ?? -1);
    this.keyValues = new Array<Repr>(this.keySlots.length).fill(null);
    const keyTypes = layout.keyColumns.map(({ columnId, type }) => {
      const keyType = typeById.get(columnId) ?? type;
      invariant(keyType !== undefined, `type of key column ${columnId}`);
      return keyType;
    });
    this.collatedSlots = this.keySlots.filter(
      (slot, i) => slot >= 0 && keyTypes[i]?.family === 'collatedstring',
    );
    const decoders = layout.keyColumns.map(({ descending }, i) =>
      compileKeyDecoder(keyTypes[i] as SqlType, descending),
    );
    this.segments = compileSegments(layout, decoders);
    for (const family of layout.families) {
      const type = typeById.get(family.defaultColumnId);
      if (type === undefined || type.family === 'tuple' || type.family === 'void') continue;
      this.untaggedByFamily.set(family.id, compileUntaggedDecoder(type));
      this.slotByFamily.set(family.id, slotById[family.defaultColumnId] ?? -1);
    }
  }

  get file(): string {
    return this.keys.file;
  }

  set file(file: string) {
    this.keys.file = file;
    this.values.file = file;
  }

  add(
    key: Uint8Array,
    keyLength: number,
    tag: number,
    value: Uint8Array,
    start: number,
    end: number,
    version = 0n,
  ): boolean {
    const { keys } = this;
    keys.reset(key, 0, keyLength);
    if (this.isOfCurrentRow(key, keyLength)) {
      keys.position = this.rowKeyLength;
      if (key[this.rowKeyLength] === KeyMarker.Interleaved) return false;
      if (version > this.version) this.version = version;
    } else {
      if (!this.readKey()) return false;
      this.startRow(key, version);
    }
    const family = readFamilySuffix(keys);
    this.values.reset(value, start, end);
    if (tag === ValueTag.tuple) this.readTuple();
    else this.readUntagged(family, tag);
    return true;
  }

  finish(): void {
    if (!this.hasRow) return;
    this.hasRow = false;
    this.rowKeyLength = 0;
    for (const slot of this.collatedSlots)
      if (this.row.isBytes(slot)) this.keys.fail('collated key column without its text');
    this.onRow(this.version);
  }

  /** Keys are prefix-free, so a key that goes on where the row's ends is of the same row. */
  private isOfCurrentRow(key: Uint8Array, keyLength: number): boolean {
    if (!this.hasRow) return false;
    const { rowKey, rowKeyLength } = this;
    if (keyLength <= rowKeyLength) return false;
    // Neighbours differ near the end.
    for (let i = rowKeyLength - 1; i >= 0; i--) if (key[i] !== rowKey[i]) return false;
    return true;
  }

  /** Hands over the row before; the new one's key columns are in `keyValues`. */
  private startRow(key: Uint8Array, version: bigint): void {
    this.finish();
    const { row, keyValues, keySlots } = this;
    row.clear();
    for (let i = 0; i < keySlots.length; i++) {
      const slot = keySlots[i] as number;
      if (slot >= 0) row.set(slot, keyValues[i] as Repr);
    }
    this.hasRow = true;
    this.version = version;
    const length = this.keys.position;
    if (this.rowKey.length < length) this.rowKey = Buffer.alloc(length * 2);
    const { rowKey } = this;
    for (let i = 0; i < length; i++) rowKey[i] = key[i] as number;
    this.rowKeyLength = length;
  }

  /** Reads the key columns into `keyValues`; false when the key is of another index or of an interleaved table. */
  private readKey(): boolean {
    const { keys: reader, segments, keyValues } = this;
    let count = 0;
    for (let i = 0; i < segments.length; i++) {
      const segment = segments[i] as KeySegment;
      if (!startsWith(reader, segment.prefix)) return false;
      reader.position += segment.prefix.length;
      const { columns } = segment;
      for (let c = 0; c < columns.length; c++)
        keyValues[count++] = (columns[c] as KeyDecoder)(reader);
      const interleaved =
        reader.position < reader.end && reader.bytes[reader.position] === KeyMarker.Interleaved;
      if (interleaved !== segment.interleaved) return false;
      if (interleaved) reader.position++;
    }
    return true;
  }

  private readTuple(): void {
    const { values: reader, slotById, valueById, row } = this;
    let columnId = 0;
    while (reader.position < reader.end) {
      const tag = reader.nsu();
      let wireType = tag % 16;
      columnId += (tag - wireType) / 16;
      if (wireType === LONG_TYPE) wireType = reader.nsu();
      const decoder = valueById[columnId];
      if (decoder === undefined) {
        skipValue(reader, wireType);
        continue;
      }
      const slot = slotById[columnId] as number;
      if (wireType === decoder.wireType || wireType === decoder.alternateWireType) {
        if (decoder.raw === undefined) row.set(slot, decoder.decode(reader, wireType));
        else this.readRaw(slot, decoder.raw);
      } else if (wireType === ValueType.Null) row.set(slot, null);
      else reader.fail(`column ${columnId} has a value of type ${wireType}`);
    }
  }

  /** A value that is stored as it lies in the backup. */
  private readRaw(slot: number, raw: RawValue): void {
    const { values: reader, row } = this;
    const length = raw === 'uuid' ? UUID_BYTES : readLength(reader);
    const start = reader.take(length);
    const end = start + length;
    if (raw !== 'text') row.setBytes(slot, reader.bytes, start, end);
    else if (!row.setText(slot, reader.bytes, start, end)) checkUtf8(reader, start, end);
  }

  private readUntagged(family: number, tag: number): void {
    const { values: reader } = this;
    const decoder = this.untaggedByFamily.get(family);
    // The family's column was dropped; the pair only says that the row is there.
    if (decoder === undefined) return;
    if (tag !== decoder.tag) reader.fail(`column family ${family} has a value of type ${tag}`);
    const slot = this.slotByFamily.get(family) ?? -1;
    if (slot >= 0) this.row.set(slot, decoder.decode(reader));
  }
}

/** A row as one JavaScript value a column. */
class ReprRow implements RowValues {
  readonly row: Repr[];

  constructor(width: number) {
    this.row = new Array<Repr>(width).fill(null);
  }

  clear(): void {
    this.row.fill(null);
  }

  set(slot: number, value: Repr): void {
    this.row[slot] = value;
  }

  setBytes(slot: number, bytes: Buffer, start: number, end: number): void {
    this.row[slot] = Uint8Array.prototype.slice.call(bytes, start, end);
  }

  setText(slot: number, bytes: Buffer, start: number, end: number): boolean {
    const ascii = isAsciiText(bytes, start, end);
    this.row[slot] = bytes.toString(ascii ? 'latin1' : 'utf8', start, end);
    return ascii;
  }

  isBytes(slot: number): boolean {
    return this.row[slot] instanceof Uint8Array;
  }
}

/** @throws SqlError 0A000 when a column's type cannot be decoded */
export function compileRowDecoder(layout: RowLayout, sink: RowSink): RowDecoder {
  const values = new ReprRow(layout.columns.length);
  return compileRowDecoderInto(layout, values, (version) => sink(values.row, version));
}

/** As `compileRowDecoder`, for rows that become something else than JavaScript values. */
export function compileRowDecoderInto(
  layout: RowLayout,
  values: RowValues,
  onRow: RowListener,
): RowDecoder {
  const known = layout.columns.every((column) => column.id > 0 && column.id <= 1 << 20);
  if (!known) throw notSupported('a table with column ids above 1048576');
  return new CompiledRowDecoder(layout, values, onRow);
}

/** The stored value of a sequence: the last one handed out, or start - increment. */
export function decodeSequenceValue(tag: number, data: Uint8Array, file: string): bigint {
  const reader = new DatumReader(file);
  reader.reset(data);
  if (tag !== ValueTag.int) reader.fail(`sequence value of type ${tag}`);
  const value = reader.zigzag();
  if (reader.remaining !== 0) reader.fail('bytes after a sequence value');
  return BigInt(value);
}
