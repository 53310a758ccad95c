import { notSupported, SqlError } from '../../base/errors';
import type { PrivilegeName } from '../../catalog/privileges';
import type { TableInfo } from '../../catalog/table-info';
import { REGCLASS, STRING } from '../../catalog/types/table';
import type { PgNode } from '../parse/pg-tree';
import type { Binder } from './binder';
import { splitQualifiedName } from './qualified-names';
import { EMPTY_SCOPE } from './scope';
import { type Bound, constant } from './untyped';

/** Sequence functions name their sequence in a string: it is looked up when the statement is bound. */

/** Any one of the privileges will do. */
const SEQUENCE_FUNCTIONS: ReadonlyMap<string, readonly PrivilegeName[]> = new Map([
  ['nextval', ['UPDATE', 'USAGE']],
  ['currval', ['SELECT', 'USAGE']],
  ['setval', ['UPDATE']],
]);

function nameIn(node: PgNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if ('TypeCast' in node) return nameIn(node.TypeCast.arg);
  if ('A_Const' in node) return node.A_Const.sval?.sval;
  return undefined;
}

/** The arguments with the sequence's id in place of its name; undefined when `name` is no such call. */
export function bindSequenceArgument(
  binder: Binder,
  name: string,
  nodes: readonly PgNode[],
): Bound[] | undefined {
  const privileges = SEQUENCE_FUNCTIONS.get(name);
  if (privileges === undefined) return undefined;
  const text = nameIn(nodes[0]);
  const id = idIn(nodes[0]);
  if (text === undefined && id === undefined) {
    const hint = 'Name it by a constant.';
    throw notSupported(`a sequence that is named by an expression in ${name}()`, hint);
  }
  const sequence =
    text === undefined
      ? binder.context.catalog.relationById(id ?? 0)
      : binder.context.catalog.resolveRelation(splitQualifiedName(text));
  const shown = text ?? String(id);
  if (sequence === undefined)
    throw new SqlError('undefinedTable', `relation "${shown}" does not exist`);
  if (sequence.kind !== 'sequence')
    throw new SqlError('wrongObjectType', `"${shown}" is not a sequence`);
  binder.context.catalog.requireAccess?.(sequence, privileges);
  const rest = nodes.slice(1).map((node) => binder.bindExpr(node, EMPTY_SCOPE));
  return [
    constant(REGCLASS, BigInt(sequence.id)),
    constant(STRING, optionsText(sequence)),
    ...rest,
  ];
}

function idIn(node: PgNode | undefined): number | undefined {
  if (node === undefined) return undefined;
  if ('TypeCast' in node) return idIn(node.TypeCast.arg);
  return 'A_Const' in node ? node.A_Const.ival?.ival : undefined;
}

/** increment, minimum, maximum, start, whether it is virtual, and name: what advancing it needs to know. */
function optionsText(sequence: TableInfo): string {
  const options = sequence.sequence;
  return [
    options?.increment ?? 1n,
    options?.minValue ?? 1n,
    options?.maxValue ?? 9223372036854775807n,
    options?.start ?? 1n,
    options?.virtual === true ? 1 : 0,
    sequence.name,
  ].join(',');
}
