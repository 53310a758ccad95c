import { defined } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import { PairSorter } from '../../storage/ranges/pair-sorter';
import { compareKeys } from '../format/compare-keys';
import type { PairSink } from '../format/datum/row-encoder';
import { encodeTablePrefix } from '../format/datum/table-key';
import { type FinishedFile, SpanWriter, type SpanWriterOptions } from './span-writer';
import type { TableSource } from './table-source';
import type { WrittenTable } from './written-table';

/** Between two looks at the signal and at files that wait to be written. */
const ROWS_PER_TURN = 1_000;

export interface TableBackupOptions extends SpanWriterOptions {
  /** Writes finished files; lets messages in. @throws the signal's reason */
  readonly turn: (finished: FinishedFile[]) => Promise<void>;
}

interface IndexOutput {
  readonly id: number;
  readonly sorter: PairSorter;
}

/**
 * Writes one table: its rows are read once, in the order of their keys, and written as they come; the entries of its other
 * indexes are sorted beside and follow.
 */
export async function backUpTable(
  table: WrittenTable,
  source: TableSource,
  options: TableBackupOptions,
): Promise<void> {
  const writers = table.spans.map((span) => new SpanWriter(span, options));
  const outputs = table.indexes.map(({ id }) => ({ id, sorter: new PairSorter() }));
  // Indexes may come before the primary one, once that has been changed; its rows have to wait for them then.
  const waits = table.indexes.some(({ id }) => id < table.primaryId);
  const rows = { id: table.primaryId, sorter: new PairSorter() };
  try {
    const writer = writerOf(table, writers, table.primaryId);
    const output = waits ? rows.sorter : writer;
    const turn = () => options.turn(writer.finished);
    await encodeRows(table, source, { output, indexes: outputs }, options.endTime, turn);
    const sorted = [...(waits ? [rows] : []), ...outputs].sort((a, b) => a.id - b.id);
    for (const output of sorted) await writeSorted(output, table, writers, options);
    for (const each of writers) {
      each.finish();
      await options.turn(each.finished);
    }
  } finally {
    for (const { sorter } of [...outputs, rows]) sorter.close();
  }
}

function writerOf(
  table: WrittenTable,
  writers: readonly SpanWriter[],
  indexId: number,
): SpanWriter {
  const key = encodeTablePrefix(table.descriptor.id, indexId);
  const i = table.spans.findIndex(
    ({ start, end }) =>
      compareKeys(start, start.length, key, key.length) <= 0 &&
      compareKeys(key, key.length, end, end.length) < 0,
  );
  return defined(writers[i], `span of index ${indexId}`);
}

async function encodeRows(
  table: WrittenTable,
  source: TableSource,
  to: { readonly output: SpanWriter | PairSorter; readonly indexes: readonly IndexOutput[] },
  endTime: bigint,
  turn: () => Promise<void>,
): Promise<void> {
  const { encoding } = table;
  const predicates = table.indexes.map(({ predicate }) => predicate).filter((text) => text !== '');
  const width = encoding.rows.columns.length;
  let timestamp: bigint | string = endTime;
  const { output } = to;
  const rowSink: PairSink =
    output instanceof SpanWriter
      ? (key, value) => output.add(key.view(), value.view(), timestamp)
      : sortedSink(output, () => timestamp);
  let next = width;
  const indexes = table.indexes.map(({ encoder, predicate }, i) => ({
    encoder,
    // Where the row tells whether it has an entry.
    slot: predicate === '' ? -1 : next++,
    sink: sortedSink(defined(to.indexes[i], 'output of an index').sorter, () => timestamp),
  }));
  let count = 0;
  for (const row of source.rows(table.descriptor, encoding, predicates)) {
    timestamp = (row[next] as bigint | string | null) ?? endTime;
    table.rows.encode(row, rowSink);
    for (const { encoder, slot, sink } of indexes) {
      if (slot < 0 || isTrue(row[slot])) encoder.encode(row, sink);
    }
    if (++count % ROWS_PER_TURN === 0) await turn();
  }
}

const isTrue = (value: Repr | undefined): boolean => value === 1n || value === 1;

function sortedSink(sorter: PairSorter, timestampOf: () => bigint | string): PairSink {
  return (key, value) => {
    sorter.add({ key: key.toBytes(), value: value.toBytes(), timestamp: timestampOf() });
  };
}

async function writeSorted(
  { id, sorter }: IndexOutput,
  table: WrittenTable,
  writers: readonly SpanWriter[],
  options: TableBackupOptions,
): Promise<void> {
  const writer = writerOf(table, writers, id);
  let count = 0;
  for (const { key, value, timestamp } of sorter.sorted()) {
    writer.add(key, value, timestamp);
    if (++count % ROWS_PER_TURN === 0) await options.turn(writer.finished);
  }
  sorter.close();
}
