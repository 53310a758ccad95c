import { setTimeout as sleep } from 'node:timers/promises';
import { CorruptionError, SqlError } from '../../../base/errors';
import type { ErrorReason } from './object-driver';

/** How long a provider is waited for, and how often it is asked again. */
export interface Patience {
  /** Attempts that get nothing done, one after the other, until it is given up. */
  readonly attemptsMax: number;
  /** Before the second attempt; doubles from one to the next. */
  readonly backoffMs: number;
  readonly backoffMsMax: number;
  /** Without a byte in either direction an attempt ends after this. */
  readonly silenceMs: number;
  /** What time it is; tests have their own. */
  readonly clock?: WaitClock;
}

export interface WaitClock {
  /** Milliseconds since some moment. */
  now(): number;
  /** @returns stops it */
  startTimer(ring: () => void, afterMs: number): () => void;
}

const REAL_CLOCK: WaitClock = {
  now: () => performance.now(),
  startTimer(ring, afterMs) {
    const timer = setTimeout(ring, afterMs);
    return () => clearTimeout(timer);
  },
};

export const PATIENCE: Patience = {
  attemptsMax: 6,
  backoffMs: 100,
  backoffMsMax: 10_000,
  silenceMs: 30_000,
};

/** What an attempt did not do in time. */
class Silence extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
  }
}

/** What an operation did not do in time, with all its attempts. */
class Overdue extends Error {
  constructor() {
    super('the operation took longer than cloudstorage.timeout');
  }
}

/** One attempt: its signal ends it when the whole operation is given up, or nothing happens for too long. */
export class Attempt {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly clock: WaitClock;
  private readonly silenceMs: number;
  private readonly deadlineMs: number;
  private stopTimer: (() => void) | undefined;
  private progressAtMs: number;

  /**
   * @param signal ends the operation
   * @param graceMs more time, for a request that takes long to send
   * @param deadlineMs of the operation, by the clock
   */
  constructor({ patience, signal, graceMs = 0 }: AttemptsOptions, deadlineMs: number) {
    this.clock = patience.clock ?? REAL_CLOCK;
    this.silenceMs = patience.silenceMs + graceMs;
    this.deadlineMs = deadlineMs;
    this.progressAtMs = this.clock.now();
    this.signal =
      signal === undefined
        ? this.controller.signal
        : AbortSignal.any([this.controller.signal, signal]);
    this.watch();
  }

  /** Something arrived: the time starts anew. Called for every piece of a body. */
  progress(): void {
    this.progressAtMs = this.clock.now();
  }

  private readonly watch = (): void => {
    const silentAtMs = this.progressAtMs + this.silenceMs;
    const leftMs = Math.min(silentAtMs, this.deadlineMs) - this.clock.now();
    if (leftMs > 0) this.stopTimer = this.clock.startTimer(this.watch, Math.ceil(leftMs));
    else if (this.deadlineMs < silentAtMs) this.controller.abort(new Overdue());
    else this.controller.abort(new Silence(this.silenceMs));
  };

  /** Clients that ignore the signal are not waited for either. */
  async run<T>(body: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    const work = body(signal);
    work.catch(() => undefined);
    let stop: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      if (stop !== undefined) signal.removeEventListener('abort', stop);
    }
  }

  end(): void {
    this.stopTimer?.();
  }
}

export interface AttemptsOptions {
  readonly patience: Patience;
  /** Ends the operation with its reason. */
  readonly signal: AbortSignal | undefined;
  readonly reasonOf: (error: unknown) => ErrorReason;
  /** The error for the user, once no further attempt is made. */
  readonly failure: (reason: ErrorReason, attempts: number, cause: unknown) => Error;
  readonly graceMs?: number;
  /** For all attempts together; 0: without end. */
  readonly timeoutMs: number;
}

/**
 * Runs `body` until it succeeds, fails for good, or has failed too often without getting further.
 * @param body returns its result, or throws; what it has done already is its own to remember
 * @param progressed whether the attempt that just failed got anything done: then the count starts anew
 */
export async function attempts<T>(
  options: AttemptsOptions,
  body: (attempt: Attempt) => Promise<T>,
  progressed: () => boolean = () => false,
): Promise<T> {
  const { patience, signal, timeoutMs } = options;
  const clock = patience.clock ?? REAL_CLOCK;
  const deadlineMs = timeoutMs > 0 ? clock.now() + timeoutMs : Number.POSITIVE_INFINITY;
  let count = 0;
  while (true) {
    const attempt = new Attempt(options, deadlineMs);
    try {
      return await attempt.run(() => body(attempt));
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof SqlError || error instanceof CorruptionError) throw error;
      const reason = impatienceOf(attempt) ?? options.reasonOf(error);
      count = progressed() ? 1 : count + 1;
      const isOver = attempt.signal.reason instanceof Overdue;
      if (reason.kind !== 'transient' || count >= patience.attemptsMax || isOver) {
        throw options.failure(reason, count, error);
      }
    } finally {
      attempt.end();
    }
    await pause(patience, count, signal);
  }
}

function impatienceOf({ signal }: Attempt): ErrorReason | undefined {
  const reason: unknown = signal.reason;
  if (!(reason instanceof Silence) && !(reason instanceof Overdue)) return undefined;
  return { kind: 'transient', message: reason.message };
}

/** Spread at random, so that readers who failed together do not come back together. */
async function pause(patience: Patience, count: number, signal?: AbortSignal): Promise<void> {
  const longest = Math.min(patience.backoffMs * 2 ** (count - 1), patience.backoffMsMax);
  try {
    await sleep(longest * (0.5 + Math.random() / 2), undefined, signal ? { signal } : {});
  } catch {
    signal?.throwIfAborted();
  }
}
