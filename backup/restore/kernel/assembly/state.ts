/** Memory of the kernel, at fixed places, and what all parts of it share. */

/** Words and tables that describe a table; written by kernel-table.ts, which has the offsets. */
export const CONFIG: usize = memory.data(32768);

export const SLOTS_MAX: i32 = 1024;

/** Set when something is not as the kernel knows it: whoever called starts anew without the kernel. */
let hasGivenUp = false;

export function gaveUp(): bool {
  return hasGivenUp;
}

export function giveUp(): void {
  hasGivenUp = true;
}

export function clearState(): void {
  hasGivenUp = false;
}

export function word(offset: i32): i32 {
  return load<i32>(CONFIG + offset);
}
