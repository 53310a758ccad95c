import type { SqlType } from '../../catalog/types/sql-type';
import { INT8, NAME, STRING, TIMESTAMPTZ } from '../../catalog/types/table';
import type { Expr } from '../bind/expr';
import type { ContextName } from './function-row';

/** Functions without arguments that are a value of the session or transaction. */
export const CONTEXT_FUNCTIONS: { readonly [name: string]: readonly [ContextName, SqlType] } = {
  now: ['transactionTimestamp', TIMESTAMPTZ],
  current_timestamp: ['transactionTimestamp', TIMESTAMPTZ],
  transaction_timestamp: ['transactionTimestamp', TIMESTAMPTZ],
  statement_timestamp: ['statementTimestamp', TIMESTAMPTZ],
  current_user: ['user', NAME],
  session_user: ['sessionUser', NAME],
  current_database: ['database', STRING],
  current_schema: ['schema', STRING],
  pg_backend_pid: ['backendPid', INT8],
};

export function contextFunction(name: string): Expr | undefined {
  const entry = CONTEXT_FUNCTIONS[name];
  return entry === undefined ? undefined : { kind: 'context', name: entry[0], type: entry[1] };
}

/** The first of those that give the value. */
export function contextFunctionOf(name: ContextName): string | undefined {
  return Object.keys(CONTEXT_FUNCTIONS).find((each) => CONTEXT_FUNCTIONS[each]?.[0] === name);
}
