import type { CastEntry } from './casts';
export const dateTimeCasts: readonly CastEntry[] = [];
