import { InvariantError } from '../../base/invariant';
import type { Connection } from './connection';

/**
 * The time of a connection's write transaction, for triggers: meta tables keep what is overwritten in them (`meta-history.ts`), and
 * SQL has no other way to learn of it.
 */

const times = new WeakMap<Connection, bigint>();

/** Once for a connection that writes. */
export function registerWriteTime(db: Connection): void {
  // In one statement it is: otherwise SQLite would look for it without an index.
  db.function('write_time', { deterministic: true }, () => {
    const time = times.get(db);
    if (time === undefined) throw new InvariantError('a change of a meta table without a time');
    return time;
  });
}

/** @param nanos since 1970; undefined: the transaction is over */
export function setWriteTime(db: Connection, nanos: bigint | undefined): void {
  if (nanos === undefined) times.delete(db);
  else times.set(db, nanos);
}
