import type { Connection } from '../../../storage/ranges/connection';
import { readSequence, writeSequence } from '../../../storage/ranges/sequence-rows';
import type { SequenceAccess, SequenceOptions } from '../../builtins/sequence-access';
import { checkBounds, nextValue } from '../stored-sequences';

/**
 * Transactions of a thread's writing connection. Values that sequences handed out stay handed out when the transaction is
 * rolled back: they are written once more.
 */
export class WritingConnection implements SequenceAccess {
  private readonly db: () => Connection;
  private readonly advanced = new Map<number, bigint>();

  /** @param db opened when it is first asked for */
  constructor(db: () => Connection) {
    this.db = db;
  }

  /** The caller holds the write lock: this never waits for another of our threads. */
  begin(savepoints: number): void {
    const db = this.db();
    db.exec('BEGIN IMMEDIATE');
    for (let depth = 0; depth < savepoints; depth++) db.exec(`SAVEPOINT s${depth}`);
  }

  commit(): void {
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

  private rewrite(db: Connection): void {
    for (const [tableId, value] of this.advanced) writeSequence(db, tableId, value);
  }

  nextval(tableId: number, options: SequenceOptions): bigint {
    const value = nextValue(readSequence(this.db(), tableId), options);
    this.store(tableId, value);
    return value;
  }

  setval(tableId: number, value: bigint, isCalled: boolean, options: SequenceOptions): void {
    checkBounds(value, options);
    this.store(tableId, isCalled ? value : value - options.increment);
  }

  private store(tableId: number, value: bigint): void {
    const db = this.db();
    writeSequence(db, tableId, value);
    if (db.inTransaction) this.advanced.set(tableId, value);
  }
}
