import { CorruptionError, SQLSTATE, SqlError } from '../base/errors';
import { defined, invariant } from '../base/invariant';
import { type Connection, wideStatement } from '../storage/ranges/connection';
import { isUniqueViolation } from '../storage/ranges/sqlite-errors';
import { uniqueId } from '../storage/ranges/unique-id';
import {
  isFinished,
  isLegalTransition,
  type JobOutcome,
  type JobRecord,
  type JobStatus,
  type NewJob,
} from './job';
import {
  cannotCancel,
  cannotCancelReverting,
  cannotPause,
  cannotResume,
  JobInterrupted,
  jobDoesNotExist,
} from './job-errors';

/**
 * Rows of the `jobs` table. Everything that writes runs in the caller's write transaction and may be called from any
 * thread: a worker records progress in the transaction that wrote a range.
 */

interface RawJob {
  id: bigint;
  type: string;
  description: string;
  statement: string;
  user_name: string;
  status: JobStatus;
  running_status: string | null;
  created: bigint;
  started: bigint | null;
  finished: bigint | null;
  modified: bigint;
  fraction_completed: number;
  error: string;
  error_code: string | null;
  outcome: JobOutcome | null;
  coordinator_id: bigint | null;
  payload: Uint8Array;
  progress: Uint8Array;
  num_runs: bigint;
  last_run: bigint | null;
  next_run: bigint | null;
  failures: bigint;
  execution_errors: string;
  trace_id: bigint | null;
  created_by_type: string | null;
  created_by_id: bigint | null;
  descriptor_ids: string;
}

const micros = (value: bigint | null): number | null => (value === null ? null : Number(value));

function fromRaw(raw: RawJob): JobRecord {
  return {
    id: raw.id,
    type: raw.type,
    description: raw.description,
    statement: raw.statement,
    user: raw.user_name,
    status: raw.status,
    runningStatus: raw.running_status,
    createdMicros: Number(raw.created),
    startedMicros: micros(raw.started),
    finishedMicros: micros(raw.finished),
    modifiedMicros: Number(raw.modified),
    fractionCompleted: raw.fraction_completed,
    error: raw.error,
    errorCode: raw.error_code,
    outcome: raw.outcome,
    coordinatorId: micros(raw.coordinator_id),
    payload: raw.payload,
    progress: raw.progress,
    numRuns: Number(raw.num_runs),
    lastRunMicros: micros(raw.last_run),
    nextRunMicros: micros(raw.next_run),
    failures: Number(raw.failures),
    executionErrors: JSON.parse(raw.execution_errors) as string[],
    traceId: raw.trace_id,
    createdBy:
      raw.created_by_type === null || raw.created_by_id === null
        ? null
        : { type: raw.created_by_type, id: raw.created_by_id },
    descriptorIds: JSON.parse(raw.descriptor_ids) as number[],
  };
}

export const nowMicros = (): number => Date.now() * 1000;

