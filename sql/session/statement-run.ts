import { SqlError } from '../../base/errors';

/** One statement from its first work to its last: what ends it before it is done. */
export class StatementRun {
  private readonly controller = new AbortController();
  private readonly timeoutMs: number;
  private readonly onEnd: (run: StatementRun) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param timeoutMs statement_timeout; 0 = none */
  constructor(timeoutMs: number, onEnd: (run: StatementRun) => void) {
    this.timeoutMs = timeoutMs;
    this.onEnd = onEnd;
  }

  /** Its reason is the error that the client is to see. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  cancel(): void {
    this.controller.abort(new SqlError('queryCanceled', 'query execution canceled'));
  }

  /** Time counts while the statement works, not while a suspended portal waits for its client. */
  startTimer(): void {
    if (this.timeoutMs === 0 || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.controller.abort(
        new SqlError('queryCanceled', 'query execution canceled due to statement timeout'),
      );
    }, this.timeoutMs);
  }

  stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  end(): void {
    this.stopTimer();
    this.onEnd(this);
  }

  /** Work that only reads: nobody waits for it any longer than for a cancel or the timeout. */
  async race<T>(work: Promise<T> | T): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    if (!(work instanceof Promise)) return work;
    return await untilAborted(work, signal);
  }
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
