import { readlinkSync } from 'node:fs';
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

/** Linux's number of the calling thread; 0 where it is not known. */
export function threadId(): number {
  try {
    return Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** A thread whose work nobody waits for, and that can't be stopped, runs when nothing else does. @param id from `threadId` */
export function putLast(id: number): void {
  if (id === 0) return;
  try {
    setPriority(id, LOWEST);
  } catch {
    // It has ended, or this is not allowed.
  }
}
