import type { SqlType } from '../../catalog/types/sql-type';
import type {
  ArgSpec,
  ContextName,
  FunctionRow,
  ReturnSpec,
  SqlTemplate,
  Udf,
  UdfFactory,
  Volatility,
} from './function-row';

/** Short forms for writing tables of functions; what they leave out is immutable, strict and free of context. */

export interface RowOptions {
  readonly volatility?: Volatility;
  readonly strict?: boolean;
  readonly context?: readonly ContextName[];
  readonly rest?: ArgSpec;
  readonly preferred?: boolean;
  readonly writes?: boolean;
  readonly signals?: boolean;
}

function row(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  body: FunctionRow['body'],
  options: RowOptions,
): FunctionRow {
  return {
    name,
    args,
    returns,
    body,
    volatility: 'immutable',
    strict: true,
    context: [],
    ...options,
  };
}

/** A SQLite expression. Nulls are SQLite's business. */
export function native(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  render: SqlTemplate['render'],
  options: RowOptions & { readonly overflows?: boolean } = {},
): FunctionRow {
  const { overflows = false, ...rest } = options;
  return row(name, args, returns, { kind: 'sql', render, overflows }, rest);
}

/** `left operator right` in SQLite's own terms. */
export function infix(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  operator: string,
  overflows = false,
): FunctionRow {
  return native(name, args, returns, ([a, b]) => `(${a} ${operator} ${b})`, { overflows });
}

/** A function over representations. */
export function udf(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  fn: Udf,
  options: RowOptions = {},
): FunctionRow {
  return row(name, args, returns, { kind: 'udf', fn }, options);
}

/** A function made for the types of the call. */
export function factory(
  name: string,
  args: readonly ArgSpec[],
  returns: ReturnSpec,
  make: UdfFactory['make'],
  options: RowOptions = {},
): FunctionRow {
  return row(name, args, returns, { kind: 'factory', make }, options);
}

/** The type of the n-th argument. */
export const sameAs =
  (index: number) =>
  (args: readonly SqlType[]): SqlType => {
    const type = args[index];
    if (type === undefined) throw new RangeError(`no argument ${index}`);
    return type;
  };

/** A truth value as SQLite holds it. */
export const bool = (value: boolean): bigint => (value ? 1n : 0n);
