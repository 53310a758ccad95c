import { SqlError } from '../../../base/errors';
import { defined } from '../../../base/invariant';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import type { Connection } from '../../../storage/ranges/connection';
import {
  collectedUntil,
  hasEndedSince,
  isUnchangedSince,
  requireAfter,
} from '../../../storage/ranges/history-reads';
import {
  historyStart,
  retiredTablesOf,
  retiredUntil,
} from '../../../storage/ranges/history-tables';
import { isLayerEnd } from '../../../storage/ranges/layer-ends';
import { META_TABLE_ID } from '../../../storage/ranges/meta-history';
import { requireMetaHistory } from '../../../storage/ranges/meta-history-reads';
import {
  CATALOG_TABLE_ID,
  isPushedAfter,
  settledTime,
  visibleTimes,
} from '../../../storage/ranges/pushed-writes';
import type { Base } from '../layer/base';
import type { BackupPayload } from '../payload';
import { isOfSystem, type WrittenTable, writtenTable } from '../rows/written-table';
import { type IndexBuild, indexBuild } from '../targets/index-builds';
import { Revisions, type TableEpoch, type Window } from '../targets/revisions';
import type { CatalogTimes } from '../targets/system-source';
import type { BackupContents } from '../targets/targets';
import type { WrittenEpoch } from './table-versions';

/**
 * The tables of a layer of earlier versions: WITH revision_history all versions of pairs and descriptors since the layer before it, or since
 * history begins; AS OF SYSTEM TIME those of one time. Each thread that writes such a layer finds out by itself, of the same snapshot.
 */

export interface PastLayer {
  readonly db: Connection;
  /** At the layer's end. */
  readonly catalog: CatalogSnapshot;
  readonly contents: BackupContents;
  readonly base: Base | undefined;
  readonly endTime: bigint;
  readonly payload: BackupPayload;
}

/** Whether a layer may hold what rows were, other than they are. */
export const isOfPast = ({ revisionHistory, asOf }: BackupPayload): boolean =>
  revisionHistory === true || asOf !== undefined;

export interface PastTable {
  readonly id: number;
  readonly epochs: readonly TableEpoch[];
  /** None of a sequence. */
  readonly own: readonly WrittenEpoch[];
  /**
   * How its pairs come about. `still`: in the window nothing has ended, its rows are all. `ordered`: rows of the table as it is, in
   * the order of their keys, beside its history. `sorted`: of several tables or forms of one, or of a sequence.
   */
  readonly source: 'still' | 'ordered' | 'sorted';
  /** Dropped by the window's end. */
  readonly isGone: boolean;
}

export class PastTables {
  /** Versions that were there at its start begin with it. */
  readonly window: Window;
  /** All versions after it are known; of a time alone: undefined. */
  readonly complete: bigint | undefined;
  readonly catalogTimes: CatalogTimes;
  readonly ids: readonly number[];
  /** Of a full cluster, of the tables that have been asked for. */
  readonly builds: IndexBuild[] = [];
  /** Descriptors in another form than the catalog has them in, by the catalog's. */
  private readonly written = new Map<TableDescriptor, TableDescriptor>();
  private readonly epochs: ReadonlyMap<number, readonly TableEpoch[]>;
  private readonly known = new Map<number, PastTable>();
  private readonly layer: PastLayer;
  private readonly revisions: Revisions | undefined;

  private constructor(layer: PastLayer, { window, complete, revisions, epochs }: KnownHistory) {
    this.layer = layer;
    this.window = window;
    this.complete = complete;
    this.revisions = revisions;
    this.catalogTimes = revisions?.catalogTimes ?? { at: () => layer.catalog, times: [] };
    this.epochs = epochs;
    this.ids = [...epochs.keys()].sort((a, b) => a - b);
  }

  /** @throws SqlError snapshotTooOld (72000): what the layer needs is no longer known */
  static read(layer: PastLayer): PastTables {
    const isAllVersions = layer.payload.revisionHistory === true;
    return new PastTables(layer, isAllVersions ? knownVersions(layer) : knownTime(layer));
  }

  of(id: number): PastTable {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const epochs = defined(this.epochs.get(id), `table ${id}`);
    const own = this.writtenEpochs(id, epochs);
    const isGone = epochs.at(-1)?.to !== undefined;
    const table = { id, epochs, own, isGone, source: this.sourceOf(id, own, isGone) };
    this.known.set(id, table);
    return table;
  }

  /** Epochs whose pairs look alike are one, but where the table's rows were replaced: until then they are kept elsewhere. */
  private writtenEpochs(id: number, epochs: readonly TableEpoch[]): WrittenEpoch[] {
    const { db } = this.layer;
    const visible = visibleTimes(db, id);
    const times = retiredTablesOf(db, id).map(({ to }) => visible(to));
    const replaced = new Set(times.filter((time) => time <= this.window.end));
    const made: (WrittenEpoch & { readonly form: string })[] = [];
    for (const epoch of epochs.flatMap((whole) => cut(whole, replaced))) {
      if (epoch.table.sequenceOpts !== undefined) continue;
      const table = writtenTable(epoch.table, (typeId) => epoch.catalog.enumMetadata(typeId));
      if (table.descriptor !== epoch.table) this.written.set(epoch.table, table.descriptor);
      const build = this.layer.contents.isCluster ? indexBuild(table, epoch) : undefined;
      if (build !== undefined) this.builds.push(build);
      const form = pairForm(epoch.table, table);
      const last = made.at(-1);
      if (last?.form === form && last.epoch.to === epoch.from && !replaced.has(epoch.from))
        made[made.length - 1] = { ...last, epoch: { ...last.epoch, to: epoch.to } };
      else made.push({ epoch, written: table, form });
    }
    return made;
  }

