import { getPriority, setPriority } from 'node:os';

/** By how much other threads come after the main thread. */
const STEPS = 5;

/** Of Linux: nobody comes after this. */
const LOWEST = 19;

/** Linux has a priority for each thread: the main thread, which answers short statements, goes before the one that calls this. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(LOWEST, getPriority(process.pid) + STEPS));
  } catch {
    // Not allowed here: everything works without.
  }
}
