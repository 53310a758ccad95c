import { setInteger } from './record';
import { giveUp } from './state';

const EPOCH_2000_SECONDS: i64 = 946684800;
const SECONDS_MAX: i64 = 9300000000000;

/** A timestamp is microseconds since 2000-01-01, as catalog/types/datetime.ts has it. */
export function setTimestamp(slot: i32, seconds: i64, nanos: i64): void {
  const known =
    nanos >= 0 && nanos < 1000000000 && seconds >= -SECONDS_MAX && seconds <= SECONDS_MAX;
  if (!known) return giveUp();
  setInteger(slot, (seconds - EPOCH_2000_SECONDS) * 1000000 + nanos / 1000);
}
