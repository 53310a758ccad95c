import { wallNanos } from '../../../base/clock';
import { DATE_MAX_DAYS, DATE_MIN_DAYS } from '../../../catalog/types/datetime';
import type { SqlType, TypeFamily } from '../../../catalog/types/sql-type';
import type { PhysicalColumn } from '../../../storage/ranges/physical-table';
import type { RowLayout } from '../../format/datum/row-decoder';
import { encodeTablePrefix } from '../../format/datum/table-key';
import type { HlcTime } from '../../format/mvcc/version-iterator';
import type { SourceTable } from '../stage-task';

/** A table as the kernel reads it; the offsets and numbers are those of assembly/config.ts. */

const WORDS = {
  pageBytes: 0,
  slotCount: 4,
  keyColumnCount: 8,
  columnIdMax: 12,
  asOfHigh: 16,
  asOfLow: 20,
  asOfLogical: 24,
  prefixLength: 28,
  secondaryCount: 32,
  dateMin: 36,
  dateMax: 40,
  isKeyed: 44,
  newestHigh: 48,
  newestLow: 52,
} as const;
const KEY_COLUMNS = 64;
const PREFIX = 1024;
const SECONDARIES = 1088;
const SECONDARY_BYTES = 32;
const SPAN_START = 4096;
const SPAN_END = 8200;
const COLUMN_OPS = 12304;
const COLUMN_SLOTS = 16400;
export const CONFIG_BYTES = 32768;

const KEY_COLUMNS_MAX = 64;
const PREFIX_BYTES_MAX = 31;
const SECONDARIES_MAX = 94;
const SLOTS_MAX = 1000;
const COLUMN_ID_MAX = 4095;
const SPAN_KEY_BYTES_MAX = 4096;

interface KeyOperations {
  readonly ascending: number;
  /** Undefined: left to JavaScript. */
  readonly descending?: number;
}

const KEY_OPERATIONS: { readonly [family in TypeFamily]?: KeyOperations } = {
  int: { ascending: 1, descending: 2 },
  bool: { ascending: 1, descending: 2 },
  time: { ascending: 1, descending: 2 },
  date: { ascending: 3, descending: 4 },
  string: { ascending: 5 },
  bytes: { ascending: 6 },
  enum: { ascending: 6 },
  uuid: { ascending: 7 },
  timestamp: { ascending: 8, descending: 9 },
  timestamptz: { ascending: 8, descending: 9 },
};

interface ValueOperation {
  readonly operation: number;
  /** What its values are in SQLite. */
  readonly stores: PhysicalColumn['type'];
}

const VALUE_OPERATIONS: { readonly [family in TypeFamily]?: ValueOperation } = {
  int: { operation: 1, stores: 'INTEGER' },
  time: { operation: 1, stores: 'INTEGER' },
  date: { operation: 2, stores: 'INTEGER' },
  bool: { operation: 3, stores: 'INTEGER' },
  // A negative zero is a REAL.
  float: { operation: 4, stores: 'ANY' },
  decimal: { operation: 5, stores: 'TEXT' },
  string: { operation: 6, stores: 'TEXT' },
  collatedstring: { operation: 6, stores: 'TEXT' },
  bytes: { operation: 7, stores: 'BLOB' },
  enum: { operation: 7, stores: 'BLOB' },
  uuid: { operation: 8, stores: 'BLOB' },
  timestamp: { operation: 9, stores: 'INTEGER' },
  timestamptz: { operation: 9, stores: 'INTEGER' },
};

/** @returns the type of a column that takes all that the kernel makes of a type; undefined for types that it leaves to JavaScript */
export const kernelStores = ({ family }: SqlType): PhysicalColumn['type'] | undefined =>
  VALUE_OPERATIONS[family]?.stores;

/**
 * @param isKeyed for a table WITHOUT ROWID that lies in the order of the backup's keys
 * @returns the kernel's configuration; undefined when the table has something that it does not know
 */
export function kernelConfig(
  table: SourceTable,
  asOf: HlcTime | undefined,
  pageBytes: number,
  isKeyed: boolean,
): Buffer | undefined {
  const { rows } = table;
  if (rows === undefined) return undefined;
  const { layout, anySlots } = rows;
  const places = isKeyed ? keyedPlaces(layout) : layout.columns.map((_, slot) => slot);
  const bytes = Buffer.alloc(CONFIG_BYTES);
  const known =
    hasOnlyFamily0(layout) &&
    layout.columns.length <= SLOTS_MAX &&
    writePrefixes(bytes, table, layout) &&
    writeColumns(bytes, layout, anySlots, places) &&
    writeKeyColumns(bytes, layout, places);
  if (!known) return undefined;
  bytes.writeUInt32LE(pageBytes, WORDS.pageBytes);
  bytes.writeUInt32LE(layout.columns.length, WORDS.slotCount);
  const { wallTime, logical } = asOf ?? END_OF_TIME;
  bytes.writeUInt32LE(Number(wallTime >> 32n), WORDS.asOfHigh);
  bytes.writeUInt32LE(Number(wallTime & 0xffffffffn), WORDS.asOfLow);
  bytes.writeUInt32LE(logical, WORDS.asOfLogical);
  const now = wallNanos();
  bytes.writeUInt32LE(Number(now >> 32n), WORDS.newestHigh);
  bytes.writeUInt32LE(Number(now & 0xffffffffn), WORDS.newestLow);
  bytes.writeUInt32LE(isKeyed ? 1 : 0, WORDS.isKeyed);
  bytes.writeInt32LE(DATE_MIN_DAYS, WORDS.dateMin);
  bytes.writeInt32LE(DATE_MAX_DAYS, WORDS.dateMax);
  return bytes;
}

