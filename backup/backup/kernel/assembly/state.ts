/** Memory of the kernel, at fixed places, and what all parts of it share. */

/** What describes an index; written by kernel-config.ts, which has the offsets. */
export const CONFIG: usize = memory.data(16384);

/**
 * Set when something in a row is not as the kernel knows it: that row is left to JavaScript. What has been written of it by then
 * does not count.
 */
let isOdd = false;

export function markOdd(): void {
  isOdd = true;
}

export function clearOdd(): void {
  isOdd = false;
}

export function odd(): bool {
  return isOdd;
}

export function word(offset: i32): i32 {
  return load<i32>(CONFIG + offset);
}
