import Database from 'better-sqlite3';

import type { Connection } from './connection';

/** A pair that waits for its turn: a key, a value and the time of its version. */
export interface SortedPair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly timestamp: bigint | string;
}

/** Held in memory up to this size; then in a temporary file. */
const MEMORY_BYTES_MAX = 16 << 20;
/** What a pair costs beside its bytes. */
const PAIR_OVERHEAD_BYTES = 200;

/** Sorts pairs by the bytes of their keys, more of them than memory holds. Pairs of one key keep their order. */
export class PairSorter {
  private held: SortedPair[] = [];
  private heldBytes = 0;
  private spilled: Connection | undefined;

  /** @param pair its bytes are kept: hand over copies */
  add(pair: SortedPair): void {
    this.held.push(pair);
    this.heldBytes += pair.key.length + pair.value.length + PAIR_OVERHEAD_BYTES;
    if (this.heldBytes > MEMORY_BYTES_MAX) this.spill();
  }

  private spill(): void {
    this.spilled ??= openTemporary();
    const insert = this.spilled.prepare('INSERT INTO pairs VALUES (?, ?, ?)');
    this.spilled.exec('BEGIN');
    for (const { key, value, timestamp } of this.held) insert.run(key, value, timestamp);
    this.spilled.exec('COMMIT');
    this.held = [];
    this.heldBytes = 0;
  }

  *sorted(): Generator<SortedPair> {
    if (this.spilled === undefined) {
      yield* this.held.sort((a, b) => Buffer.compare(a.key, b.key));
      return;
    }
    this.spill();
    const rows = this.spilled
      .prepare('SELECT key, value, timestamp FROM pairs ORDER BY key, rowid')
      .safeIntegers()
      .iterate();
    yield* rows as IterableIterator<SortedPair>;
  }

  close(): void {
    this.held = [];
    this.spilled?.close();
    this.spilled = undefined;
  }
}

/** A database of the file system's temporary directory that nobody else sees and that goes when it is closed. */
function openTemporary(): Connection {
  const db = new Database('');
  db.pragma('journal_mode = OFF');
  db.pragma('synchronous = OFF');
  db.pragma('temp_store = FILE');
  db.exec('CREATE TABLE pairs (key BLOB NOT NULL, value BLOB NOT NULL, timestamp ANY) STRICT');
  return db;
}
