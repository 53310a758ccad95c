/**
 * Who makes a backup WITH detached is answered when it has its snapshot: what is dropped or overwritten after the answer is still
 * in it.
 */
export class SnapshotWaits {
  private readonly waiting = new Map<bigint, () => void>();

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
}
