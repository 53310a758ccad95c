/** A write whose rows carry a time and are not there yet. */
export interface WriteUnderWay {
  readonly timestamp: bigint;
  /** It is there now, or will never be. */
  end(): void;
}

/**
 * Times of writes: wall clock nanoseconds since 1970, each later than the one before. Who reads the past asks here first, so that
 * what was seen at a time stays so.
 */
export class WriteClock {
  private last = 0n;
  private given = 0n;
  /** The latest time that somebody has read the store as of. */
  private settled = 0n;
  private readonly wallMilliseconds: () => number;
  private readonly underWay = new Map<WriteUnderWay, Promise<void>>();

  constructor(wallMilliseconds: () => number = Date.now) {
    this.wallMilliseconds = wallMilliseconds;
  }

  /** To be asked while holding the write lock: then times order as the writes do. */
  next(): bigint {
    const wall = this.wall();
    this.last = wall > this.last ? wall : this.last + 1n;
    this.given = this.last;
    return this.last;
  }

  /** The latest time that a write has been given. */
  get issued(): bigint {
    return this.given;
  }

  /** The present: what was written before has no later time, and what is written from now on has. */
  now(): bigint {
    const wall = this.wall();
    if (wall > this.last) this.last = wall;
    return this.last;
  }

  private wall(): bigint {
    return BigInt(this.wallMilliseconds()) * 1_000_000n;
  }

  /** A write that takes the time until `end`. */
  begin(): WriteUnderWay {
    return this.track(this.next());
  }

  /**
   * A transaction that has written rows with times from `first` on is to commit. It is there from the time that this gives: `first`,
   * unless somebody has read the store as of then meanwhile.
   * @param hasMoreTimes not all of its rows carry `first`
   */
  commit(first: bigint, hasMoreTimes: boolean): WriteUnderWay {
    return this.track(hasMoreTimes || this.settled >= first ? this.next() : first);
  }

  private track(timestamp: bigint): WriteUnderWay {
    let finish = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const write: WriteUnderWay = {
      timestamp,
      end: () => {
        this.underWay.delete(write);
        finish();
      },
    };
    this.underWay.set(write, ended);
    return write;
  }

  /**
   * Before the store is read as it was at `time`: from then on no write gets that time or an earlier one, and those that have one are
   * there.
   */
  async settle(time: bigint): Promise<void> {
    if (time > this.last) this.last = time;
    if (time > this.settled) this.settled = time;
    const earlier = [...this.underWay].filter(([{ timestamp }]) => timestamp <= time);
    await Promise.all(earlier.map(([, ended]) => ended));
  }

  /** No write after this gets an earlier time: what a store holds may be ahead of this machine's clock. */
  startAfter(time: bigint): void {
    if (time > this.last) this.last = time;
  }
}