/** A job in state `pending`; it starts with `JobRegistry.start` after the caller's transaction committed. @returns its id */
export function insertJob(db: Connection, job: NewJob, nodeId: number): bigint {
  const insert = wideStatement(
    db,
    `INSERT INTO jobs (id, type, description, statement, user_name, status, created, modified,
       fraction_completed, error, payload, progress, num_runs, created_by_type, created_by_id, descriptor_ids)
     VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, 0, '', ?, ?, 0, ?, ?, ?)`,
  );
  const now = nowMicros();
  for (;;) {
    const id = uniqueId(nodeId);
    try {
      insert.run(
        id,
        job.type,
        job.description,
        job.statement ?? '',
        job.user,
        now,
        now,
        job.payload,
        job.progress ?? new Uint8Array(0),
        job.createdBy?.type ?? null,
        job.createdBy?.id ?? null,
        JSON.stringify(job.descriptorIds ?? []),
      );
      return id;
    } catch (error) {
      // A clock that was set back gives an id a second time.
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

export function findJob(db: Connection, id: bigint): JobRecord | undefined {
  const raw = wideStatement(db, 'SELECT * FROM jobs WHERE id = ?').get(id);
  return raw === undefined ? undefined : fromRaw(raw as RawJob);
}

/** @throws SqlError undefinedObject (42704) */
export function getJob(db: Connection, id: bigint): JobRecord {
  const found = findJob(db, id);
  if (found === undefined) throw jobDoesNotExist(id);
  return found;
}

/** Types that are not shown unless asked for: what nobody asked to be done. Source: CockroachDB v21.2. */
export const AUTOMATIC_JOB_TYPES = [
  'AUTO CREATE STATS',
  'AUTO SPAN CONFIG RECONCILIATION',
  'AUTO SQL STATS COMPACTION',
] as const;

/** SHOW JOBS shows finished jobs for this long. Source: CockroachDB. */
const SHOWN_AFTER_FINISH_MICROS = 12 * 60 * 60 * 1_000_000;

export interface JobFilter {
  /** SHOW AUTOMATIC JOBS. */
  readonly automatic: boolean;
  /** All jobs, whatever their age; else those of SHOW JOBS. */
  readonly includeOld?: boolean;
}

/** Running jobs first, then the last finished; in each, the last created first. */
export function listJobs(db: Connection, filter: JobFilter): JobRecord[] {
  const since = filter.includeOld ? 0 : nowMicros() - SHOWN_AFTER_FINISH_MICROS;
  const rows = wideStatement(
    db,
    `SELECT * FROM jobs WHERE finished IS NULL OR finished > ?
     ORDER BY finished IS NOT NULL, finished DESC, created DESC, id DESC`,
  ).all(since) as RawJob[];
  const automatic: readonly string[] = AUTOMATIC_JOB_TYPES;
  return rows.filter((raw) => automatic.includes(raw.type) === filter.automatic).map(fromRaw);
}

/** Jobs that a crash or a shutdown may have left in the middle, oldest first. */
export function listUnfinishedJobs(db: Connection): JobRecord[] {
  const sql = 'SELECT * FROM jobs WHERE finished IS NULL ORDER BY id';
  return (wideStatement(db, sql).all() as RawJob[]).map(fromRaw);
}

interface TransitionFields {
  readonly error?: string;
  readonly errorCode?: string | null;
  readonly outcome?: JobOutcome | null;
}

/** Moves a job to another status; a step that is not legal is a bug. */
export function transitionJob(
  db: Connection,
  job: JobRecord,
  to: JobStatus,
  fields: TransitionFields = {},
): void {
  invariant(isLegalTransition(job.status, to), `job ${job.id}: no way from ${job.status} to ${to}`);
  const now = nowMicros();
  const finished = isFinished(to);
  const { changes } = wideStatement(
    db,
    `UPDATE jobs SET status = ?, modified = ?, finished = ?, error = ?, error_code = ?, outcome = ?,
       running_status = CASE WHEN ? THEN NULL ELSE running_status END,
       coordinator_id = CASE WHEN ? THEN NULL ELSE coordinator_id END, next_run = NULL
     WHERE id = ? AND status = ?`,
  ).run(
    to,
    now,
    finished ? now : null,
    fields.error ?? job.error,
    fields.errorCode === undefined ? job.errorCode : fields.errorCode,
    fields.outcome === undefined ? job.outcome : fields.outcome,
    finished || to === 'pause-requested' || to === 'running' ? 1 : 0,
    finished || to === 'paused' ? 1 : 0,
    job.id,
    job.status,
  );
  invariant(changes === 1, `job ${job.id} is no longer ${job.status}`);
}

/** Notes that this node works on the job now. @param traceId of the log lines about this run */
export function claimJob(
  db: Connection,
  id: bigint,
  coordinatorId: number,
  traceId: bigint | null = null,
): void {
  const now = nowMicros();
  wideStatement(
    db,
    `UPDATE jobs SET coordinator_id = ?, started = coalesce(started, ?), last_run = ?,
       num_runs = num_runs + 1, modified = ?, next_run = NULL, trace_id = ? WHERE id = ?`,
  ).run(coordinatorId, now, now, now, traceId, id);
}

export interface JobProgress {
  /** 0 to 1; never goes back. */
  readonly fraction?: number;
  /** Replaces the job's `progress`. */
  readonly checkpoint?: Uint8Array;
  /** What it is doing, e.g. `validating indexes`; null: nothing to say. */
  readonly runningStatus?: string | null;
}

/**
 * Records how far a job is, in the caller's transaction: the rows that it wrote and the record of having written them
 * become visible together.
 * @throws JobInterrupted when the job may not write any more: it was canceled, paused or finished meanwhile
 */
export function updateJobProgress(db: Connection, id: bigint, progress: JobProgress): void {
  const { changes } = wideStatement(
    db,
    `UPDATE jobs SET modified = ?, fraction_completed = max(fraction_completed, ?),
       progress = coalesce(?, progress),
       running_status = CASE WHEN ? THEN ? ELSE running_status END
     WHERE id = ? AND status IN ('running', 'pause-requested', 'reverting')`,
  ).run(
    nowMicros(),
    Math.min(1, Math.max(0, progress.fraction ?? 0)),
    progress.checkpoint ?? null,
    progress.runningStatus === undefined ? 0 : 1,
    progress.runningStatus ?? null,
    id,
  );
  if (changes !== 1) throw interruptionOf(getJob(db, id).status);
}

/**
 * Marks a job as succeeded in the caller's transaction, the one that makes its results visible: so a cancel comes either
 * before both or after both. What is pending of the job (none of its ranges is) stays for SHOW RANGES.
 * @throws JobInterrupted when a cancel came first
 */
export function completeJob(db: Connection, id: bigint): void {
  const job = getJob(db, id);
  if (!isLegalTransition(job.status, 'succeeded')) throw interruptionOf(job.status);
  updateJobProgress(db, id, { fraction: 1, runningStatus: null });
  transitionJob(db, job, 'succeeded');
}

function interruptionOf(status: JobStatus): JobInterrupted {
  return new JobInterrupted(
    status === 'paused' || status === 'pause-requested' ? 'pause' : 'cancel',
  );
}

/**
 * PAUSE JOB in the caller's transaction; call `JobRegistry.notify` after it committed. No error when it is asked for twice.
 * @param reason shown as the running status until the job goes on
 * @throws SqlError undefinedObject (42704), objectNotInPrerequisiteState (55000)
 */
export function requestPause(db: Connection, id: bigint, reason?: string): void {
  const job = getJob(db, id);
  if (job.status === 'paused' || job.status === 'pause-requested') return;
  if (!isLegalTransition(job.status, 'pause-requested')) throw cannotPause(job.status);
  transitionJob(db, job, 'pause-requested');
  if (reason !== undefined) {
    wideStatement(db, 'UPDATE jobs SET running_status = ? WHERE id = ?').run(reason, id);
  }
}

/** CANCEL JOB; otherwise as `requestPause`. */
export function requestCancel(db: Connection, id: bigint): void {
  const job = getJob(db, id);
  if (job.status === 'canceled' || job.status === 'cancel-requested') return;
  if (!isLegalTransition(job.status, 'cancel-requested')) throw cannotCancel(job.status);
  if (job.outcome !== null) throw cannotCancelReverting(id, job.error);
  transitionJob(db, job, 'cancel-requested');
}

/**
 * RESUME JOB; call `JobRegistry.notify` after it committed. What went wrong before is not held against the job. Otherwise as
 * `requestPause`.
 */
export function requestResume(db: Connection, id: bigint): void {
  const job = getJob(db, id);
  if (job.status === 'running' || job.status === 'reverting') return;
  if (job.status !== 'paused') throw cannotResume(job.status);
  transitionJob(db, job, job.outcome === null ? 'running' : 'reverting');
  wideStatement(db, 'UPDATE jobs SET failures = 0 WHERE id = ?').run(id);
}

/** Begins to revert a job that failed or was canceled. */
export function beginRevert(db: Connection, job: JobRecord, cause: unknown): void {
  const outcome: JobOutcome = job.status === 'cancel-requested' ? 'canceled' : 'failed';
  transitionJob(db, job, 'reverting', { outcome, ...errorFields(cause) });
  wideStatement(db, 'UPDATE jobs SET failures = 0 WHERE id = ?').run(job.id);
}

/** Ends a revert that left nothing behind. */
export function finishRevert(db: Connection, job: JobRecord): void {
  transitionJob(db, job, defined(job.outcome, `outcome of job ${job.id}`));
}

function errorFields(cause: unknown): { error: string; errorCode: string | null } {
  const error = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof CorruptionError) return { error, errorCode: SQLSTATE.dataCorrupted };
  return { error, errorCode: cause instanceof SqlError ? cause.sqlstate : null };
}
