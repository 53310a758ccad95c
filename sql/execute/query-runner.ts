import { toTransferredError } from '../../base/error-transfer';
import { defined, InvariantError } from '../../base/invariant';
import { bringIn, type Connection, connectStore, statement } from '../../storage/ranges/connection';
import type { DefinitionResult } from '../ddl/definition';
import type { CancelFlag } from './cancel';
import { toQueryError } from './execute-on';
import { hasFunctions, prepareConnection } from './functions';
import {
  type QueryThreadData,
  type ThreadReply,
  type ThreadRequest,
  WRITING_CONNECTION,
} from './messages';
import { takeAdvanced } from './sequence-functions';
import { takeSignals } from './signal-functions';
import { StoredSequences } from './stored-sequences';
import { queryCursor, type ThreadCursor } from './thread-cursor';
import { KnownWrites } from './write/known-writes';
import { openWrite } from './write/open-write';
import { WritingConnection } from './write/writing-connection';

/** What a query thread does with its requests: connections and cursors by number. */

/** Each connection has a cache of its own: small, as the operating system caches the file as well. */
const CONNECTION_CACHE_BYTES = 8 << 20;

/** Of a thread's first connection, which nearly all queries use. */
const FIRST_CACHE_BYTES = 24 << 20;

interface OpenConnection {
  readonly db: Connection;
  readonly cancel: CancelFlag;
  readonly cursors: Set<ThreadCursor>;
}

/** A connection that others write on, too. */
interface GivenWriter {
  readonly db: Connection;
  readonly cancel: CancelFlag;
  readonly writing: WritingConnection;
}

export class QueryRunner {
  private readonly data: QueryThreadData;
  private readonly writer: GivenWriter | undefined;
  private readonly sequences: StoredSequences;
  private readonly writing: WritingConnection;
  private readonly writes = new KnownWrites();
  private readonly connections = new Map<number, OpenConnection>();
  private readonly cursors = new Map<number, { cursor: ThreadCursor; on: OpenConnection }>();

  /** @param writer what its writing connection is; none: one that it opens */
  constructor(data: QueryThreadData, writer?: GivenWriter) {
    this.data = data;
    this.writer = writer;
    this.sequences = new StoredSequences(data.storeDirectory, data.durability);
    this.writing =
      writer?.writing ??
      new WritingConnection(
        () => this.connection(WRITING_CONNECTION).db,
        () => this.sequences,
      );
  }

  /** The reply, undefined when the request wants none. */
  handle(request: ThreadRequest): ThreadReply | undefined {
    switch (request.kind) {
      case 'run':
        return this.run(request);
      case 'next':
        return this.nextOf(request);
      case 'close':
        this.closeCursor(request.cursor);
        return undefined;
      case 'begin':
        return this.begin(request.connection);
      case 'end':
        this.end(request.connection);
        return undefined;
      case 'leave':
        this.leave(request.connection);
        return undefined;
      case 'write':
        return this.write(request);
      case 'beginWrite':
        return this.answered(request.connection, () =>
          this.writing.beginBlock(request.savepoints, request.timestamp),
        );
      case 'endWrite':
        return this.answered(request.connection, () => this.endWrite(request));
      case 'makeWay':
        return this.makeWay(request);
      case 'comeBack':
        return this.answered(request.connection, () => this.writing.comeBack());
      case 'takeUp':
        return this.answered(request.connection, () => this.writing.takeUp(request.unfinished));
      case 'savepoint':
        return this.answered(request.connection, () => {
          this.detachCursors(request.connection);
          this.writing.savepoint(request.command, request.depth);
        });
      case 'define':
        throw new InvariantError('definitions have a way of their own');
      case 'checkpoint':
        return this.checkpoint(request.cursor);
      case 'stop':
        this.stop();
        return undefined;
    }
  }

  private connection(number: number): OpenConnection {
    let open = this.connections.get(number);
    if (open === undefined) {
      const writes = number === WRITING_CONNECTION;
      if (writes && this.writer !== undefined) {
        const { db, cancel } = this.writer;
        open = { db, cancel, cursors: new Set() };
        this.connections.set(number, open);
        return open;
      }
      const { durability } = this.data;
      const options = {
        readonly: !writes,
        cacheBytes: number === 0 ? FIRST_CACHE_BYTES : CONNECTION_CACHE_BYTES,
        durability,
      };
      const db = connectStore(this.data.storeDirectory, options);
      const cancel = new Int32Array(this.data.cancelFlags, number * 4, 1);
      // Temporary tables of one statement are made while cursors of others are open on the same snapshot.
      db.unsafeMode(true);
      prepareConnection(db, { cancel, sequences: writes ? this.writing : this.sequences });
      open = { db, cancel, cursors: new Set() };
      this.connections.set(number, open);
    }
    return open;
  }

  private run(request: Extract<ThreadRequest, { kind: 'run' }>): ThreadReply {
    try {
      if (request.timestamp !== undefined) this.sequences.at(request.timestamp);
      const on = this.connection(request.connection);
      // Functions can't be registered, nor tables handed over by the same names, while others read.
      if (request.tables.length > 0 || !hasFunctions(on.db, request.query.functions))
        for (const other of on.cursors) other.detach();
      const cursor = queryCursor(on.db, on.cancel, request);
      on.cursors.add(cursor);
      this.cursors.set(request.cursor, { cursor, on });
    } catch (error) {
      return { kind: 'error', cursor: request.cursor, error: toTransferredError(error) };
    }
    return this.next(request.cursor, request.rowsMax);
  }

  /** Open cursors must not see what comes: SQLite would show some of it to them. */
  private detachCursors(number: number): void {
    for (const cursor of this.connections.get(number)?.cursors ?? []) cursor.detach();
  }

