import { type Awaitable, caught } from '../../base/awaitable';
import { SqlError } from '../../base/errors';
import type { Claim } from '../../storage/ranges/claim';
import type { Lease, ROWS, WriteLocker } from '../../storage/ranges/write-lock';

/** One statement from its first work to its last: what ends it before it is done. */
export class StatementRun {
  private controller: AbortController | undefined;
  private ended: SqlError | undefined;
  private onAborts: Set<() => void> | undefined;
  private readonly timeoutMs: number;
  private readonly lockTimeoutMs: number;
  private readonly onEnd: (run: StatementRun) => void;
  /** Its text; empty: nothing that SHOW QUERIES would list. */
  readonly sql: string;
  readonly startedMicros = Date.now() * 1000;
  /** Tables that a query reads, by descriptor id. */
  reads: ReadonlySet<number> | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** @param timeouts statement_timeout and lock_timeout, in milliseconds; 0 = none */
  constructor(
    timeouts: { readonly statementMs: number; readonly lockMs: number },
    onEnd: (run: StatementRun) => void,
    sql = '',
  ) {
    this.sql = sql;
    this.timeoutMs = timeouts.statementMs;
    this.lockTimeoutMs = timeouts.lockMs;
    this.onEnd = onEnd;
  }

  /** Its reason is the error that the client is to see. Made when it is asked for: most statements need none. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.ended !== undefined) this.controller.abort(this.ended);
    }
    return this.controller.signal;
  }

  /** Why it was ended, the signal's reason. */
  get abortedBy(): SqlError | undefined {
    return this.ended;
  }

  throwIfAborted(): void {
    if (this.ended !== undefined) throw this.ended;
  }

  /** Calls it when the statement is to end, unless it is taken off before. */
  onAbort(listener: () => void): void {
    this.onAborts ??= new Set();
    this.onAborts.add(listener);
  }

  offAbort(listener: () => void): void {
    this.onAborts?.delete(listener);
  }

  cancel(): void {
    this.abort('query execution canceled');
  }

  private abort(message: string): void {
    if (this.ended !== undefined) return;
    this.ended = new SqlError('queryCanceled', message);
    this.controller?.abort(this.ended);
    for (const listener of [...(this.onAborts ?? [])]) listener();
  }

  /** Time counts while the statement works, not while a suspended portal waits for its client. */
  startTimer(): void {
    if (this.timeoutMs === 0 || this.timer !== undefined) return;
    this.timer = setTimeout(
      () => this.abort('query execution canceled due to statement timeout'),
      this.timeoutMs,
    );
  }

  stopTimer(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  end(): void {
    this.stopTimer();
    this.onEnd(this);
  }

  /**
   * Waits for the write lock. @throws SqlError lockNotAvailable (55P03) after lock_timeout; the signal's reason
   */
  async lock(lock: WriteLocker, owner: string, claim?: Claim | typeof ROWS): Promise<Lease> {
    const { signal, lockTimeoutMs } = this;
    if (lockTimeoutMs === 0) return await lock.acquire(owner, signal, claim);
    const late = new AbortController();
    const timer = setTimeout(
      () => late.abort(new SqlError('lockNotAvailable', 'canceling statement due to lock timeout')),
      lockTimeoutMs,
    );
    try {
      return await lock.acquire(owner, AbortSignal.any([signal, late.signal]), claim);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Work that only reads: nobody waits for it any longer than for a cancel or the timeout. */
  async race<T>(work: Promise<T> | T): Promise<T> {
    this.throwIfAborted();
    if (!(work instanceof Promise)) return work;
    return await untilAborted(work, this.signal);
  }
}

/** What `work` gives; the statement ends when it fails. */
export function endingWith<T>(run: StatementRun, work: () => Awaitable<T>): Awaitable<T> {
  return caught(work, (error) => {
    run.end();
    throw error;
  });
}

/** What `work` gives, or the signal's reason when that comes first; the work itself goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
