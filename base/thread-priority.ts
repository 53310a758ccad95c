import { setPriority } from 'node:os';

/** Linux has a priority for each thread: the main thread, which answers short statements, goes before the one that calls this. */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(5);
  } catch {
    // Not allowed here: everything works without.
  }
}
