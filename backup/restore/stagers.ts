import { defined } from '../../base/invariant';
import { TaskThread, TaskThreads } from '../../base/task-threads';
import { workerPath } from '../../base/worker-path';
import type { StagedRange, StageTask } from './stage-task';
import type { StagerTask, StagerThreadData } from './stager-messages';

/** Who stages ranges: this thread, for what is small (inline-stager.ts), or threads of their own. */
export interface Stagers {
  /** How many ranges are worth being under way. */
  readonly inFlightMax: number;
  /** @throws as `stageRange`; anything after `close` was called */
  stage(task: StageTask): Promise<StagedRange>;
  /** Settles when nothing is being staged any more. */
  close(): Promise<void>;
}

/** Less than this, as stored, is staged by the thread that writes: starting threads would take longer. */
export const INLINE_BYTES_MAX = 1 << 20;

/** @param dataBytes of the backup, all layers */
export const stagesInThreads = ({ schemaOnly = false, dataBytes = 0 }: StagedWork): boolean =>
  !schemaOnly && dataBytes >= INLINE_BYTES_MAX;

interface StagedWork {
  readonly schemaOnly?: boolean;
  readonly dataBytes?: number;
}

/** Ranges under way for each thread: some of them are small, and what is large at the end should not be begun last. */
const RANGES_PER_THREAD = 4;

/** Threads that stage, started at once. */
export class StagerThreads implements Stagers {
  readonly inFlightMax: number;
  private readonly threads: TaskThreads<StagerTask, StagedRange | undefined>;

  constructor(count: number) {
    const path = workerPath(__dirname, 'stager-thread');
    this.threads = new TaskThreads(Array.from({ length: count }, () => new TaskThread(path)));
    this.inFlightMax = count * RANGES_PER_THREAD;
  }

  /** Where what is staged comes from; to be called once, before `stage`. */
  open(data: StagerThreadData): this {
    // A thread that has ended says so to what it is given next.
    this.threads.runInEach(() => ({ kind: 'open', data })).catch(() => undefined);
    return this;
  }

  async stage(task: StageTask): Promise<StagedRange> {
    return defined(await this.threads.run({ kind: 'stage', task }), 'a staged range');
  }

  /** A thread that waits for a storage is not waited for: it holds nothing but a file that will be removed. */
  close(): Promise<void> {
    return this.threads.close();
  }
}
