/**
 * Which tables were written, in the order of commits: tells whether what an open block has read is still so. Of a table that
 * was never written since the start there is nothing to tell.
 */
export class TableWrites {
  private count = 0;
  private readonly last = new Map<number, number>();

  /** How many commits there were. Asked before a snapshot is opened, it errs on the safe side. */
  get position(): number {
    return this.count;
  }

  /** Called before the write lock is given back. */
  note(tableIds: Iterable<number>): void {
    this.count++;
    for (const id of tableIds) this.last.set(id, this.count);
  }

  /** One of the tables that was written after `position`. */
  writtenSince(position: number, tableIds: Iterable<number>): number | undefined {
    for (const id of tableIds) if ((this.last.get(id) ?? 0) > position) return id;
    return undefined;
  }
}
