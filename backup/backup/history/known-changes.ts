import type { Connection } from '../../../storage/ranges/connection';
import { isDescriptorChanged } from '../../../storage/ranges/descriptor-history';
import { collectedUntil } from '../../../storage/ranges/history-reads';
import { historyStart, retiredUntil } from '../../../storage/ranges/history-tables';
import { isLayerEnd } from '../../../storage/ranges/layer-ends';
import { META_TABLE_ID } from '../../../storage/ranges/meta-history';
import { CATALOG_TABLE_ID, settledTime } from '../../../storage/ranges/pushed-writes';
import { collectTypeIds } from '../../restore/targets';
import type { WrittenTable } from '../rows/written-table';

/**
 * Whether rows and their history tell what has changed since the layer before: then an incremental layer reads nothing of its chain. A
 * pair of a row that is new or another is written, unless it is what the row had before; a pair that a row had, and no row has any
 * more, becomes a tombstone (`TableVersions.isNewestOnly`).
 */

/**
 * @param startTime where the layer begins
 * @returns the time that rows carry which are newer; undefined: they do not tell all that has changed (changes.ts compares)
 */
export function changesKnownSince(
  db: Connection,
  table: WrittenTable,
  startTime: bigint,
  endTime: bigint,
): bigint | undefined {
  const began = historyStart(db);
  const { id } = table.descriptor;
  if (began === undefined || table.deferredMutationId !== undefined) return undefined;
  if (table.rootId !== undefined) return undefined;
  const oldest = [began, collectedUntil(db, id), collectedUntil(db, CATALOG_TABLE_ID)];
  if (oldest.some((time) => startTime <= time) || !isLayerEnd(db, startTime)) return undefined;
  const settled = settledTime(db, CATALOG_TABLE_ID, startTime);
  const ids = [id, ...computedWith(table)];
  if (ids.some((each) => isDescriptorChanged(db, each, settled, endTime))) return undefined;
  const since = settledTime(db, id, startTime);
  return retiredUntil(db, id) > since ? undefined : since;
}

/** Types that expressions of the table may know by the names of their members. */
function computedWith({ descriptor, encoding, indexes }: WrittenTable): ReadonlySet<number> {
  const ids = new Set<number>();
  const isComputed =
    encoding.virtualIds.length > 0 || indexes.some(({ predicate }) => predicate !== '');
  if (!isComputed) return ids;
  for (const { type } of descriptor.columns) collectTypeIds(type, ids);
  for (const id of descriptor.dependsOnTypes) ids.add(id);
  return ids;
}

/** @returns `startTime`, where the store knows which value a sequence had then; undefined: it does not */
export function sequenceKnownSince(
  db: Connection,
  id: number,
  startTime: bigint,
  endTime: bigint,
): bigint | undefined {
  const began = historyStart(db);
  if (began === undefined || !isLayerEnd(db, startTime)) return undefined;
  const ids = [id, META_TABLE_ID, CATALOG_TABLE_ID];
  const oldest = [began, ...ids.map((each) => collectedUntil(db, each))];
  if (oldest.some((time) => startTime <= time)) return undefined;
  // What it was before its first value follows from its options.
  const settled = settledTime(db, CATALOG_TABLE_ID, startTime);
  return isDescriptorChanged(db, id, settled, endTime) ? undefined : startTime;
}
