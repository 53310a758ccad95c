import { defined } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import { UNKNOWN } from '../../catalog/types/table';
import type { Connection } from '../../storage/ranges/connection';
import type { FunctionRow } from '../builtins/function-row';
import { rowById, rowId, untypedRows } from '../builtins/row-index';
import type { SequenceAccess } from '../builtins/sequence-access';
import type { FunctionUse } from '../emit/compiled-query';
import { registerAggregate } from './aggregate-functions';
import { type CancelFlag, checkCanceled } from './cancel';
import { registerCoreFunctions } from './core-functions';
import { registerSequenceFunctions, shareSequenceState } from './sequence-functions';
import { registerSignalFunctions } from './signal-functions';
import { registerTableFunctions, shareTableFunctions } from './table-functions';

/** Makes the functions of compiled queries known to a connection, each once. */

type Fn = (...args: Repr[]) => Repr;

const NEVER: CancelFlag = new Int32Array(1);

export interface ConnectionServices {
  /** Looked at by every function call. */
  readonly cancel?: CancelFlag;
  readonly sequences?: SequenceAccess;
}

interface Registration {
  readonly names: Set<string>;
  readonly cancel: CancelFlag;
}

const registrations = new WeakMap<Connection, Registration>();

function registrationOf(db: Connection): Registration {
  return registrations.get(db) ?? prepareConnection(db);
}

/** Makes a connection ready for queries; done once, before its first statement. */
export function prepareConnection(db: Connection, services: ConnectionServices = {}): Registration {
  const made: Registration = { names: new Set(), cancel: services.cancel ?? NEVER };
  registrations.set(db, made);
  registerCoreFunctions(db, made.cancel);
  registerTableFunctions(db);
  registerSequenceFunctions(db, services.sequences);
  registerSignalFunctions(db);
  // Functions can't be added while a cursor of the connection is open: those that need no types are all there from the start.
  for (const row of untypedRows()) {
    const sqliteName = rowId(row);
    const args = row.args.map(() => UNKNOWN);
    registerFunction(
      db,
      { sqliteName, rowId: sqliteName, args, returns: UNKNOWN },
      row,
      made.cancel,
    );
    made.names.add(sqliteName);
  }
  return made;
}

/** `view` is another way to the connection `db`, which knows functions: they are not to be registered once more. */
export function shareFunctions(db: Connection, view: Connection): void {
  registrations.set(view, registrationOf(db));
  shareTableFunctions(db, view);
  shareSequenceState(db, view);
}

/** True when all functions of a query are known to the connection. */
export function hasFunctions(db: Connection, uses: readonly FunctionUse[]): boolean {
  const { names } = registrationOf(db);
  return uses.every((use) => names.has(use.sqliteName));
}

export function registerFunctions(db: Connection, uses: readonly FunctionUse[]): void {
  const { names, cancel } = registrationOf(db);
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
  const wrapped =
    row.strict && row.rest === undefined
      ? strict(fn, row.args.length, cancel)
      : guarded(fn, cancel);
  db.function(use.sqliteName, { deterministic, safeIntegers: true, varargs: true }, wrapped);
}

function guarded(fn: Fn, cancel: CancelFlag): Fn {
  return (...args) => {
    checkCanceled(cancel);
    return fn(...args);
  };
}

/** NULL for NULL; the arguments after `count` are the session's and don't matter. */
function strict(fn: Fn, count: number, cancel: CancelFlag): Fn {
  if (count === 1)
    return (...args) => {
      checkCanceled(cancel);
      return args[0] === null ? null : fn(...args);
    };
  return (...args) => {
    checkCanceled(cancel);
    for (let i = 0; i < count; i++) if (args[i] === null) return null;
    return fn(...args);
  };
}
