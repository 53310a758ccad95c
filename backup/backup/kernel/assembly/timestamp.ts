const EPOCH_2000_SECONDS: i64 = 946684800;
const MICROS: i64 = 1000000;

/** Whole seconds since 1970 of microseconds since 2000-01-01, as catalog/types/datetime.ts has them. */
export function secondsOf(micros: i64): i64 {
  return floor(micros) + EPOCH_2000_SECONDS;
}

/** What `secondsOf` leaves. */
export function microsOf(micros: i64): i64 {
  return micros - floor(micros) * MICROS;
}

function floor(micros: i64): i64 {
  const quotient = micros / MICROS;
  return quotient * MICROS > micros ? quotient - 1 : quotient;
}