/** Whether the kernel stages the table, unless its bytes hold something that it does not know. */
export const kernelKnows = (table: SourceTable): boolean =>
  kernelConfig(table, undefined, 0, true) !== undefined;

const END_OF_TIME = { wallTime: 0xffff_ffff_ffff_ffffn, logical: 0xffffffff };

function hasOnlyFamily0({ families, interleaveAncestors = [] }: RowLayout): boolean {
  return families.length === 1 && families[0]?.id === 0 && interleaveAncestors.length === 0;
}

/**
 * Where the values of a table WITHOUT ROWID lie in its records: first those of the key, then the others in their order. Source:
 * sqlite.org/fileformat2.html, "Representation Of SQL Tables".
 * @returns by slot
 */
function keyedPlaces({ columns, keyColumns }: RowLayout): number[] {
  const keyIds = keyColumns.map(({ columnId }) => columnId);
  let next = keyIds.length;
  return columns.map(({ id }) => {
    const place = keyIds.indexOf(id);
    return place < 0 ? next++ : place;
  });
}

function writePrefixes(bytes: Buffer, table: SourceTable, layout: RowLayout): boolean {
  const prefixOf = (indexId: number): Uint8Array =>
    encodeTablePrefix(layout.tableId, indexId, layout.tenantId);
  const prefix = prefixOf(layout.indexId);
  const { secondaryIndexIds } = table;
  if (secondaryIndexIds.length > SECONDARIES_MAX || prefix.length > PREFIX_BYTES_MAX) return false;
  bytes.writeUInt32LE(prefix.length, WORDS.prefixLength);
  bytes.set(prefix, PREFIX);
  bytes.writeUInt32LE(secondaryIndexIds.length, WORDS.secondaryCount);
  for (const [i, indexId] of secondaryIndexIds.entries()) {
    const secondary = prefixOf(indexId);
    if (secondary.length > PREFIX_BYTES_MAX) return false;
    const at = SECONDARIES + i * SECONDARY_BYTES;
    bytes[at] = secondary.length;
    bytes.set(secondary, at + 1);
  }
  return true;
}

function writeColumns(
  bytes: Buffer,
  { columns }: RowLayout,
  anySlots: readonly boolean[],
  places: readonly number[],
): boolean {
  let idMax = 0;
  for (const [slot, { id, type }] of columns.entries()) {
    const operation = valueOperation(type, anySlots[slot] === true);
    if (operation === undefined || id < 1 || id > COLUMN_ID_MAX) return false;
    bytes[COLUMN_OPS + id] = operation;
    bytes.writeUInt16LE(places[slot] ?? slot, COLUMN_SLOTS + 2 * id);
    idMax = Math.max(idMax, id);
  }
  bytes.writeUInt32LE(idMax, WORDS.columnIdMax);
  return true;
}

/** A column that keeps values as they are would take other whole numbers for REALs, too. */
function valueOperation({ family }: SqlType, keepsAny: boolean): number | undefined {
  const known = VALUE_OPERATIONS[family];
  return known === undefined || keepsAny !== (known.stores === 'ANY') ? undefined : known.operation;
}

function writeKeyColumns(
  bytes: Buffer,
  { columns, keyColumns }: RowLayout,
  places: readonly number[],
): boolean {
  if (keyColumns.length > KEY_COLUMNS_MAX) return false;
  for (const [i, { columnId, descending }] of keyColumns.entries()) {
    const slot = columns.findIndex(({ id }) => id === columnId);
    const type = columns[slot]?.type;
    const operations = type === undefined ? undefined : KEY_OPERATIONS[type.family];
    const operation = descending ? operations?.descending : operations?.ascending;
    if (operation === undefined) return false;
    bytes.writeUInt32LE(operation, KEY_COLUMNS + 8 * i);
    bytes.writeUInt32LE(places[slot] ?? slot, KEY_COLUMNS + 8 * i + 4);
  }
  bytes.writeUInt32LE(keyColumns.length, WORDS.keyColumnCount);
  return true;
}

/** Sets which keys of a file are wanted: [start, end). @returns whether they fit */
export function writeSpan(bytes: Buffer, start: Uint8Array, end: Uint8Array): boolean {
  if (start.length > SPAN_KEY_BYTES_MAX || end.length > SPAN_KEY_BYTES_MAX) return false;
  for (const [at, key] of [
    [SPAN_START, start],
    [SPAN_END, end],
  ] as const) {
    bytes.writeUInt32LE(key.length, at);
    bytes.set(key, at + 4);
  }
  return true;
}
