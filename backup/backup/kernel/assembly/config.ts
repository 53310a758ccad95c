// Offsets within CONFIG. kernel-config.ts writes what is there.

export const PREFIX_LENGTH: i32 = 0;
/** Of values: TUPLE of a primary index, BYTES of another one. */
export const VALUE_TAG: i32 = 4;
export const TUPLE: i32 = 10;
export const KEY_COUNT: i32 = 8;
export const SUFFIX_COUNT: i32 = 12;
/** Of an index other than the primary one: 1 = the suffix is in the value, and in the key when that has a NULL. */
export const IS_UNIQUE: i32 = 16;
export const VALUE_COUNT: i32 = 20;
/** Of a row, its times included. */
export const SLOT_COUNT: i32 = 24;
/** Of the backup: no version is later. */
export const END_HIGH: i32 = 28;
export const END_LOW: i32 = 32;
/** What a data block aims at. */
export const BLOCK_BYTES: i32 = 36;
export const DATE_MIN: i32 = 40;
export const DATE_MAX: i32 = 44;
/** Of the time since when the row is so. */
export const TIME_SLOT: i32 = 48;
/** Of pages of the store: values of a record; 0 = the rows are those of an image, with a value for each slot. */
export const LAYOUT_COUNT: i32 = 52;
/** Of the rowid; -1 = the record has all. */
export const ROWID_SLOT: i32 = 56;
/** Of the time at which the row ended; -1 = it has not. */
export const END_SLOT: i32 = 60;
/** Of all keys; up to 32 bytes. */
export const PREFIX: i32 = 64;
/** Of changes: where their window begins. */
export const SINCE_HIGH: i32 = 96;
export const SINCE_LOW: i32 = 100;
/** An operation and a slot, u32 each, for each column of the key. */
export const KEY_COLUMNS: i32 = 128;
export const SUFFIX_COLUMNS: i32 = 640;
/** An operation, a slot and a column id, u32 each, by column id. */
export const VALUE_COLUMNS: i32 = 2048;
/** By position in the record a slot, u16; 0xffff = nobody asks for it. */
export const LAYOUT: i32 = 14080;

/** Operations of key columns. */
export const KEY_INT: i32 = 1;
export const KEY_DATE: i32 = 2;
export const KEY_BYTES: i32 = 3;
export const KEY_TIMESTAMP: i32 = 4;
/** Added to one of them. */
export const DESCENDING: i32 = 16;

/** Operations of columns in values. */
export const VALUE_INT: i32 = 1;
export const VALUE_DATE: i32 = 2;
export const VALUE_BOOL: i32 = 3;
export const VALUE_FLOAT: i32 = 4;
export const VALUE_DECIMAL: i32 = 5;
/** Text, too. */
export const VALUE_BYTES: i32 = 6;
export const VALUE_UUID: i32 = 7;
export const VALUE_INET: i32 = 8;
export const VALUE_TIMESTAMP: i32 = 9;
