/** 2015-01-01 UTC in units of 10 microseconds since 1970. Source: CockroachDB's unique_rowid(). */
const EPOCH = BigInt(Date.UTC(2015, 0, 1)) * 100n;

/** Low bits that name the node. */
const NODE_BITS = 15n;

let last = 0n;

/**
 * An int8 that no other call of this thread returns and that grows: time in units of 10 microseconds, then the node's id in
 * 15 bits. Job ids and `unique_rowid()` look like this.
 */
export function uniqueId(nodeId: number, nowMillis: number = Date.now()): bigint {
  const now = BigInt(Math.floor(nowMillis * 100)) - EPOCH;
  last = now > last ? now : last + 1n;
  return (last << NODE_BITS) | BigInt(nodeId & 0x7fff);
}
