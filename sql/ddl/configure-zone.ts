import { notSupported, SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import { isRegionalObject, REGIONAL_FIELDS, regionalZones } from '../../catalog/region-zones';
import { clusterRegions, readTopology } from '../../catalog/topology';
import {
  configuredZones,
  isInitialZone,
  type ZoneConfig,
  type ZoneField,
} from '../../catalog/zones';
import type { Connection } from '../../storage/ranges/connection';
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
    const rows = listZones(run.db);
    const regional = regionalZones(run.catalog);
    if (isRegionalObject(place.id, run.catalog))
      refuseRegional(statement.action, ownConfig(place, regional));
    if (place.partition !== undefined) throw notSupported('CONFIGURE ZONE of a partition');
    const zones = configuredZones(rows, regional);
    const own = ownConfig(place, configuredZones(rows));
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
        : withSettings(
            own ?? {},
            effectiveOf(outer, zones),
            action.settings,
            constraintCheck(run.db),
          );
    const { id, subId } = place;
    putZone(run.db, { id, subId, config: JSON.stringify(made) });
    return 'CONFIGURE ZONE 1';
  });
}

const OVERRIDE = {
  hint: 'Change the regions, the survival goal or the locality instead: overriding them is not supported here.',
} as const;

/**
 * What regions decide stays with them.
 * @param regional what they decide for this zone
 * @throws SqlError objectNotInPrerequisiteState (55000)
 */
function refuseRegional(
  action: ConfigureZoneStatement['action'],
  regional: ZoneConfig | undefined,
): void {
  if (action.kind !== 'set') {
    if (regional === undefined) return;
    throw new SqlError(
      'objectNotInPrerequisiteState',
      'attempting to discard the zone configuration of a multi-region entity',
      {
        detail:
          'discarding a multi-region zone configuration may result in sub-optimal performance or behavior',
        ...OVERRIDE,
      },
    );
  }
  const field = action.settings.find(({ name }) => REGIONAL_FIELDS.has(name as ZoneField));
  if (field === undefined) return;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    `attempting to modify protected field "${field.name}" of a multi-region zone configuration`,
    OVERRIDE,
  );
}

/** Whether a node is declared to fit a constraint: this one by its locality, others by their region. */
function constraintCheck(db: Connection): (item: string) => boolean {
  const topology = readTopology(db);
  const known = new Set([
    ...topology.locality.map(({ key, value }) => `${key}=${value}`),
    ...clusterRegions(topology).map(({ name }) => `region=${name}`),
  ]);
  return (item) => known.has(item.replace(/^[+-]/, ''));
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
