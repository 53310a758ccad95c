import type { Connection } from '../storage/ranges/connection';
import { droppedAt, lastDescriptor } from '../storage/ranges/descriptor-history';
import { listLastZones, listZones, type ZoneRow } from '../storage/ranges/zone-rows';
import { decodeDescriptor } from './catalog-reader';
import { type CatalogSnapshot, headerOf } from './snapshot';
import { configuredZones, effectiveConfig, type Zone } from './zones';

/** How long earlier versions of rows are kept: `gc.ttlseconds` of zone configurations. */

const DEFAULT_ZONE = 0;

const nanosOf = (chain: readonly (Zone | undefined)[]): bigint =>
  BigInt(effectiveConfig(chain.map((zone) => zone?.config))['gc.ttlseconds'] ?? 0) * 1_000_000_000n;

/**
 * In nanoseconds, of tables. One that is dropped keeps what was configured for it and for its database, and gets what is
 * configured for the database, or the cluster, since then.
 */
export class HistoryTtls {
  private readonly db: Connection;
  private readonly zones: Map<number, Zone>;
  private readonly catalog: CatalogSnapshot;

  constructor(db: Connection, catalog: CatalogSnapshot) {
    const rows = [...listZones(db), ...zonesOfDropped(db, catalog)];
    const own = configuredZones(rows).filter(({ subId }) => subId === 0);
    this.db = db;
    this.zones = new Map(own.map((zone) => [zone.id, zone]));
    this.catalog = catalog;
  }

  of(tableId: number): bigint {
    const chain = [tableId, this.databaseOf(tableId), DEFAULT_ZONE];
    return nanosOf(chain.map((id) => this.zones.get(id)));
  }

  private databaseOf(tableId: number): number {
    const entry = this.catalog.entry(tableId);
    if (entry !== undefined) return entry.databaseId;
    const last = lastDescriptor(this.db, tableId);
    const header = last && headerOf(decodeDescriptor(tableId, last));
    return header?.databaseId ?? DEFAULT_ZONE;
  }

  /** Of descriptors: as long as any table's rows. */
  get longest(): bigint {
    let longest = nanosOf([this.zones.get(DEFAULT_ZONE)]);
    for (const zone of this.zones.values()) {
      const nanos = nanosOf([zone]);
      if (nanos > longest) longest = nanos;
    }
    return longest;
  }
}

/** Zones that went with a table or a database; not those that were discarded before. */
function zonesOfDropped(db: Connection, catalog: CatalogSnapshot): ZoneRow[] {
  return listLastZones(db).filter(({ id, end }) => {
    if (catalog.entry(id) !== undefined) return false;
    const dropped = droppedAt(db, id);
    return dropped !== undefined && end >= dropped;
  });
}
