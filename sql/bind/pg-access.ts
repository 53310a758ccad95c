import { notSupported } from '../../base/errors';
import type { PgNode } from '../parse/pg-tree';

/** Small readers of PostgreSQL's tree. */

/** Strings of a list of String nodes; `A_Star` reads as `*`. */
export function names(list: readonly PgNode[] | undefined): string[] {
  return (list ?? []).map((node) => {
    if ('String' in node) return node.String.sval ?? '';
    if ('A_Star' in node) return '*';
    throw notSupported(`${tagOf(node)} in a name`);
  });
}

export function tagOf(node: PgNode): string {
  for (const tag in node) return tag;
  return 'empty node';
}

/** An integer constant's value. */
export function integerOf(node: PgNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  if ('Integer' in node) return node.Integer.ival ?? 0;
  if ('A_Const' in node && node.A_Const.ival !== undefined) return node.A_Const.ival.ival ?? 0;
  return undefined;
}
