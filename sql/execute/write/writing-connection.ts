import type { Connection } from '../../../storage/ranges/connection';
import { writeSequence } from '../../../storage/ranges/sequence-rows';
import type { SequenceAccess, SequenceOptions } from '../../builtins/sequence-access';
import { checkBounds, nextValue, type StoredSequences } from '../stored-sequences';

/**
 * Transactions of a thread's writing connection, and the sequences that its statements advance. Functions can't use the
 * connection that calls them: values are read through another one, kept here, and written when the statement is done. They
 * stay handed out when the transaction is rolled back: then they are written once more.
 */
export class WritingConnection implements SequenceAccess {
  private readonly db: () => Connection;
  private readonly sequences: () => StoredSequences;
  /** Of the open transaction. */
  private readonly advanced = new Map<number, bigint>();

  private unwritten = false;

  /** @param db opened when it is first asked for */
  constructor(db: () => Connection, sequences: () => StoredSequences) {
    this.db = db;
    this.sequences = sequences;
  }

  /** The caller holds the write lock: this never waits for another of our threads. */
  begin(savepoints: number): void {
    const db = this.db();
    db.exec('BEGIN IMMEDIATE');
    for (let depth = 0; depth < savepoints; depth++) db.exec(`SAVEPOINT s${depth}`);
  }

  commit(): void {
    this.flush();
    this.db().exec('COMMIT');
    this.advanced.clear();
  }

  /** Does nothing outside of a transaction: SQLite may have rolled it back by itself. */
  rollback(): void {
    const db = this.db();
    if (db.inTransaction) db.exec('ROLLBACK');
    if (this.advanced.size === 0) return;
    db.exec('BEGIN IMMEDIATE');
    try {
      this.rewrite(db);
      db.exec('COMMIT');
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
      this.advanced.clear();
    }
  }

  savepoint(command: 'SAVEPOINT' | 'RELEASE' | 'ROLLBACK TO', depth: number): void {
    const db = this.db();
    db.exec(`${command} s${depth}`);
    if (command === 'ROLLBACK TO') this.rewrite(db);
  }

  /** Writes what sequences gave since the last time. Called between statements. */
  flush(): void {
    if (this.unwritten) this.rewrite(this.db());
  }

  private rewrite(db: Connection): void {
    this.unwritten = false;
    for (const [tableId, value] of this.advanced) writeSequence(db, tableId, value);
  }

  nextval(tableId: number, options: SequenceOptions): bigint {
    const value = nextValue(
      this.advanced.get(tableId) ?? this.sequences().stored(tableId),
      options,
    );
    this.store(tableId, value);
    return value;
  }

  setval(tableId: number, value: bigint, isCalled: boolean, options: SequenceOptions): void {
    checkBounds(value, options);
    this.store(tableId, isCalled ? value : value - options.increment);
  }

  private store(tableId: number, value: bigint): void {
    this.advanced.set(tableId, value);
    this.unwritten = true;
  }
}
