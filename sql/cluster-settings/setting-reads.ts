import { SqlError } from '../../base/errors';
import type { RetentionPolicy } from '../../jobs/job-retention';
import type { RetryPolicy } from '../../jobs/job-retry';
import type { SchedulerPolicy } from '../../jobs/schedules/scheduler';
import { type Connection, statement } from '../../storage/ranges/connection';
import { parseDuration } from './cluster-setting-values';
import { clusterSettingNamed } from './cluster-settings';

/** Cluster settings as the program itself reads them: what was set, else the default. */

function stored(db: Connection, name: string): string {
  const value = statement(db, 'SELECT value FROM settings WHERE name = ?').pluck().get(name);
  return typeof value === 'string' ? value : clusterSettingNamed(name).default;
}

const isOn = (db: Connection, name: string): boolean => stored(db, name) === 'true';

/** Never negative. */
const durationMs = (db: Connection, name: string): number =>
  Math.max(0, Number(parseDuration(stored(db, name))) / 1_000_000);

/** @throws SqlError operatorIntervention (57000) in CockroachDB's words */
export function requireFeature(db: Connection, feature: 'BACKUP' | 'RESTORE'): void {
  if (isOn(db, `feature.${feature.toLowerCase()}.enabled`)) return;
  throw new SqlError(
    'operatorIntervention',
    `feature ${feature} was disabled by the database administrator`,
  );
}

/** PEM; empty: none. */
export const customCa = (db: Connection): string => stored(db, 'cloudstorage.http.custom_ca');

/** Of an operation on an object storage; 0: without end. */
export const cloudTimeoutMs = (db: Connection): number => durationMs(db, 'cloudstorage.timeout');

export const jobRetryPolicy = (db: Connection): RetryPolicy => ({
  initialDelayMs: durationMs(db, 'jobs.registry.retry.initial_delay'),
  maxDelayMs: durationMs(db, 'jobs.registry.retry.max_delay'),
});

export const schedulerPolicy = (db: Connection): SchedulerPolicy => ({
  enabled: isOn(db, 'jobs.scheduler.enabled'),
  paceMs: durationMs(db, 'jobs.scheduler.pace'),
  runsMax: Math.max(0, Number(stored(db, 'jobs.scheduler.max_jobs_per_iteration'))),
});

export const jobRetentionPolicy = (db: Connection): RetentionPolicy => ({
  retentionMs: durationMs(db, 'jobs.retention_time'),
  intervalMs:
    durationMs(db, 'jobs.registry.interval.gc') *
    Math.max(0, Number(stored(db, 'jobs.registry.interval.base'))),
});
