import { SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';

/**
 * pg_cancel_backend and pg_terminate_backend. What they may do is known before the query runs; what they do is told to the
 * main thread with the rows, and done there.
 */

export type BackendSignal = 'cancel' | 'terminate';

/** In the order in which they were sent. */
export type SentSignals = readonly (readonly [pid: number, signal: BackendSignal])[];

/** What may be done to a session. */
export type BackendRight = 'yes' | 'notMember' | 'notAdmin';

/** The value of `backends`, as JSON: a right for each pid. */
export type BackendRights = Readonly<Record<string, BackendRight>>;

/** Source of the messages: PostgreSQL 15, signalfuncs.c. */
const DENIED = {
  cancel: {
    notAdmin: 'must be a superuser to cancel superuser query',
    notMember:
      'must be a member of the role whose query is being canceled or member of pg_signal_backend',
  },
  terminate: {
    notAdmin: 'must be a superuser to terminate superuser process',
    notMember:
      'must be a member of the role whose process is being terminated or member of pg_signal_backend',
  },
} as const;

/** Of the batch that is being made: this thread makes one at a time. */
let sent: (readonly [number, BackendSignal])[] = [];

const NONE: SentSignals = [];

/** The signals sent since the last call. */
export function takeSignals(): SentSignals {
  if (sent.length === 0) return NONE;
  const taken = sent;
  sent = [];
  return taken;
}

export function registerSignalFunctions(db: Connection): void {
  let known: { readonly text: string; readonly rights: BackendRights } | undefined;
  const options = { safeIntegers: true, deterministic: false } as const;
  const send = (signal: BackendSignal, pid: Repr, backends: string): Repr => {
    if (pid === null) return null;
    if (known?.text !== backends) known = { text: backends, rights: JSON.parse(backends) };
    const right = known.rights[String(pid)];
    if (right === 'notAdmin' || right === 'notMember') {
      throw new SqlError('insufficientPrivilege', DENIED[signal][right]);
    }
    sent.push([Number(pid), signal]);
    return right === undefined ? 0n : 1n;
  };
  db.function('q_signal', options, send);
}
