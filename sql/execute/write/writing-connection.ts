import { type Connection, statement } from '../../../storage/ranges/connection';
import { getDescriptor } from '../../../storage/ranges/descriptor-rows';
import { pushMetaChanges } from '../../../storage/ranges/meta-history';
import { notePushedWrite, type PushedWrite } from '../../../storage/ranges/pushed-writes';
import { readSequences, writeSequence } from '../../../storage/ranges/sequence-rows';
import { setWriteTime } from '../../../storage/ranges/write-time';
import type { SequenceAccess, SequenceOptions } from '../../builtins/sequence-access';
import { shareFunctions } from '../functions';
import { checkBounds, nextValue, type StoredSequences } from '../stored-sequences';
import { type PlainRedoLog, RedoLog, recorded } from './redo-log';

/** A transaction that is rolled back for now: what it needs to be as it was, here or on the writing connection of another thread. */
export interface UnfinishedWrite {
  readonly log: PlainRedoLog;
  readonly advanced: ReadonlyMap<number, bigint>;
  readonly handedOut: ReadonlyMap<number, bigint>;
  readonly moved: ReadonlySet<number>;
  readonly changedSchema: boolean;
  readonly times: readonly bigint[];
}

/**
 * Transactions of a thread's writing connection, and the sequences that its statements advance. Functions can't use the
 * connection that calls them: values are read through another one, kept here, and written when the statement is done. They
 * stay handed out when the transaction is rolled back: then they are written once more.
 */
export class WritingConnection implements SequenceAccess {
  private readonly db: () => Connection;
  private readonly sequences: () => StoredSequences;
  /** Values of the open transaction's sequences where it has advanced them. */
  private readonly advanced = new Map<number, bigint>();
  /** The same, whatever it has made of its sequences since: what stays handed out when it is rolled back. */
  private readonly handedOut = new Map<number, bigint>();

  /** Sequences to which the open transaction has given other values: what they give now is its own affair. */
  private readonly moved = new Set<number>();
  private unwritten = false;
  /** Stored values as the open transaction sees them; undefined: it has changed no schema, so they are those of the store. */
  private stored: ReadonlyMap<number, bigint> | undefined;
  /** Of the open transaction's statements. */
  private readonly times = new Set<bigint>();
  /** Of a block's transaction. */
  private log: RedoLog | undefined;
  private aside: UnfinishedWrite | undefined;
  private recordedDb: Connection | undefined;

  /** @param db opened when it is first asked for */
  constructor(db: () => Connection, sequences: () => StoredSequences) {
    this.db = db;
    this.sequences = sequences;
  }

  /**
   * The caller holds the write lock: this never waits for another of our threads.
   * @param timestamp in nanoseconds since 1970
   */
  begin(timestamp: bigint): void {
    statement(this.db(), 'BEGIN IMMEDIATE').run();
    this.at(timestamp);
  }

  /** The time of the statement that follows; begun with that of the first. */
  at(timestamp: bigint): void {
    this.times.add(timestamp);
    setWriteTime(this.db(), timestamp);
  }

  /** For a block: one that may make way for others while its client thinks. */
  beginBlock(savepoints: number, timestamp: bigint): void {
    this.begin(timestamp);
    this.log = new RedoLog();
    for (let depth = 0; depth < savepoints; depth++) this.savepoint('SAVEPOINT', depth);
  }

  /** Where a block's statements note what they write. */
  get redo(): RedoLog | undefined {
    return this.log;
  }

  /** The connection for changes of the schema. */
  get definitionDb(): Connection {
    if (this.recordedDb === undefined) {
      this.recordedDb = recorded(this.db(), () => this.log);
      shareFunctions(this.db(), this.recordedDb);
    }
    return this.recordedDb;
  }

  /** How much it would take to do the block's transaction again. */
  get redoValues(): number {
    return this.log?.valueCount ?? 0;
  }

  /**
   * Rolls back for now.
   * @param timestamp of what stays
   * @returns undefined: it has written too much to do it again, and nothing has changed
   */
  putDown(timestamp: bigint): UnfinishedWrite | undefined {
    const { log } = this;
    if (log?.isComplete !== true) return undefined;
    this.flush();
    const unfinished: UnfinishedWrite = {
      log: log.toPlain(),
      advanced: new Map(this.advanced),
      handedOut: new Map(this.handedOut),
      moved: new Set(this.moved),
      changedSchema: this.stored !== undefined,
      times: [...this.times],
    };
    this.rollback(timestamp);
    return unfinished;
  }

  /** Does all of it again; the caller has the write lock. Nothing is left of it when this throws. */
  takeUp(unfinished: UnfinishedWrite): void {
    const [first = 0n] = unfinished.times;
    try {
      this.begin(first);
      this.redoAll(unfinished);
    } catch (error) {
      this.rollback(first);
      throw error;
    }
  }

