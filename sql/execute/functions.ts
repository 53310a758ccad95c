import { SqlError } from '../../base/errors';
import { defined } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import type { AggregateRow, FunctionRow } from '../builtins/function-row';
import { rowById } from '../builtins/row-index';
import type { FunctionUse } from '../emit/compiled-query';
import { registerCoreFunctions } from './core-functions';
import { registerTableFunctions } from './table-functions';

/** Makes the functions of compiled queries known to a connection, each once. */

type Fn = (...args: Repr[]) => Repr;

/** Set to 1 from outside to end what runs: functions look at it on every call. */
export type CancelFlag = Int32Array;

const NEVER: CancelFlag = new Int32Array(1);

interface Registration {
  readonly names: Set<string>;
  readonly cancel: CancelFlag;
}

const registrations = new WeakMap<Connection, Registration>();

function registrationOf(db: Connection, cancel: CancelFlag): Registration {
  let found = registrations.get(db);
  if (found === undefined) {
    found = { names: new Set(), cancel };
    registrations.set(db, found);
    registerCoreFunctions(db);
    registerTableFunctions(db);
  }
  return found;
}

/** Prepares a connection for queries. @param cancel looked at by every function call */
export function prepareConnection(db: Connection, cancel: CancelFlag = NEVER): void {
  registrationOf(db, cancel);
}

export function queryCanceled(): SqlError {
  return new SqlError('queryCanceled', 'query execution canceled');
}

export function registerFunctions(db: Connection, uses: readonly FunctionUse[]): void {
  const { names, cancel } = registrationOf(db, NEVER);
  for (const use of uses) {
    if (names.has(use.sqliteName)) continue;
    const row = defined(rowById(use.rowId), `function ${use.rowId}`);
    if ('body' in row) registerFunction(db, use, row, cancel);
    else registerAggregate(db, use, row, cancel);
    names.add(use.sqliteName);
  }
}

function registerFunction(
  db: Connection,
  use: FunctionUse,
  row: FunctionRow,
  cancel: CancelFlag,
): void {
  const { body } = row;
  if (body.kind === 'sql') return;
  const fn = (body.kind === 'udf' ? body.fn : body.make(use.args, use.returns)) as Fn;
  const deterministic = row.volatility !== 'volatile';
  const wrapped = row.strict ? strict(fn, use.args.length, cancel) : guarded(fn, cancel);
  db.function(use.sqliteName, { deterministic, safeIntegers: true, varargs: true }, wrapped);
}

function guarded(fn: Fn, cancel: CancelFlag): Fn {
  return (...args) => {
    if (cancel[0] !== 0) throw queryCanceled();
    return fn(...args);
  };
}

/** NULL for NULL; the arguments after `count` are the session's and don't matter. */
function strict(fn: Fn, count: number, cancel: CancelFlag): Fn {
  if (count === 1)
    return (...args) => {
      if (cancel[0] !== 0) throw queryCanceled();
      return args[0] === null ? null : fn(...args);
    };
  return (...args) => {
    if (cancel[0] !== 0) throw queryCanceled();
    for (let i = 0; i < count; i++) if (args[i] === null) return null;
    return fn(...args);
  };
}

interface Holder {
  state: unknown;
}

function registerAggregate(
  db: Connection,
  use: FunctionUse,
  row: AggregateRow,
  cancel: CancelFlag,
): void {
  const { implementation, skipsNull } = row;
  if (implementation.kind === 'sql') return;
  const { start, step, result } = implementation.make(use.args, use.returns);
  db.aggregate(use.sqliteName, {
    deterministic: true,
    safeIntegers: true,
    varargs: true,
    start: (): Holder => ({ state: start() }),
    step: (holder: Holder, ...args: unknown[]) => {
      if (cancel[0] !== 0) throw queryCanceled();
      const values = args as Repr[];
      if (skipsNull && values[0] === null) return holder;
      holder.state = step(holder.state, ...values);
      return holder;
    },
    result: (holder: Holder) => result(holder.state),
  });
}
