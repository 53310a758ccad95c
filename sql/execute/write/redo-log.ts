import type { Connection, Statement } from '../../../storage/ranges/connection';
import type { FunctionUse } from '../../emit/compiled-query';
import { registerFunctions } from '../functions';

/**
 * What a write transaction has done to the store, statement by statement with the values that were written: done again after
 * a rollback, on a store where nothing that it read or wrote has changed, it gives the same.
 */

interface Entry {
  readonly sql: string;
  /** Undefined: text that is executed as it is. */
  readonly values: readonly unknown[] | undefined;
}

/** One that is complete. */
export interface PlainRedoLog {
  readonly entries: readonly Entry[];
  readonly functions: readonly FunctionUse[];
  readonly values: number;
  readonly bytes: number;
}

/** Beyond this a transaction is not worth doing twice. */
const VALUES_MAX = 200_000;
const BYTES_MAX = 16 << 20;

export class RedoLog {
  private entries: Entry[] = [];
  private functions = new Map<string, FunctionUse>();
  private values = 0;
  private bytes = 0;
  private overflowed = false;

  /** It holds all that was done. */
  get isComplete(): boolean {
    return !this.overflowed;
  }

  /** As it can be sent to another thread. */
  toPlain(): PlainRedoLog {
    const { entries, functions, values, bytes } = this;
    return { entries, functions: [...functions.values()], values, bytes };
  }

  static of({ entries, functions, values, bytes }: PlainRedoLog): RedoLog {
    const log = new RedoLog();
    log.uses(functions);
    log.entries = [...entries];
    log.values = values;
    log.bytes = bytes;
    return log;
  }

  /** How much there is to do again. */
  get valueCount(): number {
    return this.values;
  }

  /** What is added calls them: another connection may not know them. */
  uses(functions: readonly FunctionUse[]): void {
    for (const use of functions) this.functions.set(use.sqliteName, use);
  }

  add(sql: string, values: readonly unknown[] | undefined): void {
    if (this.overflowed) return;
    this.values += 1 + (values?.length ?? 0);
    this.bytes += values === undefined ? sql.length : bytesOf(values);
    if (this.values > VALUES_MAX || this.bytes > BYTES_MAX) this.overflow();
    else this.entries.push({ sql, values });
  }

  /** What was added last goes through as many rows. */
  weigh(rows: number): void {
    this.values += rows;
    if (this.values > VALUES_MAX) this.overflow();
  }

  private overflow(): void {
    this.overflowed = true;
    this.entries = [];
  }

  /** In the transaction that is to be as the one before. */
  replay(db: Connection): void {
    try {
      this.doAgain(db);
    } catch (error) {
      // Broken off within a change of the schema: `rename-tables.ts`.
      db.exec('PRAGMA writable_schema = RESET');
      throw error;
    }
  }

  private doAgain(db: Connection): void {
    registerFunctions(db, [...this.functions.values()]);
    let prepared: { readonly sql: string; readonly statement: Statement } | undefined;
    for (const { sql, values } of this.entries) {
      if (values === undefined) {
        prepared = undefined;
        db.exec(sql);
        continue;
      }
      if (prepared?.sql !== sql) prepared = { sql, statement: db.prepare(sql) };
      const { statement } = prepared;
      if (statement.reader) statement.all(...values);
      else statement.run(...values);
    }
  }
}

function bytesOf(values: readonly unknown[]): number {
  let bytes = 0;
  for (const value of values) {
    if (typeof value === 'string') bytes += value.length * 2;
    else if (value instanceof Uint8Array) bytes += value.length;
    else if (Array.isArray(value)) bytes += bytesOf(value);
    else if (typeof value === 'object' && value !== null) bytes += bytesOf(Object.values(value));
    else bytes += 8;
  }
  return bytes;
}

/** The connection with all that changes the store noted: for work that is no hot path. */
export function recorded(db: Connection, log: () => RedoLog | undefined): Connection {
  const prepare = (sql: string): Statement => recordedStatement(db.prepare(sql), log);
  const exec = (sql: string): Connection => {
    db.exec(sql);
    log()?.add(sql, undefined);
    return proxy;
  };
  const proxy: Connection = new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return prepare;
      if (name === 'exec') return exec;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  return proxy;
}

const RUNS: ReadonlySet<string | symbol> = new Set(['run', 'get', 'all', 'iterate']);
const MODES: ReadonlySet<string | symbol> = new Set([
  'pluck',
  'raw',
  'expand',
  'safeIntegers',
  'bind',
]);

function recordedStatement(statement: Statement, log: () => RedoLog | undefined): Statement {
  if (statement.readonly) return statement;
  const proxy: Statement = new Proxy(statement, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      if (RUNS.has(name)) {
        return (...values: unknown[]) => {
          const result: unknown = member.apply(target, values);
          log()?.add(target.source, values.map(copied));
          return result;
        };
      }
      return (...args: unknown[]) => {
        const result: unknown = member.apply(target, args);
        return MODES.has(name) ? proxy : result;
      };
    },
  });
  return proxy;
}

/** Callers fill one array again and again. */
const copied = (value: unknown): unknown => (Array.isArray(value) ? [...value] : value);
