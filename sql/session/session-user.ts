import { SqlError } from '../../base/errors';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { sessionDefaults } from '../cluster-settings/cluster-settings';
import type { SessionOptions } from '../engine';
import type { EngineContext } from '../engine-context';
import { SessionSettings } from './settings';
import { startSettings } from './start-settings';

type Start = Pick<SessionOptions, 'user' | 'database' | 'settings'>;

/** Settings that a new session has: the cluster's, then its user's, then what the client asks for. */
export function beginAs(session: Start, settings: SessionSettings, engine: EngineContext): void {
  const catalog = engine.catalog.snapshot();
  for (const [name, value] of sessionDefaults(engine.db)) {
    setDefault(name, value, settings, engine);
  }
  settings.setInitial('database', session.database);
  settings.setInternal('session_user', session.user);
  settings.setInternal('session_authorization', session.user);
  actAs(session.user, settings, catalog);
  for (const { name, value } of startSettings(engine.db, catalog, session)) {
    setDefault(name, value, settings, engine);
  }
  for (const [name, value] of session.settings) {
    // Drivers send settings of PostgreSQL that are not known here; like CockroachDB, that is no reason to refuse them.
    if (SessionSettings.has(name)) settings.setInitial(name, value);
    else engine.logger.warn({ name }, 'startup packet: unknown setting ignored');
  }
}

/** A restored cluster may bring a value that is not honoured here: nobody could log in to change it. */
function setDefault(
  name: string,
  value: string,
  settings: SessionSettings,
  { logger }: EngineContext,
): void {
  try {
    settings.setInitial(name, value);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    logger.warn({ name, value }, 'default of a session variable ignored');
  }
}

/** What settings tell of the user whose rights the session has. @returns that user */
export function actAs(user: string, settings: SessionSettings, catalog: CatalogSnapshot): string {
  settings.setInternal('role', user === settings.get('session_user') ? 'none' : user);
  settings.setInternal('is_superuser', catalog.roles.isAdmin(user) ? 'on' : 'off');
  return user;
}
