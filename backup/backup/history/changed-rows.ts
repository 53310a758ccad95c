import { type Connection, storeDirectory } from '../../../storage/ranges/connection';
import { versionSource } from '../../../storage/ranges/history-reads';
import { visibleTimeSql } from '../../../storage/ranges/pushed-writes';
import { type KernelConfigOptions, kernelEntries, kernelRows } from '../kernel/kernel-config';
import { type KernelPairs, KernelWriter } from '../kernel/kernel-writer';
import { PairOrder } from '../kernel/pair-kernel';
import type { SpanOutput } from '../layer/pair-output';
import { RowScan, type RowSource } from '../rows/row-scan';
import { storedColumnIds } from '../rows/table-encoding';
import { type CompileExpressions, expressionsOf } from '../rows/table-source';
import type { WrittenTable } from '../rows/written-table';
import { HISTORY_SLOTS, HistoryScan } from './history-scan';
import { conditionOf } from './table-versions';

/**
 * What an incremental layer says of a table whose rows and history tell what has changed (known-changes.ts), written by the kernel:
 * what `TableVersions` writes for `isNewestOnly`, for the tables that the kernel knows.
 */

export interface ChangedRowsOptions {
  readonly db: Connection;
  /** Of the layer. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  /** Whose pairs are written. */
  readonly indexIds: ReadonlySet<number>;
  readonly expressions: () => Promise<CompileExpressions>;
  readonly output: SpanOutput;
  /** See `KernelWriterOptions`. */
  readonly heldBytesMax?: number | undefined;
}

/** Indexes whose pairs are made of the same rows. */
interface IndexGroup {
  readonly columnIds: ReadonlySet<number>;
  readonly predicate: string;
  /** As rows that are there have them, and those of the history. */
  readonly present: readonly KernelPairs[];
  readonly ended: readonly KernelPairs[];
}

/** @returns false: nothing has been written, JavaScript has to do it @throws the signal's reason */
export async function writeChangedRows(
  table: WrittenTable,
  options: ChangedRowsOptions,
): Promise<boolean> {
  const groups = groupsOf(table, options);
  if (groups === undefined) return false;
  const { db, endTime, output, heldBytesMax } = options;
  let writer: KernelWriter | undefined;
  const open = (): KernelWriter => {
    writer ??= new KernelWriter({
      order: PairOrder.changes,
      writer: output.writer,
      endTime,
      temporaryDirectory: storeDirectory(db),
      heldBytesMax,
    });
    return writer;
  };
  const add = (rows: RowSource, pairs: readonly KernelPairs[]): Promise<boolean> =>
    addRows(rows, pairs, open, output);
  try {
    for (const group of groups) {
      const { present, ended } = await scansOf(table, group, options);
      if (!(await add(present(), group.present)) || !(await add(ended(), group.ended)))
        return false;
    }
    return writer === undefined || (await writer.finish(() => output.turn()));
  } finally {
    writer?.close();
  }
}

/** All rows of a scan, which is closed then. @returns as `writeChangedRows` */
async function addRows(
  rows: RowSource,
  pairs: readonly KernelPairs[],
  open: () => KernelWriter,
  output: SpanOutput,
): Promise<boolean> {
  try {
    for (let chunk = rows.nextChunk(); chunk !== undefined; chunk = rows.nextChunk()) {
      if (open().addRows(rows, chunk, pairs) === undefined) return false;
      await output.turn();
    }
    return true;
  } finally {
    rows.close();
  }
}

/** Of the rows that are there, and of those that have ended; one may be open at a time. */
interface Scans {
  present(): RowSource;
  ended(): RowSource;
}

async function scansOf(
  { descriptor, encoding }: WrittenTable,
  group: IndexGroup,
  { db, startTime, endTime, expressions: compile }: ChangedRowsOptions,
): Promise<Scans> {
  const { columnIds } = group;
  const expressions = await expressionsOf(descriptor, encoding, group, compile);
  const tableId = descriptor.id;
  const source = versionSource(db, tableId, startTime);
  const timeSql = visibleTimeSql(db, tableId, startTime);
  const about = { encoding, columnIds, timeSql };
  const condition = conditionOf(expressions, { to: undefined }, { wanted: 'changed' }, source);
  return {
    present: () =>
      new RowScan(db, {
        ...about,
        ...{ tableId, table: source.table, endTime, from: undefined },
        expressions: { ...expressions, condition },
        rowsMax: Number.MAX_SAFE_INTEGER,
      }),
    ended: () => new HistoryScan(db, { ...about, source, expressions }),
  };
}

/** @returns undefined: not with the kernel */
function groupsOf(table: WrittenTable, options: ChangedRowsOptions): IndexGroup[] | undefined {
  const { encoding, primaryId } = table;
  const { indexIds } = options;
  const keyIds = encoding.rows.primaryKey.map(({ columnId }) => columnId);
  const indexes = table.indexes.filter(({ id }) => indexIds.has(id));
  const wholeIds = indexes.filter(({ predicate }) => predicate === '').map(({ id }) => id);
  if (indexIds.has(primaryId)) wholeIds.unshift(primaryId);
  const partial = indexes.filter(({ predicate }) => predicate !== '');
  const groups: IndexGroup[] = [];
  for (const { ids, predicate } of [
    { ids: wholeIds, predicate: '' },
    ...partial.map(({ id, predicate }) => ({ ids: [id], predicate })),
  ]) {
    if (ids.length === 0) continue;
    const columnIds = new Set(keyIds);
    if (ids.includes(primaryId)) for (const id of storedColumnIds(encoding)) columnIds.add(id);
    for (const index of indexes)
      if (ids.includes(index.id)) for (const id of index.columnIds) columnIds.add(id);
    const present = ids.map((id) => pairsOf(table, id, options, false));
    const ended = ids.map((id) => pairsOf(table, id, options, true));
    if (!areAll(present) || !areAll(ended)) return undefined;
    groups.push({ columnIds, predicate, present, ended });
  }
  return groups;
}

const areAll = (pairs: readonly (KernelPairs | undefined)[]): pairs is KernelPairs[] =>
  !pairs.includes(undefined);

function pairsOf(
  { encoding: { rows }, rows: rowEncoder, indexes }: WrittenTable,
  id: number,
  { startTime, endTime }: ChangedRowsOptions,
  isEnded: boolean,
): KernelPairs | undefined {
  const timeSlot = rows.columns.length;
  const endSlot = isEnded ? timeSlot + 1 : undefined;
  const slotCount = timeSlot + (isEnded ? HISTORY_SLOTS : 1);
  const about: KernelConfigOptions = {
    endTime,
    changes: { since: startTime, endSlot, slotCount },
  };
  const found = indexes.find((each) => each.id === id);
  const index =
    found === undefined ? kernelRows(rows, about) : kernelEntries(rows, found.encoded, about);
  const encoder = found?.encoder ?? rowEncoder;
  const encode: KernelPairs['encode'] = (row, sink) => encoder.encode(row, sink);
  return index && { index, encode, timeSlot, endSlot };
}
