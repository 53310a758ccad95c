import { SqlError } from '../../base/errors';
import type { FuncCall } from '../parse/pg-tree';
import { names } from './pg-access';

/** What a call is called in the tables of functions: with `crdb_internal` and `information_schema`, without `pg_catalog`. */

/** Schemas whose functions are named with them. */
const QUALIFIED_SCHEMAS = new Set(['crdb_internal', 'information_schema']);

export function functionName(node: FuncCall): string {
  const parts = names(node.funcname);
  const name = parts[parts.length - 1] ?? '';
  const schema = parts.length > 1 ? parts[parts.length - 2] : undefined;
  if (schema === undefined || schema === 'pg_catalog') return name;
  if (QUALIFIED_SCHEMAS.has(schema)) return `${schema}.${name}`;
  throw unknownFunction(parts.join('.'));
}

export function unknownFunction(name: string): SqlError {
  return new SqlError('undefinedFunction', `unknown function: ${name}()`);
}
