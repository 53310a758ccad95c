import { regionalZones } from '../../catalog/region-zones';
import { STRING } from '../../catalog/types/table';
import { configuredZones, type Zone, zoneSql } from '../../catalog/zones';
import { listZones } from '../../storage/ranges/zone-rows';
import { effectiveOf, ownConfig, resolveZone, zoneLabel } from '../ddl/zone-target';
import type { ShowStatement } from '../parse/ast';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW ZONE CONFIGURATION FROM … and SHOW ZONE CONFIGURATIONS. */

const zonesOf = ({ engine, catalog }: StatementContext): Zone[] =>
  configuredZones(listZones(engine.db), regionalZones(catalog));

const COLUMNS = columnsOf(['target', STRING], ['raw_config_sql', STRING]);

/** The zone that governs the object, with all of its values: its own zone, else the nearest one around it. */
export function showZone(
  statement: Extract<ShowStatement, { kind: 'ShowZone' }>,
  context: StatementContext,
): TableResult {
  const zones = zonesOf(context);
  const { chain } = resolveZone(statement.target, context);
  const at = chain.findIndex((place) => ownConfig(place, zones) !== undefined);
  const governing = chain.slice(Math.max(at, 0));
  const label = governing[0]?.label ?? '';
  return { columns: COLUMNS, rows: [[label, zoneSql(label, effectiveOf(governing, zones))]] };
}

/** Every zone with what is its own. */
export function showZones(
  _: Extract<ShowStatement, { kind: 'ShowZones' }>,
  context: StatementContext,
): TableResult {
  const rows = zonesOf(context).flatMap((zone) => {
    const label = zoneLabel(zone, context.catalog);
    return label === undefined ? [] : [[label, zoneSql(label, zone.config)]];
  });
  return { columns: COLUMNS, rows };
}
