import { type DonePart, encodeCheckpoint } from './checkpoint';
import type { WrittenFile } from './part';

export interface CheckpointOptions {
  readonly endTime: bigint;
  readonly partBytes: number;
  /** Of an earlier run. */
  readonly kept: readonly DonePart[];
  readonly intervalMs?: number;
  readonly nowMillis?: () => number;
  /** Writes BACKUP-CHECKPOINT. */
  readonly write: (files: readonly WrittenFile[]) => Promise<void>;
  /** Puts it into the job's record. */
  readonly record: (checkpoint: Uint8Array) => void;
}

const INTERVAL_MS = 5_000;
/** Of the time, at most, for checkpoints: one part in so many. */
const SHARE = 10;

/** Keeps track of the parts that are written: in BACKUP-CHECKPOINT as CockroachDB does, and in the job's record. */
export class CheckpointWriter {
  private readonly options: CheckpointOptions;
  private readonly done: DonePart[];
  private writing: Promise<void> | undefined;
  private dueMillis: number;

  constructor(options: CheckpointOptions) {
    this.options = options;
    this.done = [...options.kept];
    this.dueMillis = this.nowMillis() + (options.intervalMs ?? INTERVAL_MS);
  }

  private nowMillis(): number {
    return (this.options.nowMillis ?? Date.now)();
  }

  /** @param part its files are written */
  note(part: DonePart): void {
    this.done.push(part);
    if (this.writing !== undefined || this.nowMillis() < this.dueMillis) return;
    const begunMillis = this.nowMillis();
    this.writing = this.save()
      // What a storage refuses here it refuses to the next part as well, which says so.
      .catch(() => undefined)
      .finally(() => {
        const tookMillis = this.nowMillis() - begunMillis;
        const { intervalMs = INTERVAL_MS } = this.options;
        this.dueMillis = this.nowMillis() + Math.max(intervalMs, SHARE * tookMillis);
        this.writing = undefined;
      });
  }

  private async save(): Promise<void> {
    const done = [...this.done];
    await this.options.write(done.flatMap(({ written }) => written.files));
    this.record(done);
  }

  private record(done: readonly DonePart[]): void {
    const { endTime, partBytes } = this.options;
    this.options.record(encodeCheckpoint(endTime, partBytes, done));
  }

  /** Nothing is written any more. */
  async settle(): Promise<void> {
    await this.writing;
  }

  /** The run is over before its end: what it has done is kept for the next one. */
  async interrupted(): Promise<void> {
    await this.settle();
    this.record(this.done);
  }
}
