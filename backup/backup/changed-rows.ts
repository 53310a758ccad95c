import type { Connection } from '../../storage/ranges/connection';
import { isDescriptorChanged } from '../../storage/ranges/descriptor-history';
import { collectedUntil, isNewerSql, versionSource } from '../../storage/ranges/history-reads';
import { historyStart, retiredUntil } from '../../storage/ranges/history-tables';
import { isLayerEnd } from '../../storage/ranges/layer-ends';
import { META_TABLE_ID } from '../../storage/ranges/meta-history';
import { PairSorter, type SortedPair } from '../../storage/ranges/pair-sorter';
import { TIMESTAMP_COLUMN } from '../../storage/ranges/physical-table';
import { CATALOG_TABLE_ID, settledTime } from '../../storage/ranges/pushed-writes';
import type { RecordReader } from '../../storage/staging/record-reader';
import type { PairSink } from '../format/datum/row-encoder';
import { HistoryScan } from './history-scan';
import type { PairOutput } from './pair-output';
import type { Part } from './part';
import { RowScan } from './row-scan';
import { RowTimes, timeInLayer } from './row-times';
import { NO_EXPRESSIONS } from './table-source';
import type { WrittenTable } from './written-table';

/**
 * What an incremental layer says of a table whose rows and their history tell what has changed since the layer before: nothing of the
 * chain is read. A pair of a row that is new or another is written, unless it is what the row had before; a pair that a row had, and
 * no row has any more, becomes a tombstone.
 */

/**
 * @param startTime where the layer begins
 * @returns the time that rows carry which are newer; undefined: they do not tell all that has changed (changes.ts compares)
 */
export function changesKnownSince(
  db: Connection,
  { descriptor, encoding, indexes, deferredMutationId, rootId }: WrittenTable,
  startTime: bigint,
  endTime: bigint,
): bigint | undefined {
  const began = historyStart(db);
  const { id } = descriptor;
  const isComputed =
    encoding.virtualIds.length > 0 || indexes.some((index) => index.predicate !== '');
  if (began === undefined || isComputed || deferredMutationId !== undefined) return undefined;
  if (rootId !== undefined) return undefined;
  const oldest = [began, collectedUntil(db, id), collectedUntil(db, CATALOG_TABLE_ID)];
  if (oldest.some((time) => startTime <= time) || !isLayerEnd(db, startTime)) return undefined;
  if (isDescriptorChanged(db, id, settledTime(db, CATALOG_TABLE_ID, startTime), endTime))
    return undefined;
  const since = settledTime(db, id, startTime);
  return retiredUntil(db, id) > since ? undefined : since;
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

export interface ChangedRowsOptions {
  readonly db: Connection;
  readonly table: WrittenTable;
  /** Of a span that the chain covers; its indexes are all that is written. */
  readonly part: Part;
  /** See `changesKnownSince`. */
  readonly since: bigint;
  /** Of the layer: versions lie in (start, end]. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly output: PairOutput;
}

/** Of a version that was there at the layer's start: no time of a pair. */
const BEFORE = -1n;
const PER_TURN = 1_000;
const NO_VALUE = new Uint8Array();

/** @returns rows that are new or others */
export async function writeChangedRows(options: ChangedRowsOptions): Promise<number> {
  const { output } = options;
  const sorter = new PairSorter();
  try {
    const count = await addChanged(sorter, options);
    await addEnded(sorter, options);
    await writeDifference(sorter.sorted(), options);
    await output.turn();
    return count;
  } finally {
    sorter.close();
  }
}

/** The pairs that a row has in the part. */
function encoderOf({
  table,
  part,
}: ChangedRowsOptions): (row: RecordReader, sink: PairSink) => void {
  const { indexIds } = part;
  const hasRows = indexIds.includes(table.primaryId);
  const indexes = table.indexes.filter(({ id }) => indexIds.includes(id));
  return (row, sink) => {
    if (hasRows) table.rows.encode(row, sink);
    for (const { encoder } of indexes) encoder.encode(row, sink);
  };
}

async function addChanged(sorter: PairSorter, options: ChangedRowsOptions): Promise<number> {
  const { db, table, since, endTime, output } = options;
  const { encoding, descriptor } = table;
  const isNewer = isNewerSql(`${NO_EXPRESSIONS.alias}.${TIMESTAMP_COLUMN}`, since);
  const columnIds = new Set(encoding.rows.columns.map(({ id }) => id));
  const scan = new RowScan(db, {
    tableId: descriptor.id,
    encoding,
    columnIds,
    expressions: { ...NO_EXPRESSIONS, condition: isNewer },
    endTime,
    from: undefined,
    rowsMax: Number.MAX_SAFE_INTEGER,
  });
  const encode = encoderOf(options);
  const times = new RowTimes(endTime);
  let timestamp: bigint | string = 0n;
  const sink: PairSink = (key, value) =>
    sorter.add({ key: key.toBytes(), value: value.toBytes(), timestamp });
  let count = 0;
  try {
    while (scan.next()) {
      timestamp = times.of(scan.row, columnIds.size);
      encode(scan.row, sink);
      if (++count % PER_TURN === 0) await output.turn();
    }
    return count;
  } finally {
    scan.close();
  }
}

/** Versions that were there at the layer's start, and have ended. */
async function addEnded(sorter: PairSorter, options: ChangedRowsOptions): Promise<void> {
  const { db, table, since, startTime, output } = options;
  const { descriptor, encoding } = table;
  const began = `ifnull(CAST(${NO_EXPRESSIONS.alias}.${TIMESTAMP_COLUMN} AS INTEGER), 0)`;
  const scan = new HistoryScan(db, {
    source: versionSource(db, descriptor.id, startTime),
    encoding,
    columnIds: new Set(encoding.rows.columns.map(({ id }) => id)),
    // A text has a logical part after its nanoseconds.
    expressions: { ...NO_EXPRESSIONS, condition: `${began} <= ${since}` },
  });
  const encode = encoderOf(options);
  const sink: PairSink = (key, value) =>
    sorter.add({ key: key.toBytes(), value: value.toBytes(), timestamp: BEFORE });
  let count = 0;
  try {
    while (scan.next()) {
      encode(scan.row, sink);
      if (++count % PER_TURN === 0) await output.turn();
    }
  } finally {
    scan.close();
  }
}

async function writeDifference(
  pairs: Iterable<SortedPair>,
  options: ChangedRowsOptions,
): Promise<void> {
  const { output, endTime } = options;
  let key: Uint8Array = NO_VALUE;
  let before: Uint8Array | undefined;
  let now: SortedPair | undefined;
  const finishKey = (): void => {
    if (now !== undefined) {
      const isSame = before !== undefined && Buffer.compare(before, now.value) === 0;
      const time = timeInLayer(now.timestamp, options);
      if (!isSame) output.add(key, key.length, now.value, now.value.length, time);
    } else if (before !== undefined) output.add(key, key.length, NO_VALUE, 0, endTime);
  };
  let count = 0;
  for (const pair of pairs) {
    if (Buffer.compare(pair.key, key) !== 0) {
      finishKey();
      if (++count % PER_TURN === 0) await output.turn();
      [key, before, now] = [pair.key, undefined, undefined];
    }
    if (pair.timestamp === BEFORE) before = pair.value;
    else now = pair;
  }
  finishKey();
}
