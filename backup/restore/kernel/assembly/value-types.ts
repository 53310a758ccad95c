// Types in the tags of values. Source: ValueType in backup/format/datum/value-type.ts; the kernel of BACKUP has them from here, too.

export const TYPE_NULL: u32 = 1;
export const TYPE_INT: u32 = 3;
export const TYPE_FLOAT: u32 = 4;
export const TYPE_DECIMAL: u32 = 5;
export const TYPE_BYTES: u32 = 6;
export const TYPE_TIME: u32 = 8;
export const TYPE_TRUE: u32 = 10;
export const TYPE_FALSE: u32 = 11;
export const TYPE_UUID: u32 = 12;
export const TYPE_INET: u32 = 14;
/** In a tag: the type follows. */
export const TYPE_LONG: u32 = 15;
