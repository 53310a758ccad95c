import { limits } from '../../base/limits';
import type { QueryPool, RunInput } from '../execute/query-pool';
import type { Snapshot } from '../execute/snapshots';

interface Read {
  readonly query: RunInput;
  readonly rows: Uint8Array;
}

/**
 * What the short queries of a block were answered. As long as they would be answered so again, byte for byte, the block may as well
 * have asked later: it can go on with rows of a later time, whatever else was written to its tables.
 */
export class SeenReads {
  private readonly reads: Read[] = [];
  private bytes = 0;
  private whole = true;
  private waiting = 0;

  /** A query will run, or not. */
  expect(): void {
    this.waiting++;
  }

  /** @param rows undefined: too many, or of a query that takes long */
  note(query: RunInput, rows: Uint8Array | undefined): void {
    this.waiting--;
    if (rows === undefined || query.isShort !== true || this.isFull) {
      this.whole = false;
      this.reads.length = 0;
    }
    if (rows === undefined || !this.whole) return;
    this.reads.push({ query, rows });
    this.bytes += rows.length;
  }

  /** No query that has run is missing. */
  get isWhole(): boolean {
    return this.whole;
  }

  /** Nor is one that may yet run. */
  get isFinal(): boolean {
    return this.whole && this.waiting === 0;
  }

  /** No more will be noted. */
  get isFull(): boolean {
    return this.reads.length >= limits.blockReadsMax || this.bytes > limits.blockReadBytesMax;
  }

  /** All queries are answered the same in another transaction. @throws SqlError of queries there */
  async hold(queries: QueryPool, snapshot: Snapshot): Promise<boolean> {
    const same = this.reads.map(async ({ query, rows }) => {
      const again = queries.run({ ...query, snapshot });
      try {
        const { bytes, done } = await again.next(0);
        return done && Buffer.compare(bytes, rows) === 0;
      } finally {
        await again.close();
      }
    });
    return (await Promise.all(same)).every(Boolean);
  }
}
