import type { Connection } from '../../../storage/ranges/connection';
import { versionSource } from '../../../storage/ranges/history-reads';
import { retiredUntil } from '../../../storage/ranges/history-tables';
import { settledTime } from '../../../storage/ranges/pushed-writes';
import { compareKeys } from '../../format/compare-keys';
import { HistoryScan } from '../history/history-scan';
import { NO_EXPRESSIONS } from '../rows/table-source';
import type { WrittenTable } from '../rows/written-table';
import type { Part } from './part';

const ROWS_PER_TURN = 1_000;

/**
 * Parts of a table's rows in which versions have ended since a time.
 * @param parts of the primary index, in their order @param turn called once in a while
 * @returns `all`: the table's rows were replaced
 */
export async function partsWithEnded(
  db: Connection,
  { descriptor, encoding, rows }: WrittenTable,
  parts: readonly Part[],
  time: bigint,
  turn: () => Promise<void>,
): Promise<readonly Part[] | 'all'> {
  const { id } = descriptor;
  if (retiredUntil(db, id) > settledTime(db, id, time)) return 'all';
  const scan = new HistoryScan(db, {
    source: versionSource(db, id, time),
    encoding,
    columnIds: new Set(encoding.rows.primaryKey.map(({ columnId }) => columnId)),
    expressions: NO_EXPRESSIONS,
  });
  const found = new Set<Part>();
  let count = 0;
  try {
    while (scan.next()) {
      const part = partWith(parts, rows.rowKey(scan.row));
      if (part !== undefined) found.add(part);
      if (++count % ROWS_PER_TURN === 0) await turn();
    }
    return [...found];
  } finally {
    scan.close();
  }
}

/** The last of the parts that begin before the key. */
function partWith(parts: readonly Part[], key: Uint8Array): Part | undefined {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { start } = parts[middle] as Part;
    if (compareKeys(start, start.length, key, key.length) <= 0) low = middle + 1;
    else high = middle;
  }
  return parts[low - 1];
}
