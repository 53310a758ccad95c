import { wallNanos } from '../../base/clock';
import { defined } from '../../base/invariant';
import { getJob, updateJobProgress } from '../../jobs/job-rows';
import type { Connection } from '../../storage/ranges/connection';
import { markRangeReady, type RangeContents, type RangeRecord } from '../../storage/ranges/ranges';
import { writeSequence } from '../../storage/ranges/sequence-rows';
import { toStorageError } from '../../storage/ranges/sqlite-errors';
import {
  ATTACHED_MAX,
  attachStaged,
  copyStaged,
  detachStaged,
} from '../../storage/ranges/staged-rows';
import type { WriteLocker } from '../../storage/ranges/write-lock';
import { setWriteTime } from '../../storage/ranges/write-time';
import type { StagingDirectory } from '../../storage/staging/staging-directory';
import type { StagedRange, StageTask } from './stage-task';
import type { Stagers } from './stagers';
import type { TableLoad } from './table-load';

/** A range that is to be filled, and how. */
export interface RangeWork {
  readonly range: RangeRecord;
  readonly load: TableLoad;
  /** False: what it holds is only verified. */
  readonly isKept: boolean;
}

export interface WriteRangesOptions {
  readonly db: Connection;
  readonly lock: WriteLocker;
  readonly jobId: bigint;
  readonly stagers: Stagers;
  readonly directory: StagingDirectory;
  readonly signal: AbortSignal;
  /** What a range's files are: asked for when its turn comes. */
  readonly taskOf: (work: RangeWork) => StageTask;
  /** Of the job's progress when the last range is written. */
  readonly fractionAtEnd: number;
  readonly committed: () => Promise<void>;
  /** Called when a table's last range is written and there are others to write. */
  readonly tableWritten: (load: TableLoad) => Promise<void>;
}

const NO_CONTENTS: RangeContents = { rowCount: 0, indexEntries: 0, sizeBytes: 0 };

/** What a range costs beside its bytes: so that many empty ones are progress, too. */
const RANGE_BYTES = 4096;

const weightOf = ({ range }: RangeWork): number => range.sizeBytes + RANGE_BYTES;

/**
 * Stages ranges side by side and writes them in their order: whatever is staged when the writer's turn comes goes into one
 * transaction, which also marks these ranges ready and records the job's progress.
 * @throws the signal's reason; the error of the first range that has one
 */
export async function writeRanges(
  pending: readonly RangeWork[],
  options: WriteRangesOptions,
): Promise<void> {
  const { stagers, signal } = options;
  const writer = new RangeWriter(pending, options);
  const queue: StagingRange[] = [];
  const stop = (): void => void stagers.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    let next = 0;
    for (;;) {
      signal.throwIfAborted();
      for (; queue.length < stagers.inFlightMax && next < pending.length; next++) {
        queue.push(new StagingRange(pending[next] as RangeWork, options));
      }
      if (queue.length === 0) return;
      await writer.write(await takeStaged(queue));
    }
  } catch (error) {
    signal.throwIfAborted(); // errors of what was stopped are not what is wrong
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Waits for the first of the queue. @returns it and what else is staged after it */
async function takeStaged(queue: StagingRange[]): Promise<ReadyRange[]> {
  const ready: ReadyRange[] = [];
  do {
    ready.push(await defined(queue.shift(), 'a range being staged').staged);
  } while (queue[0]?.isStaged === true && ready.length < ATTACHED_MAX);
  return ready;
}

interface ReadyRange {
  readonly work: RangeWork;
  readonly staged: StagedRange;
}

class StagingRange {
  readonly staged: Promise<ReadyRange>;
  isStaged = false;

  constructor(work: RangeWork, { stagers, taskOf }: WriteRangesOptions) {
    this.staged = stagers.stage(taskOf(work)).then((staged) => {
      this.isStaged = true;
      return { work, staged };
    });
    // An error is reported when its turn comes, which may be later than it happens.
    this.staged.catch(() => undefined);
  }
}

class RangeWriter {
  private readonly options: WriteRangesOptions;
  private readonly fractionBefore: number;
  private readonly weight: number;
  private weightDone = 0;
  /** By the id of each table that has any. */
  private readonly rangesLeft = new Map<number, number>();

  constructor(pending: readonly RangeWork[], options: WriteRangesOptions) {
    this.options = options;
    this.fractionBefore = getJob(options.db, options.jobId).fractionCompleted;
    this.weight = pending.reduce((sum, work) => sum + weightOf(work), 0);
    for (const { load } of pending) this.countRange(load, 1);
  }

  async write(group: readonly ReadyRange[]): Promise<void> {
    const { db, lock, jobId, directory, signal, committed } = this.options;
    const rangeIds = group.map(({ work }) => work.range.rangeId);
    const files = group.filter(({ staged }) => staged.hasFile);
    const lease = await lock.acquire(`job ${jobId} range ${rangeIds.join(', ')}`, signal);
    try {
      attachStaged(
        db,
        files.map(({ work }) => directory.path(work.range.rangeId)),
      );
      db.exec('BEGIN IMMEDIATE');
      for (const ready of group) this.writeRange(ready, files.indexOf(ready));
      updateJobProgress(db, jobId, { fraction: this.advance(group) });
      db.exec('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      throw toStorageError(error, db.name);
    } finally {
      detachStaged(db);
      lease.release();
    }
    await committed();
    for (const rangeId of rangeIds) directory.remove(rangeId);
    const written = group.filter(({ work }) => this.countRange(work.load, -1) === 0);
    if (this.rangesLeft.size === 0) return;
    for (const { work } of written) await this.options.tableWritten(work.load);
  }

  /** @returns how many are left */
  private countRange({ newId }: TableLoad, change: number): number {
    const left = (this.rangesLeft.get(newId) ?? 0) + change;
    if (left === 0) this.rangesLeft.delete(newId);
    else this.rangesLeft.set(newId, left);
    return left;
  }

  /** @param place of its staging file among those attached */
  private writeRange({ work, staged }: ReadyRange, place: number): void {
    const { db } = this.options;
    const { range, load, isKept } = work;
    if (!isKept) db.exec('SAVEPOINT verify');
    if (staged.sequenceValue !== undefined) {
      // Nobody sees it before it is published.
      setWriteTime(db, wallNanos());
      writeSequence(db, load.newId, staged.sequenceValue);
    }
    if (staged.hasFile) copyStaged(db, defined(load.physical, 'table of rows'), place);
    if (!isKept) db.exec('ROLLBACK TO verify; RELEASE verify');
    markRangeReady(db, range.rangeId, isKept ? staged.contents : NO_CONTENTS);
  }

  private advance(group: readonly ReadyRange[]): number {
    for (const { work } of group) this.weightDone += weightOf(work);
    const { fractionBefore } = this;
    const rest = Math.max(0, this.options.fractionAtEnd - fractionBefore);
    return fractionBefore + rest * Math.min(1, this.weightDone / this.weight);
  }
}
