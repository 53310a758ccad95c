// Offsets within CONFIG. kernel-table.ts writes what is there.

export const PAGE_BYTES: i32 = 0;
export const SLOT_COUNT: i32 = 4;
export const KEY_COLUMN_COUNT: i32 = 8;
export const COLUMN_ID_MAX: i32 = 12;
export const AS_OF_HIGH: i32 = 16;
export const AS_OF_LOW: i32 = 20;
export const AS_OF_LOGICAL: i32 = 24;
export const PREFIX_LENGTH: i32 = 28;
export const SECONDARY_COUNT: i32 = 32;
export const DATE_MIN: i32 = 36;
export const DATE_MAX: i32 = 40;
/** 1: leaves of a table WITHOUT ROWID; 0: of one with rowids. */
export const IS_KEYED: i32 = 44;
/** Rows of a later time are given up on. */
export const NEWEST_HIGH: i32 = 48;
export const NEWEST_LOW: i32 = 52;
/** An operation and a slot, u32 each, for each key column. */
export const KEY_COLUMNS: i32 = 64;
/** Of rows' keys. */
export const PREFIX: i32 = 1024;
/** Prefixes of secondary indexes: 32 bytes each, the first is the length. */
export const SECONDARIES: i32 = 1088;
/** Length u32 and bytes, up to 4 KiB each. */
export const SPAN_START: i32 = 4096;
export const SPAN_END: i32 = 8200;
/** An operation u8 and a slot u16 by column id. */
export const COLUMN_OPS: i32 = 12304;
export const COLUMN_SLOTS: i32 = 16400;

/** Operations of key columns. */
export const KEY_INT: i32 = 1;
export const KEY_INT_DESCENDING: i32 = 2;
export const KEY_DATE: i32 = 3;
export const KEY_DATE_DESCENDING: i32 = 4;
export const KEY_TEXT: i32 = 5;
export const KEY_BYTES: i32 = 6;
export const KEY_UUID: i32 = 7;
export const KEY_TIMESTAMP: i32 = 8;
export const KEY_TIMESTAMP_DESCENDING: i32 = 9;

/** Operations of columns in values; 0 = a column that the table does not have any more. */
export const VALUE_INT: i32 = 1;
export const VALUE_DATE: i32 = 2;
export const VALUE_BOOL: i32 = 3;
export const VALUE_FLOAT: i32 = 4;
export const VALUE_DECIMAL: i32 = 5;
export const VALUE_TEXT: i32 = 6;
export const VALUE_BYTES: i32 = 7;
export const VALUE_UUID: i32 = 8;
export const VALUE_TIMESTAMP: i32 = 9;
