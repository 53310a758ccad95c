/**
 * What a statement and the job that it has made tell each other of the moment that a backup is of.
 *
 * Who makes a backup WITH detached is answered when it has its snapshot: what is dropped or overwritten after the answer is still
 * in it. That of a block is of the moment of its COMMIT, though the job takes its snapshot later.
 */
export class SnapshotWaits {
  private readonly waiting = new Map<bigint, () => void>();
  private readonly times = new Map<bigint, bigint>();

  /** Settles when the job has its snapshot, or its run has ended without. To be called before the job starts. */
  of(jobId: bigint): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.set(jobId, resolve);
    });
  }

  tell(jobId: bigint): void {
    this.waiting.get(jobId)?.();
    this.waiting.delete(jobId);
  }

  /** The backup is of this time, in all runs of its job. To be called before the job starts. */
  fixTime(jobId: bigint, time: bigint): void {
    this.times.set(jobId, time);
  }

  /** @returns undefined: it is of the moment of its snapshot */
  timeOf(jobId: bigint): bigint | undefined {
    return this.times.get(jobId);
  }

  /** The job has ended. */
  forget(jobId: bigint): void {
    this.times.delete(jobId);
  }
}
