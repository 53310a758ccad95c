/** Times of writes: wall clock nanoseconds since 1970, each later than the one before. */
export class WriteClock {
  private last = 0n;
  private readonly wallMilliseconds: () => number;

  constructor(wallMilliseconds: () => number = Date.now) {
    this.wallMilliseconds = wallMilliseconds;
  }

  /** To be asked while holding the write lock: then times order as the writes do. */
  next(): bigint {
    const wall = BigInt(this.wallMilliseconds()) * 1_000_000n;
    this.last = wall > this.last ? wall : this.last + 1n;
    return this.last;
  }
}
