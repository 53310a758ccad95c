import { SqlError } from '../../base/errors';
import { microsOfTimestamp, timestampTzText } from '../../catalog/types/datetime';
import { parseTimestampTz } from '../../catalog/types/parse-datetime';
import { requireTimeZone, UTC } from '../../catalog/types/timezone';
import { clusterSettingValue } from '../cluster-settings/cluster-settings';
import type { RoleOption } from '../parse/privileges-ast';
import type { StatementContext } from '../statements/statement-context';
import { scramVerifier } from './password';

/** What CREATE ROLE and ALTER ROLE ask for. */
export interface OptionChanges {
  /** Undefined: as it was; null: none. */
  readonly password: string | null | undefined;
  /** Options to store, with their value. */
  readonly set: ReadonlyMap<string, string | null>;
  readonly remove: readonly string[];
  /** Whether the options are about logging in. */
  readonly needsCreateLogin: boolean;
}

/** Stored when it is absent from the default: the others are stored by their positive name. */
const STORED_NEGATIVE = 'NOLOGIN';
const LOGIN_OPTIONS = new Set(['PASSWORD', 'VALID UNTIL', 'LOGIN', 'CREATELOGIN', 'NOCREATELOGIN']);

const opposite = (name: string): string => (name.startsWith('NO') ? name.slice(2) : `NO${name}`);

/** @throws SqlError syntaxError (42601) for options given twice or against each other, invalidPassword (28P01) */
export function optionChanges(
  options: readonly RoleOption[],
  context: StatementContext,
): OptionChanges {
  const names = new Set<string>();
  for (const { name } of options) {
    if (names.has(name)) throw new SqlError('syntaxError', 'redundant role options');
    if (names.has(opposite(name))) throw new SqlError('syntaxError', 'conflicting role options');
    names.add(name);
  }
  const set = new Map<string, string | null>();
  const remove: string[] = [];
  let password: string | null | undefined;
  for (const option of options) {
    const { name } = option;
    const value = option.value === null ? null : context.text(option.value);
    if (name === 'PASSWORD') password = value === null ? null : newPassword(value, context);
    else if (name === 'VALID UNTIL') {
      if (value === null) remove.push(name);
      else set.set(name, expiry(value, context));
    } else if (name === 'LOGIN') remove.push(STORED_NEGATIVE);
    else if (name === STORED_NEGATIVE || !name.startsWith('NO')) set.set(name, null);
    else remove.push(opposite(name));
  }
  const needsCreateLogin = [...names].some((name) => LOGIN_OPTIONS.has(name));
  return { password, set, remove, needsCreateLogin };
}

/** @throws SqlError invalidPassword (28P01) */
function newPassword(text: string, { engine }: StatementContext): string {
  const least = Number(clusterSettingValue(engine.db, 'server.user_login.min_password_length'));
  const length = [...text].length;
  if (length > 0 && length < least) throw new SqlError('invalidPassword', 'password too short');
  return scramVerifier(text);
}

/** A stored VALID UNTIL in milliseconds since 1970; infinite: never. One that can't be read has passed. */
export function expiryMs(text: string): number | undefined {
  try {
    const at = parseTimestampTz(text, { timeZone: UTC });
    return Number(microsOfTimestamp(BigInt(at as bigint)) / 1000n);
  } catch {
    return 0;
  }
}

function expiry(text: string, context: StatementContext): string {
  const timeZone = requireTimeZone(context.settings.timeZone);
  return timestampTzText(parseTimestampTz(text, { timeZone }), UTC);
}
