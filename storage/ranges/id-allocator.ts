import type { Connection } from './connection';
import { advanceCounter, raiseCounter, readCounter } from './counters';

/** Takes `count` consecutive descriptor ids in the caller's write transaction. @returns the first of them */
export function allocateDescriptorIds(db: Connection, count: number): number {
  return advanceCounter(db, 'next_descriptor_id', count);
}

/** Makes all later ids greater than `id`: a full cluster restore keeps the ids of the backup. */
export function reserveDescriptorIdsThrough(db: Connection, id: number): void {
  raiseCounter(db, 'next_descriptor_id', id + 1);
}

/** The id that the next descriptor gets. */
export function nextDescriptorId(db: Connection): number {
  return readCounter(db, 'next_descriptor_id');
}
