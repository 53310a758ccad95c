import { SqlError } from '../../base/errors';
import type { Claim } from '../../storage/ranges/claim';

/**
 * What a writing block has looked at and written, by descriptor id, and what it owes to those it has made way for. When one of
 * them writes what the block has looked at, the block comes before it: from then on it must see nothing of theirs, and
 * write nothing that they have seen.
 */
export class TouchedTables {
  readonly reads: Set<number>;
  readonly written = new Set<number>();
  /** Of those that come after the block; undefined: there are none. */
  private after: { readonly reads: Set<number>; readonly writes: Set<number> } | undefined;
  private readonly onAhead: () => void;
  private contradicted = false;

  /**
   * @param reads before the first write
   * @param onAhead somebody comes after the block from now on: whoever else looks at tables is to be told of (`seen`)
   */
  constructor(reads: Set<number>, onAhead: () => void = () => undefined) {
    this.reads = reads;
    this.onAhead = onAhead;
  }

  /** The work neither reads nor writes what the block has written: that is not there for it, and might yet be undone. */
  isApart({ reads, writes }: Claim): boolean {
    return !meet(this.written, reads) && !meet(this.written, writes);
  }

  /** The work is let through now. */
  passed({ reads, writes }: Claim): void {
    if (this.after === undefined) {
      if (!meet(this.reads, writes)) return;
      this.after = { reads: new Set(), writes: new Set() };
      this.onAhead();
    }
    for (const id of reads) this.after.reads.add(id);
    for (const id of writes) this.after.writes.add(id);
  }

  /** Somebody comes after it who is there already. */
  get isAhead(): boolean {
    return this.after !== undefined;
  }

  /** A query that may know those who come after the block has looked at the tables as they are without the block. */
  seen(reads: Iterable<number>): void {
    for (const id of reads) {
      this.after?.reads.add(id);
      if (this.written.has(id)) this.contradicted = true;
    }
  }

  /** @throws SqlError serializationFailure (40001): somebody has seen what can't be once the block is kept */
  checkUncontradicted(): void {
    if (this.contradicted) throw overtaken();
  }

  /** @throws SqlError serializationFailure (40001) */
  noteReads(ids: Iterable<number>): void {
    for (const id of ids) {
      if (this.after?.writes.has(id) === true) throw overtaken();
      this.reads.add(id);
    }
  }

  /** @throws SqlError serializationFailure (40001) */
  noteWritten(ids: Iterable<number>): void {
    for (const id of ids) {
      const { after } = this;
      if (after !== undefined && (after.reads.has(id) || after.writes.has(id))) throw overtaken();
      this.written.add(id);
    }
  }
}

function meet(known: ReadonlySet<number>, ids: Iterable<number>): boolean {
  for (const id of ids) if (known.has(id)) return true;
  return false;
}

export function overtaken(): SqlError {
  return new SqlError(
    'serializationFailure',
    'restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: retry txn (RETRY_SERIALIZABLE)',
    { hint: 'Roll back and run the transaction again.' },
  );
}

/** @param what for the client to read */
export function changedSince(what: string): SqlError {
  return new SqlError(
    'serializationFailure',
    `restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: retry txn (RETRY_SERIALIZABLE - failed preemptive refresh due to a conflict: ${what})`,
    { hint: 'Roll back and run the transaction again.' },
  );
}