  private write(request: Extract<ThreadRequest, { kind: 'write' }>): ThreadReply {
    try {
      const write = this.writes.get(request.writeId, request.write);
      const on = this.connection(request.connection);
      this.detachCursors(request.connection);
      const { affected, unmatched, cursor } = openWrite(
        on.db,
        on.cancel,
        this.writing,
        request,
        write,
      );
      on.cursors.add(cursor);
      this.cursors.set(request.cursor, { cursor, on });
      const reply = this.next(request.cursor, request.rowsMax);
      return reply.kind === 'batch' ? { ...reply, affected, unmatched } : reply;
    } catch (error) {
      return { kind: 'error', cursor: request.cursor, error: toTransferredError(error) };
    }
  }

  /** A change of the schema; `work` is done with the connection when it is over. */
  async define(
    { cursor, connection, definition }: Extract<ThreadRequest, { kind: 'define' }>,
    work: (db: Connection) => Promise<DefinitionResult>,
  ): Promise<ThreadReply> {
    const { db } = this.connection(connection);
    try {
      // SQLite refuses to drop what an open statement reads.
      this.detachCursors(connection);
      this.writing.at(definition.nowNanos);
      const result = await work(this.writing.definitionDb);
      this.writing.noteDefinition();
      return { kind: 'defined', cursor, result };
    } catch (error) {
      return { kind: 'error', cursor, error: toTransferredError(toQueryError(error, db)) };
    }
  }

  private endWrite(request: Extract<ThreadRequest, { kind: 'endWrite' }>): void {
    const { connection, command, pushed, timestamp } = request;
    this.closeCursorsOn(connection);
    if (command === 'ROLLBACK') this.writing.rollback(timestamp);
    else {
      try {
        this.writing.commit(pushed);
      } catch (error) {
        this.writing.rollback(timestamp);
        throw error;
      }
    }
  }

  private leave(connection: number): void {
    const open = this.connections.get(connection);
    if (open === undefined) return;
    const apart = { ...open, cursors: new Set<ThreadCursor>() };
    for (const [id, { cursor, on }] of this.cursors) {
      if (on !== open) continue;
      cursor.detach(true);
      open.cursors.delete(cursor);
      this.cursors.set(id, { cursor, on: apart });
    }
    if (connection !== WRITING_CONNECTION) this.end(connection);
  }

  private makeWay({
    connection,
    timestamp,
  }: Extract<ThreadRequest, { kind: 'makeWay' }>): ThreadReply {
    try {
      const made =
        this.connection(connection).cursors.size === 0 && this.writing.makeWay(timestamp);
      return { kind: made ? 'begun' : 'stayed', connection };
    } catch (error) {
      const known = toQueryError(error, this.connection(connection).db);
      return { kind: 'failed', connection, error: toTransferredError(known) };
    }
  }

  private answered(connection: number, work: () => void): ThreadReply {
    try {
      work();
      return { kind: 'begun', connection };
    } catch (error) {
      const known = toQueryError(error, this.connection(connection).db);
      return { kind: 'failed', connection, error: toTransferredError(known) };
    }
  }

  private nextOf({ cursor, rowsMax, timestamp }: Extract<ThreadRequest, { kind: 'next' }>) {
    if (timestamp !== undefined) this.sequences.at(timestamp);
    return this.next(cursor, rowsMax);
  }

  private next(number: number, rowsMax: number): ThreadReply {
    try {
      const { cursor, on } = defined(this.cursors.get(number), `cursor ${number}`);
      const batch = cursor.next(rowsMax);
      this.writing.flush();
      if (batch.done) this.closeCursor(number);
      const advanced = takeAdvanced(on.db);
      return { kind: 'batch', cursor: number, ...batch, advanced, signals: takeSignals() };
    } catch (error) {
      takeSignals(); // a query that failed has done nothing
      this.closeCursor(number);
      return { kind: 'error', cursor: number, error: toTransferredError(error) };
    }
  }

  private closeCursor(number: number): void {
    const open = this.cursors.get(number);
    if (open === undefined) return;
    this.cursors.delete(number);
    open.on.cursors.delete(open.cursor);
    open.cursor.close();
  }

  /** The first read fixes what the transaction sees. */
  private begin(number: number): ThreadReply {
    try {
      const { db } = this.connection(number);
      statement(db, 'BEGIN').run();
      statement(db, 'SELECT 1 FROM sqlite_schema LIMIT 1').get();
      return { kind: 'begun', connection: number };
    } catch (error) {
      return { kind: 'failed', connection: number, error: toTransferredError(error) };
    }
  }

  private end(number: number): void {
    const open = this.connections.get(number);
    if (open === undefined) return;
    this.closeCursorsOn(number);
    if (open.db.inTransaction) statement(open.db, 'ROLLBACK').run();
  }

  private closeCursorsOn(number: number): void {
    const open = this.connections.get(number);
    for (const [id, { on }] of this.cursors) if (on === open) this.closeCursor(id);
  }

  /** An open transaction checkpoints when it commits. */
  private checkpoint(cursor: number): ThreadReply {
    try {
      const { db } = this.connection(WRITING_CONNECTION);
      return { kind: 'checkpointed', cursor, frames: db.inTransaction ? 0 : bringIn(db) };
    } catch (error) {
      return { kind: 'error', cursor, error: toTransferredError(error) };
    }
  }

  private stop(): void {
    for (const id of [...this.cursors.keys()]) this.closeCursor(id);
    for (const { db } of this.connections.values()) db.close();
    this.connections.clear();
    this.sequences.close();
  }
}
