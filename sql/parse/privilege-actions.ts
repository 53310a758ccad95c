import { isPrivilegeName } from '../../catalog/privileges';
import { nameOf } from './actions';
import { type GrammarToken, isName } from './grammar-tokens';

/** What the grammar of users and privileges calls. */

const ROLE_OPTIONS = new Set(
  (
    'createrole nocreaterole login nologin controljob nocontroljob controlchangefeed nocontrolchangefeed createdb ' +
    'nocreatedb createlogin nocreatelogin viewactivity noviewactivity viewactivityredacted noviewactivityredacted ' +
    'cancelquery nocancelquery modifyclustersetting nomodifyclustersetting'
  ).split(' '),
);

export function isRoleOption(token: GrammarToken): boolean {
  return token.type === 'word' && ROLE_OPTIONS.has(token.text);
}

/** Names of roles; `public` is one here. */
export function isRoleName(token: GrammarToken): boolean {
  return isName(token);
}

/** A privilege, `select` and others being reserved words. What is none is refused when the statement runs. */
export function isPrivilege(token: GrammarToken): boolean {
  return token.type === 'word' && isPrivilegeName(token.text.toUpperCase());
}

const TARGET_KINDS = new Set(['database', 'schema', 'type', 'table', 'sequence']);

/** The first word of a table's name, where a kind may stand as well. */
export function isPrivilegeTarget(token: GrammarToken): boolean {
  return isName(token) && !(token.type === 'word' && TARGET_KINDS.has(token.text));
}

/** `null`: NONE or DEFAULT. */
export function roleValue(token: GrammarToken): string | null {
  const text = nameOf(token);
  const isWord = token.token.type === 'word';
  return isWord && (text === 'none' || text === 'default') ? null : text;
}