  /**
   * Puts the transaction down until `comeBack`.
   * @param timestamp of what stays
   * @returns false when it can't: nothing has changed
   */
  makeWay(timestamp: bigint): boolean {
    const aside = this.putDown(timestamp);
    this.aside = aside;
    return aside !== undefined;
  }

  comeBack(): void {
    const { aside } = this;
    if (aside === undefined) return;
    this.aside = undefined;
    this.takeUp(aside);
  }

  private redoAll(unfinished: UnfinishedWrite): void {
    const { advanced, handedOut, moved, changedSchema, times } = unfinished;
    for (const time of times) this.times.add(time);
    const db = this.db();
    const log = RedoLog.of(unfinished.log);
    const before = readSequences(db);
    log.replay(db);
    this.log = log;
    for (const [id, value] of handedOut) this.handedOut.set(id, value);
    for (const id of moved) this.moved.add(id);
    if (!changedSchema) return;
    // Others have seen what was handed out of sequences that were there; those of its own start where they stood.
    const after = readSequences(db);
    for (const [id, value] of advanced) {
      if (before.has(id) && before.get(id) === after.get(id)) continue;
      writeSequence(db, id, value);
      this.advanced.set(id, value);
    }
    this.stored = readSequences(db);
  }

  /** @param pushed when it is there later than its rows say */
  commit(pushed?: PushedWrite): void {
    this.flush();
    if (pushed !== undefined) this.push(pushed);
    statement(this.db(), 'COMMIT').run();
    this.forget();
  }

  private push(pushed: PushedWrite): void {
    const db = this.db();
    notePushedWrite(db, pushed);
    const ids = [...this.advanced.keys(), ...this.handedOut.keys(), ...this.moved];
    const changes = {
      times: [...this.times],
      sequenceIds: ids,
      changedSchema: this.stored !== undefined,
    };
    pushMetaChanges(db, changes, pushed.last);
  }

  /**
   * Does nothing outside of a transaction: SQLite may have rolled it back by itself.
   * @param timestamp of the values that stay handed out
   */
  rollback(timestamp: bigint): void {
    const db = this.db();
    if (db.inTransaction) db.exec('ROLLBACK');
    try {
      if (this.handedOut.size === 0) return;
      db.exec('BEGIN IMMEDIATE');
      setWriteTime(db, timestamp);
      this.rewrite(db, this.handedOut);
      db.exec('COMMIT');
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
      this.forget();
    }
  }

  private forget(): void {
    this.advanced.clear();
    this.handedOut.clear();
    this.moved.clear();
    this.stored = undefined;
    this.log = undefined;
    this.times.clear();
    setWriteTime(this.db(), undefined);
  }

  savepoint(command: 'SAVEPOINT' | 'RELEASE' | 'ROLLBACK TO', depth: number): void {
    const db = this.db();
    const sql = `${command} s${depth}`;
    db.exec(sql);
    this.log?.add(sql, undefined);
    if (command !== 'ROLLBACK TO') return;
    for (const id of this.moved) this.advanced.delete(id);
    this.rewrite(db);
    if (this.stored !== undefined) this.stored = readSequences(db);
  }

  /** A schema change may have made sequences, or given them other values. */
  noteDefinition(): void {
    this.flush();
    this.stored = readSequences(this.db());
    for (const [id, value] of this.stored) {
      if (value === (this.advanced.get(id) ?? this.sequences().stored(id))) continue;
      this.moved.add(id);
    }
    for (const [id, value] of this.advanced) {
      if (this.stored.get(id) !== value) this.advanced.delete(id);
    }
  }

  /** Writes what sequences gave since the last time. Called between statements. */
  flush(): void {
    if (this.unwritten) this.rewrite(this.db());
  }

  private rewrite(db: Connection, values: Map<number, bigint> = this.advanced): void {
    this.unwritten = false;
    for (const [tableId, value] of values) {
      // One that was made by what is rolled back is gone, and its id free for another.
      if (getDescriptor(db, tableId) === undefined) values.delete(tableId);
      else writeSequence(db, tableId, value);
    }
  }

  private lastValue(tableId: number): bigint | undefined {
    const known = this.advanced.get(tableId);
    if (known !== undefined) return known;
    return this.stored === undefined ? this.sequences().stored(tableId) : this.stored.get(tableId);
  }

  nextval(tableId: number, options: SequenceOptions): bigint {
    const value = nextValue(this.lastValue(tableId), options);
    this.store(tableId, value);
    return value;
  }

  setval(tableId: number, value: bigint, isCalled: boolean, options: SequenceOptions): void {
    checkBounds(value, options);
    this.store(tableId, isCalled ? value : value - options.increment);
  }

  private store(tableId: number, value: bigint): void {
    this.advanced.set(tableId, value);
    if (!this.moved.has(tableId)) this.handedOut.set(tableId, value);
    this.unwritten = true;
  }
}
