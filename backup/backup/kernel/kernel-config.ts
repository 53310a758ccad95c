import { DATE_MAX_DAYS, DATE_MIN_DAYS } from '../../../catalog/types/datetime';
import type { SqlType, TypeFamily } from '../../../catalog/types/sql-type';
import type { RecordLayout } from '../../../storage/pages/stored-record-reader';
import type { EncodedIndex } from '../../format/datum/index-encoder';
import {
  columnOf,
  type EncodedKeyColumn,
  type EncodedRows,
  slotOf,
} from '../../format/datum/row-encoder';
import { compileStoredIsComposite } from '../../format/datum/stored-encoder';
import { encodeTablePrefix } from '../../format/datum/table-key';
import { ValueTag } from '../../format/mvcc/value';
import { DATA_BLOCK_BYTES } from '../../format/sstable/table-writer';

/** An index as the kernel writes it; the offsets and numbers are those of assembly/config.ts. */

const WORDS = {
  prefixLength: 0,
  valueTag: 4,
  keyCount: 8,
  suffixCount: 12,
  isUnique: 16,
  valueCount: 20,
  slotCount: 24,
  endHigh: 28,
  endLow: 32,
  blockBytes: 36,
  dateMin: 40,
  dateMax: 44,
  timeSlot: 48,
  layoutCount: 52,
  rowidSlot: 56,
  endSlot: 60,
  sinceHigh: 96,
  sinceLow: 100,
} as const;
const PREFIX = 64;
const KEY_COLUMNS = 128;
const SUFFIX_COLUMNS = 640;
const VALUE_COLUMNS = 2048;
const LAYOUT = 14080;
const CONFIG_BYTES = 16384;

const PREFIX_BYTES_MAX = 32;
const KEY_COLUMNS_MAX = 64;
const VALUE_COLUMNS_MAX = 1000;
const SLOTS_MAX = 1024;
/** Of column ids: their tags take two bytes at most. */
const COLUMN_ID_MAX = 4095;

const KEY_OPERATIONS: { readonly [family in TypeFamily]?: number } = {
  bool: 1,
  int: 1,
  time: 1,
  oid: 1,
  date: 2,
  string: 3,
  bytes: 3,
  enum: 3,
  uuid: 3,
  inet: 3,
  timestamp: 4,
  timestamptz: 4,
};
const DESCENDING = 16;

const VALUE_OPERATIONS: { readonly [family in TypeFamily]?: number } = {
  int: 1,
  time: 1,
  oid: 1,
  date: 2,
  bool: 3,
  float: 4,
  decimal: 5,
  string: 6,
  collatedstring: 6,
  bytes: 6,
  enum: 6,
  uuid: 7,
  inet: 8,
  timestamp: 9,
  timestamptz: 9,
};

export interface KernelConfigOptions {
  /** Of the backup, which no version exceeds. */
  readonly endTime: bigint;
  readonly blockBytes?: number;
  /** Of changes; rows have a slot with the time of their end after that of their time, if there is `endSlot`, and any number of others. */
  readonly changes?: {
    /** Where their window begins. */
    readonly since: bigint;
    readonly endSlot: number | undefined;
    /** Of a row. */
    readonly slotCount: number;
  };
}

/** What the kernel writes of rows. */
export interface KernelIndex {
  readonly config: Buffer;
  readonly isPrimary: boolean;
  /** The kernel makes the pairs of most rows; otherwise JavaScript makes all of them. */
  readonly isKnown: boolean;
}

/** @returns undefined: of one row there may be several pairs, which the kernel would count apart */
export function kernelRows(
  rows: EncodedRows,
  options: KernelConfigOptions,
): KernelIndex | undefined {
  const [family, ...others] = rows.families;
  if (family?.id !== 0 || others.length > 0) return undefined;
  const keyIds = new Set(rows.primaryKey.map(({ columnId }) => columnId));
  const known = new Set(rows.columns.map(({ id }) => id));
  const index = {
    id: rows.primaryId,
    valueTag: ValueTag.tuple,
    keyColumns: rows.primaryKey,
    suffixIds: [],
    isUnique: false,
    valueIds: family.columnIds.filter((id) => known.has(id) && !keyIds.has(id)),
  };
  return { isPrimary: true, ...configOf(rows, options, index) };
}

/** @returns as `kernelRows` */
export function kernelEntries(
  rows: EncodedRows,
  index: EncodedIndex,
  options: KernelConfigOptions,
): KernelIndex | undefined {
  if (rows.families.length > 1) return undefined;
  const isForward = !index.asPrimary && !index.inverted && index.compositeColumnIds.length === 0;
  const written = isForward
    ? {
        id: index.id,
        valueTag: ValueTag.bytes,
        keyColumns: index.keyColumns,
        suffixIds: index.suffixColumnIds,
        isUnique: index.unique,
        valueIds: index.storedColumnIds,
      }
    : undefined;
  return { isPrimary: false, ...configOf(rows, options, written) };
}

