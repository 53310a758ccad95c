import type { SqlType } from '../../catalog/types/sql-type';
import { typeRow } from '../../catalog/types/table';
import type { PgNode } from '../parse/pg-tree';
import { names } from './pg-access';
import { valueFunction } from './value-functions';

/** Functions that give any of several types: the one that is wanted, when it is among them. Source: v21.2's builtins. */
const NOW_LIKE: ReadonlyMap<string, readonly string[]> = new Map([
  ['now', ['timestamptz', 'timestamp', 'date']],
  ['current_timestamp', ['timestamptz', 'timestamp', 'date']],
  ['transaction_timestamp', ['timestamptz', 'timestamp', 'date']],
  ['statement_timestamp', ['timestamptz', 'timestamp']],
  ['clock_timestamp', ['timestamptz', 'timestamp']],
  ['localtimestamp', ['timestamptz', 'timestamp', 'date']],
  ['current_time', ['timetz', 'time']],
  ['localtime', ['timetz', 'time']],
]);

export const isNowLike = (name: string): boolean => NOW_LIKE.has(name);

/** The name of the function a node calls. */
export function calledName(node: PgNode): string | undefined {
  if ('FuncCall' in node) return names(node.FuncCall.funcname).at(-1);
  if ('SQLValueFunction' in node) return valueFunction(node.SQLValueFunction.op)?.name;
  return undefined;
}

/** `now()` where a TIMESTAMP is wanted gives one. */
export function givesWanted(node: PgNode, wanted: SqlType): boolean {
  return NOW_LIKE.get(calledName(node) ?? '')?.includes(wanted.family) === true;
}

/** The node, with the functions in it that could give the wanted type made to give it. */
export function asWanted(node: PgNode, wanted: SqlType): PgNode {
  if (givesWanted(node, wanted)) {
    const row = typeRow(wanted);
    if (row === undefined) return node;
    const typeName = { names: [{ String: { sval: row.typname } }] };
    return { TypeCast: { arg: node, typeName, location: 0 } };
  }
  if (!('CoalesceExpr' in node)) return node;
  const { args } = node.CoalesceExpr;
  return { CoalesceExpr: { ...node.CoalesceExpr, args: args.map((arg) => asWanted(arg, wanted)) } };
}