  private sourceOf(id: number, own: readonly WrittenEpoch[], isGone: boolean): PastTable['source'] {
    const { db, payload } = this.layer;
    const { start, end } = this.window;
    const [only, ...others] = own;
    if (only === undefined || others.length > 0 || isGone || isOfSystem(only.written))
      return 'sorted';
    if (retiredUntil(db, id) > settledTime(db, id, start)) return 'sorted';
    const isStill =
      !hasEndedSince(db, id, start) &&
      !isPushedAfter(db, id, start) &&
      (payload.asOf === undefined || isUnchangedSince(db, id, end));
    return isStill ? 'still' : 'ordered';
  }

  /** The descriptor that a table is written with at one of its times. */
  descriptorOf({ table }: TableEpoch): TableDescriptor {
    return this.written.get(table) ?? table;
  }

  /** All tables have been asked for. */
  descriptorChanges(): ReturnType<Revisions['changes']> | undefined {
    return this.revisions?.changes(this.written);
  }
}

interface KnownHistory {
  readonly complete: bigint | undefined;
  readonly window: Window;
  readonly revisions: Revisions | undefined;
  readonly epochs: ReadonlyMap<number, readonly TableEpoch[]>;
}

function knownTime({ db, catalog, contents, endTime }: PastLayer): KnownHistory {
  requireMetaHistory(db, endTime);
  const epochs = new Map<number, readonly TableEpoch[]>();
  for (const { id, descriptor } of contents.tables) {
    requireAfter(collectedUntil(db, id), endTime);
    const { union } = descriptor;
    if (union.case !== 'table') continue;
    const found = withPairs([{ from: endTime, to: undefined, table: union.value, catalog }]);
    if (found.length > 0) epochs.set(id, found);
  }
  const window = { start: endTime, end: endTime };
  return { complete: undefined, window, revisions: undefined, epochs };
}

/** What is known of the layer's objects: some of them may be gone by its end, and are found on the way. */
function knownVersions({ db, catalog, contents, base, endTime: end }: PastLayer): KnownHistory {
  let ids = [CATALOG_TABLE_ID, META_TABLE_ID, ...contents.tables.map(({ id }) => id)];
  let complete = defined(historyStart(db), 'history');
  for (;;) {
    for (const id of ids) complete = later(complete, collectedUntil(db, id));
    if (base !== undefined) requireAfter(complete, base.startTime);
    const start = base?.startTime ?? complete + 1n;
    const revisions = Revisions.read(db, catalog, contents, { start, end });
    const epochs = new Map<number, readonly TableEpoch[]>();
    for (const [id, all] of revisions.tables()) {
      const found = withPairs(all);
      if (found.length > 0) epochs.set(id, found);
    }
    ids = [...epochs.keys()];
    const limit = complete;
    if (ids.some((id) => collectedUntil(db, id) > limit)) continue;
    if (base !== undefined) requireOwnLayer(db, base);
    return { complete, window: { start, end }, revisions, epochs };
  }
}

/** What came after the chain's end is no layer onto it where the rows of then are not those that the chain has. */
function requireOwnLayer(db: Connection, { startTime }: Base): void {
  if (isLayerEnd(db, startTime)) return;
  throw new SqlError(
    'objectNotInPrerequisiteState',
    'the last layer of the backup was not written by this store: what has changed since then is not known',
    {
      hint: 'Add a layer without revision_history first, which compares with the backup, or begin a new one.',
    },
  );
}

function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** Views have none. */
const withPairs = (epochs: readonly TableEpoch[]): TableEpoch[] =>
  epochs.filter(({ table }) => table.viewQuery === '' || table.isMaterializedView);

/** @param times ascending */
function cut(epoch: TableEpoch, times: Iterable<bigint>): TableEpoch[] {
  const parts: TableEpoch[] = [];
  let { from } = epoch;
  for (const to of times) {
    if (to <= from || (epoch.to !== undefined && to >= epoch.to)) continue;
    parts.push({ ...epoch, from, to });
    from = to;
  }
  return [...parts, { ...epoch, from }];
}

/** All that pairs depend on beside rows. */
function pairForm(table: TableDescriptor, { encoding, indexes }: WrittenTable): string {
  const predicates = indexes.map(({ id, predicate }) => [id, predicate]);
  const isComputed =
    encoding.virtualIds.length > 0 || indexes.some(({ predicate }) => predicate !== '');
  const computed = isComputed
    ? table.columns.map(({ name, computeExpr }) => [name, computeExpr])
    : [];
  return JSON.stringify([encoding, predicates, computed], (_, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
}
