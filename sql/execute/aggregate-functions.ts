import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { compileIdentity } from '../builtins/compare-values';
import type { AggregateBody, AggregateRow } from '../builtins/function-row';
import type { FunctionUse } from '../emit/compiled-query';
import { type CancelFlag, checkCanceled } from './cancel';

/** Aggregates that step in JavaScript: plain, over distinct values, over windows. */

type Body = AggregateBody<unknown>;

interface Holder {
  state: unknown;
}

interface DistinctHolder extends Holder {
  readonly seen: Set<string>;
}

/** Of a window that slides: what is in it, when the aggregate can't take a value back. */
interface WindowHolder extends Holder {
  rows: (readonly Repr[])[];
  first: number;
  stale: boolean;
}

/** Rows that have left a window are dropped from memory in lots of this many. */
const ROWS_DROPPED_AT_ONCE = 1024;

export function registerAggregate(
  db: Connection,
  use: FunctionUse,
  row: AggregateRow,
  cancel: CancelFlag,
): void {
  const { implementation, skipsNull } = row;
  if (implementation.kind === 'sql') return;
  const body = implementation.make(use.args, use.returns);
  const skips = (args: readonly Repr[]): boolean => {
    checkCanceled(cancel);
    return skipsNull && args[0] === null;
  };
  const options = { deterministic: true, safeIntegers: true, varargs: true } as const;
  const { sqliteName, variant } = use;
  if (variant === 'distinct')
    db.aggregate(sqliteName, { ...options, ...distinct(body, skips, use.args) });
  else if (variant === 'sliding' && body.inverse === undefined)
    db.aggregate(sqliteName, { ...options, ...recomputing(body, skips) });
  else if (variant === undefined && use.args.length === 1)
    db.aggregate(sqliteName, { ...options, ...single(body, skipsNull, cancel) });
  else if (variant === undefined) db.aggregate(sqliteName, { ...options, ...plain(body, skips) });
  else db.aggregate(sqliteName, { ...options, ...invertible(body, skips) });
}

type Skips = (args: readonly Repr[]) => boolean;

function plain(body: Body, skips: Skips) {
  return {
    start: (): Holder => ({ state: body.start() }),
    step: (holder: Holder, ...args: unknown[]): Holder => {
      const values = args as Repr[];
      if (!skips(values)) holder.state = body.step(holder.state, ...values);
      return holder;
    },
    result: (holder: Holder) => body.result(holder.state),
  };
}

/** As `plain`, without an array of arguments for each row. */
function single(body: Body, skipsNull: boolean, cancel: CancelFlag) {
  return {
    start: (): Holder => ({ state: body.start() }),
    step: (holder: Holder, value: unknown): Holder => {
      if (cancel[0] !== 0) checkCanceled(cancel);
      if (value !== null || !skipsNull) holder.state = body.step(holder.state, value as Repr);
      return holder;
    },
    result: (holder: Holder) => body.result(holder.state),
  };
}

/** SQLite's DISTINCT takes one argument only and knows no keys. */
function distinct(body: Body, skips: Skips, types: readonly SqlType[]) {
  const identities = types.map(compileIdentity);
  return {
    start: (): DistinctHolder => ({ state: body.start(), seen: new Set() }),
    step: (holder: DistinctHolder, ...args: unknown[]): DistinctHolder => {
      const values = args as Repr[];
      if (skips(values)) return holder;
      const id = JSON.stringify(values.map((value, i) => identities[i]?.(value)));
      if (holder.seen.has(id)) return holder;
      holder.seen.add(id);
      holder.state = body.step(holder.state, ...values);
      return holder;
    },
    result: (holder: DistinctHolder) => body.result(holder.state),
  };
}

/** SQLite takes a function for a window only if it has an inverse, also where no row ever leaves. */
function invertible(body: Body, skips: Skips) {
  return {
    ...plain(body, skips),
    inverse: (holder: Holder, ...args: unknown[]): Holder => {
      const values = args as Repr[];
      if (!skips(values)) holder.state = body.inverse?.(holder.state, ...values);
      return holder;
    },
  };
}

function recomputing(body: Body, skips: Skips) {
  return {
    start: (): WindowHolder => ({ state: body.start(), rows: [], first: 0, stale: false }),
    step: (holder: WindowHolder, ...args: unknown[]): WindowHolder => {
      const values = args as Repr[];
      if (skips(values)) return holder;
      holder.rows.push(values);
      if (!holder.stale) holder.state = body.step(holder.state, ...values);
      return holder;
    },
    inverse: (holder: WindowHolder, ...args: unknown[]): WindowHolder => {
      if (skips(args as Repr[])) return holder;
      holder.first++;
      holder.stale = true;
      if (holder.first < ROWS_DROPPED_AT_ONCE) return holder;
      holder.rows = holder.rows.slice(holder.first);
      holder.first = 0;
      return holder;
    },
    result: (holder: WindowHolder) => {
      if (holder.stale) {
        holder.state = body.start();
        for (let i = holder.first; i < holder.rows.length; i++)
          holder.state = body.step(holder.state, ...(holder.rows[i] ?? []));
        holder.stale = false;
      }
      return body.result(holder.state);
    },
  };
}
