import { redactSecrets } from '../../base/logger';
import type { SessionOptions, TransactionStatus } from '../engine';
import type { SessionSettings } from './settings';
import type { StatementRun } from './statement-run';

/** The sessions of a server: what SHOW SESSIONS lists and CANCEL ends. */

const NODE = '00000001';
const RECENT_LENGTH_MAX = 10_000;

/** An id as CockroachDB prints them: a time, a counter and the node in hexadecimal. */
function uniqueId(micros: number, counter: number): string {
  const nanos = BigInt(micros) * 1000n;
  return `${nanos.toString(16).padStart(16, '0')}${counter.toString(16).padStart(8, '0')}${NODE}`;
}

/** As much of a statement as is shown of it: its beginning, without secrets. */
export const shownText = (sql: string): string => redactSecrets(sql.slice(0, RECENT_LENGTH_MAX));

export interface LiveQuery {
  readonly id: string;
  readonly sql: string;
  readonly startedMicros: number;
  cancel(): void;
}

/** What a session shows of itself. */
interface Owner {
  readonly settings: SessionSettings;
  readonly transaction: { readonly status: TransactionStatus; readonly startedMicros: number };
}

export class LiveSession {
  readonly id: string;
  readonly pid: number;
  readonly user: string;
  readonly remoteAddress: string;
  readonly startedMicros = Date.now() * 1000;
  /** The statement that ended last. */
  lastQuery = '';
  private readonly owner: Owner;
  private readonly end: () => void;
  private readonly runs: ReadonlySet<StatementRun>;
  private readonly ids = new WeakMap<StatementRun, string>();
  private counter = 0;

  constructor(
    about: Pick<SessionOptions, 'user' | 'remoteAddress' | 'backendPid'>,
    owner: Owner,
    runs: ReadonlySet<StatementRun>,
    end: () => void,
  ) {
    this.pid = about.backendPid;
    this.user = about.user;
    this.remoteAddress = about.remoteAddress;
    this.id = uniqueId(this.startedMicros, about.backendPid);
    this.owner = owner;
    this.runs = runs;
    this.end = end;
  }

  get applicationName(): string {
    return this.owner.settings.get('application_name');
  }

  get database(): string {
    return this.owner.settings.get('database');
  }

  get state(): 'active' | 'idle' | 'idle in transaction' {
    if (this.queries().length > 0) return 'active';
    return this.owner.transaction.status === 'I' ? 'idle' : 'idle in transaction';
  }

  /** The open block's; undefined outside of one. */
  get transaction(): { readonly id: string; readonly startedMicros: number } | undefined {
    const { status, startedMicros } = this.owner.transaction;
    return status === 'I' ? undefined : { id: uuidOf(startedMicros, this.pid), startedMicros };
  }

  get statements(): Iterable<StatementRun> {
    return this.runs;
  }

  /** Statements at work. */
  queries(): LiveQuery[] {
    return [...this.runs].flatMap((run): LiveQuery[] => {
      if (run.sql === '') return [];
      let id = this.ids.get(run);
      if (id === undefined) {
        id = uniqueId(run.startedMicros, this.pid * 1000 + (this.counter++ % 1000));
        this.ids.set(run, id);
      }
      const sql = shownText(run.sql);
      return [{ id, sql, startedMicros: run.startedMicros, cancel: () => run.cancel() }];
    });
  }

  /** Cancels what runs and sends the client away. */
  terminate(): void {
    this.end();
  }
}

function uuidOf(micros: number, pid: number): string {
  const hex = `${micros.toString(16).padStart(20, '0')}${pid.toString(16).padStart(12, '0')}`;
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)];
  return [...parts, hex.slice(20, 32)].join('-');
}

export class LiveSessions {
  private readonly sessions = new Set<LiveSession>();

  add(session: LiveSession): void {
    this.sessions.add(session);
  }

  remove(session: LiveSession): void {
    this.sessions.delete(session);
  }

  /** @param user those of this one only; undefined: all */
  list(user?: string): LiveSession[] {
    const all = [...this.sessions];
    return user === undefined ? all : all.filter((session) => session.user === user);
  }
}
