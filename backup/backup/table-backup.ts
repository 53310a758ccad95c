import { defined } from '../../base/invariant';
import type { Repr } from '../../catalog/types/sql-type';
import { PairSorter } from '../../storage/ranges/pair-sorter';
import type { PairSink } from '../format/datum/row-encoder';
import type { Outputs } from './outputs';
import type { PairOutput } from './pair-output';
import type { TableSource } from './table-source';
import type { WrittenTable } from './written-table';

/** Between two looks at the signal and at files that wait to be written. */
const ROWS_PER_TURN = 1_000;

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
  to: Outputs,
): Promise<void> {
  const outputs = table.indexes.map(({ id }) => ({ id, sorter: new PairSorter() }));
  // Indexes may come before the primary one, once that has been changed; its rows have to wait for them then.
  const waits = table.indexes.some(({ id }) => id < table.primaryId);
  const rows = { id: table.primaryId, sorter: new PairSorter() };
  try {
    const writer = to.of(table.primaryId);
    const output = waits ? rows.sorter : writer;
    const turn = () => writer.turn();
    await encodeRows(table, source, { output, indexes: outputs }, to.endTime, turn);
    const sorted = [...(waits ? [rows] : []), ...outputs].sort((a, b) => a.id - b.id);
    for (const each of sorted) await writeSorted(each, to.of(each.id));
    await to.finish();
  } finally {
    for (const { sorter } of [...outputs, rows]) sorter.close();
  }
}

async function encodeRows(
  table: WrittenTable,
  source: TableSource,
  to: { readonly output: PairOutput | PairSorter; readonly indexes: readonly IndexOutput[] },
  endTime: bigint,
  turn: () => Promise<void>,
): Promise<void> {
  const { encoding } = table;
  const predicates = table.indexes.map(({ predicate }) => predicate).filter((text) => text !== '');
  const width = encoding.rows.columns.length;
  let timestamp: bigint | string = endTime;
  const { output } = to;
  const rowSink: PairSink =
    output instanceof PairSorter
      ? sortedSink(output, () => timestamp)
      : (key, value) => output.add(key.view(), value.view(), timestamp);
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

async function writeSorted({ sorter }: IndexOutput, writer: PairOutput): Promise<void> {
  let count = 0;
  for (const { key, value, timestamp } of sorter.sorted()) {
    writer.add(key, value, timestamp);
    if (++count % ROWS_PER_TURN === 0) await writer.turn();
  }
  sorter.close();
}
