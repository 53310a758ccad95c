import type { Connection } from '../storage/ranges/connection';
import { listZones } from '../storage/ranges/zone-rows';
import type { CatalogSnapshot } from './snapshot';
import { configuredZones, effectiveConfig, type Zone } from './zones';

/** How long earlier versions of rows are kept: `gc.ttlseconds` of zone configurations. */

const DEFAULT_ZONE = 0;

const nanosOf = (chain: readonly (Zone | undefined)[]): bigint =>
  BigInt(effectiveConfig(chain.map((zone) => zone?.config))['gc.ttlseconds'] ?? 0) * 1_000_000_000n;

/** In nanoseconds, of tables; a table that is dropped has what its database or the cluster has. */
export class HistoryTtls {
  private readonly zones: Map<number, Zone>;
  private readonly catalog: CatalogSnapshot;

  constructor(db: Connection, catalog: CatalogSnapshot) {
    const own = configuredZones(listZones(db)).filter(({ subId }) => subId === 0);
    this.zones = new Map(own.map((zone) => [zone.id, zone]));
    this.catalog = catalog;
  }

  of(tableId: number): bigint {
    const databaseId = this.catalog.entry(tableId)?.databaseId ?? DEFAULT_ZONE;
    return nanosOf([tableId, databaseId, DEFAULT_ZONE].map((id) => this.zones.get(id)));
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
