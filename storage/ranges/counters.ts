import { defined, invariant } from '../../base/invariant';
import { type Connection, statement } from './connection';

type CounterName = 'catalog_version' | 'next_descriptor_id' | 'next_range_id';

export function readCounter(db: Connection, name: CounterName): number {
  const row = statement(db, 'SELECT value FROM counters WHERE name = ?').get(name) as
    | { value: number }
    | undefined;
  return defined(row, `counter ${name}`).value;
}

/** Adds `count` to the counter and returns what it was before; inside the caller's write transaction. */
export function advanceCounter(db: Connection, name: CounterName, count: number): number {
  invariant(Number.isSafeInteger(count) && count >= 0, `counter ${name} advanced by ${count}`);
  const before = readCounter(db, name);
  statement(db, 'UPDATE counters SET value = ? WHERE name = ?').run(before + count, name);
  return before;
}

/** Raises the counter to at least `value`. */
export function raiseCounter(db: Connection, name: CounterName, value: number): void {
  statement(db, 'UPDATE counters SET value = max(value, ?) WHERE name = ?').run(value, name);
}
