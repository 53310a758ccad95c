import { SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import { configuredZones, isInitialZone } from '../../catalog/zones';
import { bumpCatalogVersion } from '../../storage/ranges/descriptor-rows';
import { deleteZone, listZones, putZone } from '../../storage/ranges/zone-rows';
import type { ConfigureZoneStatement } from '../parse/alter-ast';
import { isAdmin } from '../privileges/access';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
import { withSettings } from './zone-settings';
import { effectiveOf, ownConfig, resolveZone, type ZonePlace } from './zone-target';

/** ALTER … CONFIGURE ZONE: kept and shown. There is one node, so nothing moves and nothing is collected by it. */
export async function configureZone(
  statement: ConfigureZoneStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('CONFIGURE ZONE', context, (run) => {
    const place = resolveZone(statement.target, run.names);
    requireZonePrivilege(place, run);
    const zones = configuredZones(listZones(run.db));
    const own = ownConfig(place, zones);
    bumpCatalogVersion(run.db);
    const { action } = statement;
    if (action.kind === 'discard') {
      if (place.id === 0) throw new SqlError('checkViolation', 'cannot remove default zone');
      if (own === undefined) return 'CONFIGURE ZONE 0';
      if (isInitialZone(place.id, place.subId)) putZone(run.db, { ...place, config: null });
      else deleteZone(run.db, place.id, place.subId);
      return 'CONFIGURE ZONE 1';
    }
    const [, ...outer] = place.chain;
    const made =
      action.kind === 'default'
        ? {}
        : withSettings(own ?? {}, effectiveOf(outer, zones), action.settings);
    const { id, subId } = place;
    putZone(run.db, { id, subId, config: JSON.stringify(made) });
    return 'CONFIGURE ZONE 1';
  });
}

/** ZONECONFIG or CREATE on the object; what belongs to the system is for admins. */
function requireZonePrivilege(place: ZonePlace, run: DdlRun): void {
  const entry = run.catalog.entry(place.id);
  const isSystem = entry === undefined || entry.databaseId === SYSTEM_DATABASE_ID;
  if (isSystem || place.id === SYSTEM_DATABASE_ID) {
    if (isAdmin(run.names)) return;
    throw new SqlError(
      'insufficientPrivilege',
      'only users with the admin role are allowed to alter system ranges',
    );
  }
  try {
    run.require(place.id, 'ZONECONFIG');
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    run.require(place.id, 'CREATE');
  }
}
