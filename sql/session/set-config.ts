import { notSupported, SqlError } from '../../base/errors';
import type { Repr } from '../../catalog/types/sql-type';
import type { SettingChange } from '../bind/set-config';
import type { SessionSettings } from './settings';

/** Settings that SET checks against the catalog, or that belong to the transaction. */
const BY_STATEMENT = /^(database|role|session_authorization|session_user|transaction_.*)$/;

/** What set_config() does to the session. @param values of the statement's parameters */
export function applySettings(
  changes: readonly SettingChange[],
  values: readonly Repr[],
  settings: SessionSettings,
  inBlock: boolean,
): void {
  const read = (given: SettingChange['name']): Repr =>
    given.kind === 'const' ? given.value : (values[given.index - 1] ?? null);
  for (const { name, value, isLocal } of changes) {
    const setting = read(name);
    const text = read(value);
    if (setting === null || text === null)
      throw new SqlError('invalidParameterValue', 'set_config() takes no NULL');
    if (BY_STATEMENT.test(settings.canonicalName(String(setting))))
      throw notSupported(`set_config() of ${String(setting)}`, 'Use SET.');
    // As SET LOCAL: outside of a block the transaction is over with the statement.
    if (Number(read(isLocal) ?? 0) === 0) settings.set(String(setting), String(text));
    else if (inBlock) settings.setLocal(String(setting), String(text));
    else settings.check(String(setting), String(text));
  }
}

/** @throws SqlError featureNotSupported for a query inside another statement that changes or ends sessions */
export function refuseSessionChanges(query: {
  readonly settings?: readonly SettingChange[];
  readonly signals?: boolean;
}): void {
  if ((query.settings ?? []).length > 0)
    throw notSupported('set_config() inside another statement', 'Use SET, or SELECT it alone.');
  if (query.signals === true)
    throw notSupported('pg_cancel_backend() inside another statement', 'SELECT it alone.');
}
