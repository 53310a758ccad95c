/** What a piece of work reads and writes, by table; two that share nothing may go in either order. */
export interface Claim {
  /** Descriptor ids. */
  readonly reads: Iterable<number>;
  readonly writes: Iterable<number>;
}
