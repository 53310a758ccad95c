import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../base/limits';
import type { WriteClock } from '../storage/ranges/clock';
import type { Connection } from '../storage/ranges/connection';
import {
  collectDescriptors,
  collectMeta,
  collectRetired,
  collectValues,
  collectVersions,
  dropRetiredColumns,
  historyTableIds,
  noteClock,
  sequenceHistoryIds,
} from '../storage/ranges/history-collection';
import { listRetiredTables } from '../storage/ranges/history-tables';
import type { WriteLock } from '../storage/ranges/write-lock';
import { writeTransaction } from '../storage/ranges/write-transaction';
import type { CatalogManager } from './catalog-manager';
import { HistoryTtls } from './history-ttl';

/** How often it looks for versions that are older than they need be. */
const INTERVAL_MS = 60_000;

export interface SweeperOptions {
  /** The sweeper's own. */
  readonly db: Connection;
  readonly lock: WriteLock;
  readonly clock: WriteClock;
  readonly catalog: Pick<CatalogManager, 'snapshot'>;
  readonly onError: (error: unknown) => void;
}

/** Removes versions of rows that are older than `gc.ttlseconds`, a few at a time: whoever writes meanwhile takes turns with it. */
export class HistorySweeper {
  private readonly options: SweeperOptions;
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;
  private stopped = false;
  private clockNoted = 0n;

  constructor(options: SweeperOptions) {
    this.options = options;
    // Who loses one of its commits does it again.
    options.db.pragma('synchronous = NORMAL');
  }

  start(): void {
    this.timer = setInterval(() => {
      this.sweep().catch(this.options.onError);
    }, INTERVAL_MS);
    this.timer.unref();
  }

  /** Removes all that is old enough by now. */
  async sweep(): Promise<void> {
    this.sweeping ??= this.run().finally(() => {
      this.sweeping = undefined;
    });
    await this.sweeping;
  }

  private async run(): Promise<void> {
    const { db, clock, catalog } = this.options;
    const now = clock.now();
    const ttls = new HistoryTtls(db, catalog.snapshot());
    for (const id of historyTableIds(db))
      await this.inBatches((batch) => collectVersions(batch, id, now - ttls.of(id)));
    const retired = listRetiredTables(db);
    for (const [i, table] of retired.entries()) {
      const isYoung = table.to > now - ttls.of(table.tableId);
      if (isYoung && retired.length - i <= limits.retiredTablesMax) continue;
      await this.inBatches((batch) => collectRetired(batch, table));
    }
    await this.inBatches((batch) => dropRetiredColumns(batch, (id) => now - ttls.of(id)));
    await this.inBatches((batch) => collectDescriptors(batch, now - ttls.longest));
    await this.inBatches((batch) => collectMeta(batch, now - ttls.longest));
    for (const id of sequenceHistoryIds(db))
      await this.inBatches((batch) => collectValues(batch, id, now - ttls.of(id)));
    await this.noteClock();
  }

  /** @param batch undefined: there is nothing to do; else whether there may be more */
  private async inBatches(work: (db: Connection) => Batch | undefined): Promise<void> {
    const { db, lock } = this.options;
    for (let more = true; more && !this.stopped; ) {
      const batch = work(db);
      if (batch === undefined) return;
      more = await writeTransaction(lock, db, 'history', batch);
      await nextTurn();
    }
  }

  private async noteClock(): Promise<void> {
    const { db, lock, clock } = this.options;
    const { issued } = clock;
    if (issued === this.clockNoted || this.stopped) return;
    await writeTransaction(lock, db, 'history', () => noteClock(db, issued));
    this.clockNoted = issued;
  }

  /** Settles when nothing of it writes any more. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping?.catch(() => undefined);
    await this.noteClock();
    this.stopped = true;
  }
}

type Batch = () => boolean;
