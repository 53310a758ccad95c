import { notSupported } from '../../base/errors';
import { names } from '../bind/pg-access';
import type { FuncCall, TypeName } from '../parse/pg-tree';

/**
 * Functions and types that v21.2 has and its alpha of May 2021, which backups are meant for, does not know: a table or a view with one of them
 * could not be used there. Source: v21.2.0-beta.1's release notes, changes made after #65101.
 */
const LATER_FUNCTIONS = new Set(
  (
    'cardinality compress decompress gen_random_ulid get_byte parse_date parse_interval parse_time parse_timetz session_user ' +
    'set_byte similar_escape to_char to_char_with_style to_regrole ulid_to_uuid uuid_to_ulid'
  ).split(' '),
);
const LATER_TYPES = new Set(['regrole', '_regrole']);

/** @param what where it stands: `a view`. @throws SqlError featureNotSupported (0A000) */
export function requireKnownToAlpha(tree: unknown, what: string): void {
  if (typeof tree !== 'object' || tree === null) return;
  for (const [key, node] of Object.entries(tree)) {
    if (key === 'FuncCall') requireFunction(node as FuncCall, what);
    if (key === 'typeName') requireType(node as TypeName, what);
    requireKnownToAlpha(node, what);
  }
}

export const LATER_HINT =
  'CockroachDB has it since v21.2; backups can be restored by its alphas, too.';

function requireFunction({ funcname, args = [] }: FuncCall, what: string): void {
  const name = names(funcname).at(-1) ?? '';
  // With a style it is younger than without.
  const isLater = LATER_FUNCTIONS.has(name) || (name === 'parse_timestamp' && args.length > 1);
  if (isLater) throw notSupported(`${name}() in ${what}`, LATER_HINT);
}

function requireType({ names: parts = [] }: TypeName, what: string): void {
  const name = names(parts).at(-1) ?? '';
  if (LATER_TYPES.has(name))
    throw notSupported(`${name.replace('_', '').toUpperCase()} in ${what}`, LATER_HINT);
}