/** @param index undefined: the kernel does not know it */
function configOf(
  rows: EncodedRows,
  options: KernelConfigOptions,
  index: KnownIndex | undefined,
): Pick<KernelIndex, 'config' | 'isKnown'> {
  const config = commonConfig(rows, options);
  const isKnown = index !== undefined && writeIndex(config, rows, index);
  return { config, isKnown };
}

/** As its entries are written. */
interface KnownIndex {
  readonly id: number;
  readonly valueTag: number;
  readonly keyColumns: readonly EncodedKeyColumn[];
  readonly suffixIds: readonly number[];
  readonly isUnique: boolean;
  readonly valueIds: readonly number[];
}

const set = (config: Buffer, word: keyof typeof WORDS, value: number): void =>
  void config.writeInt32LE(value | 0, WORDS[word]);

function setWide(
  config: Buffer,
  [high, low]: readonly [keyof typeof WORDS, keyof typeof WORDS],
  value: bigint,
): void {
  set(config, high, Number(value >> 32n));
  set(config, low, Number(value & 0xffffffffn));
}

/** What matters of rows of any index, also where JavaScript makes all pairs. */
function commonConfig(
  rows: EncodedRows,
  { endTime, blockBytes = DATA_BLOCK_BYTES, changes }: KernelConfigOptions,
): Buffer {
  const config = Buffer.alloc(CONFIG_BYTES);
  const timeSlot = rows.columns.length;
  set(config, 'slotCount', changes?.slotCount ?? timeSlot + 1);
  set(config, 'timeSlot', timeSlot);
  set(config, 'endSlot', changes?.endSlot ?? -1);
  setWide(config, ['endHigh', 'endLow'], endTime);
  setWide(config, ['sinceHigh', 'sinceLow'], changes?.since ?? 0n);
  set(config, 'blockBytes', blockBytes);
  set(config, 'dateMin', DATE_MIN_DAYS);
  set(config, 'dateMax', DATE_MAX_DAYS);
  return config;
}

/** @returns whether the kernel knows all of the index */
function writeIndex(config: Buffer, rows: EncodedRows, index: KnownIndex): boolean {
  const prefix = encodeTablePrefix(rows.tableId, index.id);
  const suffix = index.suffixIds.map((columnId) => ({ columnId, descending: false }));
  const isKnown =
    prefix.length <= PREFIX_BYTES_MAX &&
    config.readInt32LE(WORDS.slotCount) <= SLOTS_MAX &&
    writeKeyColumns(config, KEY_COLUMNS, rows, index.keyColumns) &&
    writeKeyColumns(config, SUFFIX_COLUMNS, rows, suffix) &&
    writeValueColumns(config, rows, index.valueIds);
  if (!isKnown) return false;
  config.set(prefix, PREFIX);
  set(config, 'prefixLength', prefix.length);
  set(config, 'valueTag', index.valueTag);
  set(config, 'keyCount', index.keyColumns.length);
  set(config, 'suffixCount', suffix.length);
  set(config, 'isUnique', index.isUnique ? 1 : 0);
  set(config, 'valueCount', new Set(index.valueIds).size);
  return true;
}

/** Records that are read as the store keeps them. @returns false when the kernel can't */
export function setLayout(config: Buffer, { slots, rowidSlot }: RecordLayout): boolean {
  if (slots.length > SLOTS_MAX) return false;
  config.writeInt32LE(slots.length, WORDS.layoutCount);
  config.writeInt32LE(rowidSlot ?? -1, WORDS.rowidSlot);
  for (const [i, slot] of slots.entries()) config.writeUInt16LE(slot, LAYOUT + 2 * i);
  return true;
}

function writeKeyColumns(
  bytes: Buffer,
  at: number,
  rows: EncodedRows,
  columns: readonly EncodedKeyColumn[],
): boolean {
  if (columns.length > KEY_COLUMNS_MAX) return false;
  for (const [i, { columnId, descending }] of columns.entries()) {
    const { type } = columnOf(rows, columnId);
    const operation = keyOperation(type);
    if (operation === undefined) return false;
    bytes.writeUInt32LE(operation + (descending ? DESCENDING : 0), at + 8 * i);
    bytes.writeUInt32LE(slotOf(rows, columnId), at + 8 * i + 4);
  }
  return true;
}

/** Of types whose keys tell all of a value. */
const keyOperation = (type: SqlType): number | undefined =>
  compileStoredIsComposite(type) === undefined ? KEY_OPERATIONS[type.family] : undefined;

function writeValueColumns(bytes: Buffer, rows: EncodedRows, ids: readonly number[]): boolean {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  if (sorted.length > VALUE_COLUMNS_MAX) return false;
  for (const [i, id] of sorted.entries()) {
    const operation = VALUE_OPERATIONS[columnOf(rows, id).type.family];
    if (operation === undefined || id < 1 || id > COLUMN_ID_MAX) return false;
    const at = VALUE_COLUMNS + 12 * i;
    bytes.writeUInt32LE(operation, at);
    bytes.writeUInt32LE(slotOf(rows, id), at + 4);
    bytes.writeUInt32LE(id, at + 8);
  }
  return true;
}
