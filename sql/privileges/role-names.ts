import { SqlError } from '../../base/errors';
import type { RoleSpec } from '../parse/privileges-ast';
import type { SessionSettings } from '../session/settings';

/** Names of users and roles. */

const NAME_BYTES_MAX = 63;
const HINT =
  'Usernames are case insensitive, must start with a letter, digit or underscore, may contain letters, digits, dashes, ' +
  'periods, or underscores, and must not exceed 63 characters.';
const VALID = /^[\p{Ll}\p{Lo}0-9_][\p{Ll}\p{Lo}0-9_.-]*$/u;
const RESERVED = new Set(['public', 'none', 'node']);
const RESERVED_PREFIXES = ['pg_', 'crdb_internal_'];

/** Who a statement means; names are kept in lower case. */
export function roleNamed(
  spec: RoleSpec,
  context: { readonly user: string; readonly settings: SessionSettings },
): string {
  if (spec.kind === 'currentUser') return context.user;
  if (spec.kind === 'sessionUser') return context.settings.get('session_user');
  return normalizeRole(spec.name);
}

export const normalizeRole = (name: string): string => name.normalize('NFC').toLowerCase();

/** @throws SqlError invalidName (42602), nameTooLong (42622), reservedName (42939) */
export function checkNewRoleName(name: string): void {
  if (name === '') throw new SqlError('invalidName', 'username is empty', { hint: HINT });
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) {
    throw new SqlError('nameTooLong', 'username is too long', { hint: HINT });
  }
  if (!VALID.test(name)) throw new SqlError('invalidName', 'username is invalid', { hint: HINT });
  if (RESERVED.has(name) || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    throw new SqlError('reservedName', `role name "${name}" is reserved`);
  }
}

export function unknownRole(name: string): SqlError {
  return new SqlError('undefinedObject', `role/user ${name} does not exist`);
}
