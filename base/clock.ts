/** The machine's clock in nanoseconds since 1970-01-01 UTC, as descriptors are stamped; it ticks in milliseconds. */
export const wallNanos = (): bigint => BigInt(Date.now()) * 1_000_000n;
