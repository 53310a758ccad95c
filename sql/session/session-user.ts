import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { EngineContext } from '../engine-context';
import type { SessionSettings } from './settings';
import { startSettings } from './start-settings';

/** Settings that a new session has from its user, weaker than what the client asks for. */
export function beginAs(
  session: { readonly user: string; readonly database: string },
  settings: SessionSettings,
  engine: EngineContext,
): void {
  const catalog = engine.catalog.snapshot();
  settings.setInitial('database', session.database);
  settings.setInternal('session_user', session.user);
  settings.setInternal('session_authorization', session.user);
  actAs(session.user, settings, catalog);
  for (const { name, value } of startSettings(engine.db, catalog, session)) {
    settings.setInitial(name, value);
  }
}

/** What settings tell of the user whose rights the session has. @returns that user */
export function actAs(user: string, settings: SessionSettings, catalog: CatalogSnapshot): string {
  settings.setInternal('role', user === settings.get('session_user') ? 'none' : user);
  settings.setInternal('is_superuser', catalog.roles.isAdmin(user) ? 'on' : 'off');
  return user;
}
