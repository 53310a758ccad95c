import { notSupported, SqlError } from '../../base/errors';
import { InvariantError } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection, Statement } from '../../storage/ranges/connection';
import { sqlAsOf } from '../../storage/ranges/history-reads';
import { sqliteCode, toStorageError } from '../../storage/ranges/sqlite-errors';
import type { SessionValues } from '../builtins/repr';
import type { CompiledQuery, ParameterSlot } from '../emit/compiled-query';
import { registerFunctions } from './functions';

/** Runs a compiled query on a connection of the calling thread. */

/** Rows as SQLite gives them, one array a row. */
export type RowIterator = IterableIterator<Repr[]>;

/** Prepared statements a connection keeps; the oldest go first. */
const STATEMENTS_MAX = 256;

const caches = new WeakMap<Connection, Map<string, Statement>>();

/** The prepared statement of a query, from the connection's cache unless it is in use. */
export function prepare(
  db: Connection,
  query: Pick<CompiledQuery, 'sql' | 'functions'>,
): Statement {
  let cache = caches.get(db);
  if (cache === undefined) {
    cache = new Map();
    caches.set(db, cache);
  }
  const known = cache.get(query.sql);
  if (known !== undefined && !known.busy) {
    // In a cache that is not full nobody asks which was used last.
    if (cache.size >= STATEMENTS_MAX / 2) {
      cache.delete(query.sql);
      cache.set(query.sql, known);
    }
    return known;
  }
  registerFunctions(db, query.functions);
  const made = db.prepare<unknown[], unknown>(query.sql).safeIntegers(true);
  if (made.reader) made.raw(true);
  if (known === undefined) {
    cache.set(query.sql, made);
    const oldest = cache.size > STATEMENTS_MAX ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
  }
  return made;
}

export function bindSlots(
  slots: readonly ParameterSlot[],
  parameters: readonly Repr[],
  session: SessionValues,
): Record<string, Repr> {
  const bound: Record<string, Repr> = {};
  for (const [i, slot] of slots.entries())
    bound[`p${i + 1}`] = slotValue(slot, parameters, session);
  return bound;
}

export function slotValue(
  slot: ParameterSlot,
  parameters: readonly Repr[],
  session: SessionValues,
): Repr {
  switch (slot.kind) {
    case 'const':
      return sqliteValue(slot.value);
    case 'param':
      return sqliteValue(parameters[slot.index - 1] ?? null);
    case 'context':
      return sqliteValue(session[slot.name] ?? null);
  }
}

/** A JS number would become a REAL; only negative zero is meant to. */
export function sqliteValue(value: Repr): Repr {
  return typeof value === 'number' && !Object.is(value, -0) ? BigInt(value) : value;
}

/** @throws SqlError from binding, functions, or the store */
export function executeOn(
  db: Connection,
  query: CompiledQuery,
  parameters: readonly Repr[],
  session: SessionValues,
): RowIterator {
  try {
    const { asOf } = query;
    const text = asOf === undefined ? query : { ...query, sql: sqlAsOf(db, query.sql, asOf) };
    const statement = prepare(db, text);
    const bound = bindSlots(query.slots, parameters, session);
    return statement.iterate(bound) as RowIterator;
  } catch (error) {
    throw toQueryError(error, db);
  }
}

/** What SQLite says of recursion that it does not have. */
const RECURSION =
  /^(?:circular reference|multiple references to recursive|multiple recursive references|recursive reference in a subquery|recursive aggregate queries|cannot use window functions in recursive)/;

/** What JavaScript says of texts and arrays beyond its limits. */
const TOO_LONG = /^Invalid (?:string|array|typed array|count) ?(?:length|value)|allocation failed/;

/** What of SQLite's errors a query can cause by itself. */
export function toQueryError(error: unknown, db: Connection): unknown {
  if (error instanceof RangeError && TOO_LONG.test(error.message))
    return new SqlError('programLimitExceeded', 'requested length too large');
  const code = sqliteCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  if (error.message === 'integer overflow')
    return new SqlError('numericValueOutOfRange', 'integer out of range');
  const frame = /^frame (starting|ending) offset must be a non-negative/.exec(error.message);
  if (frame !== null)
    return new SqlError(
      'invalidPrecedingOrFollowingSize',
      `frame ${frame[1]} offset must not be negative`,
    );
  if (error.message.startsWith('too many') || error.message.includes('too large'))
    return new SqlError('statementTooComplex', `statement is too complex: ${error.message}`);
  if (/^at most \d+ tables in a join/.test(error.message))
    return new SqlError('statementTooComplex', `statement is too complex: ${error.message}`);
  if (RECURSION.test(error.message))
    return notSupported(
      'this reference of a recursive WITH query to itself',
      'Let its second part name itself once, in FROM, without aggregates or windows over it.',
    );
  // Bound before another session dropped the table, run after.
  if (/^no such table: (main\.)?t\d+$/.test(error.message))
    return new SqlError(
      'serializationFailure',
      'restart transaction: a table of this query was dropped before the query began',
    );
  if (code === 'SQLITE_TOOBIG')
    return new SqlError('programLimitExceeded', 'value or row too large');
  const storage = toStorageError(error, db.name);
  if (storage !== error) return storage;
  return new InvariantError(`${code}: ${error.message}`);
}
