import { type Connection, wideStatement } from '../storage/ranges/connection';
import { nowMicros } from './job-rows';

/** Removing the records of jobs that finished long ago, as CockroachDB's `jobs.retention_time` has it. */

export interface RetentionPolicy {
  readonly retentionMs: number;
  /** Between two looks. */
  readonly intervalMs: number;
}

export const DEFAULT_RETENTION_POLICY: RetentionPolicy = {
  retentionMs: 336 * 3_600_000,
  intervalMs: 3_600_000,
};

/** In the caller's write transaction. @returns how many were removed */
export function deleteExpiredJobs(db: Connection, retentionMs: number): number {
  const before = nowMicros() - Math.round(retentionMs * 1000);
  return wideStatement(db, 'DELETE FROM jobs WHERE finished < ?').run(before).changes;
}

export function hasExpiredJobs(db: Connection, retentionMs: number): boolean {
  const before = nowMicros() - Math.round(retentionMs * 1000);
  return wideStatement(db, 'SELECT 1 FROM jobs WHERE finished < ?').get(before) !== undefined;
}
