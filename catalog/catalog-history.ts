import type { Connection } from '../storage/ranges/connection';
import { descriptorEpoch, descriptorsAt } from '../storage/ranges/descriptor-history';
import { collectedUntil, requireAfter } from '../storage/ranges/history-reads';
import { historyStart } from '../storage/ranges/history-tables';
import { CATALOG_TABLE_ID, settledTime } from '../storage/ranges/pushed-writes';
import type { CatalogManager } from './catalog-manager';
import { decodeDescriptor, privateVersion } from './catalog-reader';
import { CatalogSnapshot } from './snapshot';

const SNAPSHOTS_MAX = 8;

/** The catalog as it was. Users and their roles are those of now: whoever may read nothing now reads nothing of the past. */
export class CatalogHistory {
  private readonly db: Connection;
  private readonly present: Pick<CatalogManager, 'snapshot'>;
  /** By the time of the last change before them. */
  private readonly known = new Map<bigint, CatalogSnapshot>();

  constructor(db: Connection, present: Pick<CatalogManager, 'snapshot'>) {
    this.db = db;
    this.present = present;
  }

  /**
   * @param time in nanoseconds since 1970, after which nothing is written any more (`WriteClock.settle`)
   * @throws SqlError snapshotTooOld (72000)
   */
  at(time: bigint): CatalogSnapshot {
    requireAfter(collectedUntil(this.db, CATALOG_TABLE_ID), time);
    requireAfter(historyStart(this.db) ?? 0n, time);
    const present = this.present.snapshot();
    const settled = settledTime(this.db, CATALOG_TABLE_ID, time);
    const { epoch, isLatest } = descriptorEpoch(this.db, settled);
    if (isLatest) return present;
    const found = this.known.get(epoch);
    this.known.delete(epoch);
    const snapshot = found?.roles === present.roles ? found : this.read(settled, present);
    this.known.set(epoch, snapshot);
    if (this.known.size > SNAPSHOTS_MAX) {
      const [oldest] = this.known.keys();
      if (oldest !== undefined) this.known.delete(oldest);
    }
    return snapshot;
  }

  private read(time: bigint, { roles }: CatalogSnapshot): CatalogSnapshot {
    const descriptors = descriptorsAt(this.db, time).flatMap(({ id, descriptor }) =>
      descriptor === null ? [] : [decodeDescriptor(id, descriptor)],
    );
    return new CatalogSnapshot(privateVersion(), descriptors, roles);
  }
}
