import { utf8Text } from '../../base/utf8';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { decodeText, type SessionValues } from '../builtins/repr';
import type { ResultColumn } from '../engine';
import { executeOn } from '../execute/execute-on';
import type { QueryPool } from '../execute/query-pool';
import type { Snapshot } from '../execute/snapshots';
import { loadTables } from '../execute/thread-cursor';
import type { PreparedQuery } from './compile-query';

type Query = Pick<PreparedQuery, 'compiled' | 'tables'>;

/** All rows of a small query that another statement needs (job ids), on this thread's own connection. */
export function readAll(db: Connection, query: Query, session: SessionValues): Repr[][] {
  try {
    loadTables(db, query.tables);
    return [...executeOn(db, query.compiled, [], session)];
  } finally {
    for (const table of query.tables) db.exec(`DROP TABLE IF EXISTS temp.${table.name}`);
  }
}

/** The same, of the rows that a block sees. */
export async function readAllIn(
  pool: QueryPool,
  snapshot: Snapshot,
  query: Query,
  session: SessionValues,
): Promise<Repr[][]> {
  const { compiled, tables } = query;
  const running = pool.run({ query: compiled, parameters: [], session, tables, snapshot });
  const rows: Repr[][] = [];
  try {
    for (;;) {
      const { bytes, done } = await running.next(0);
      rows.push(...decodeRows(bytes, compiled.columns, session));
      if (done) return rows;
    }
  } finally {
    await running.close();
  }
}

/** Rows of DataRow messages in text form: type, length, number of cells, then each with its length. */
function decodeRows(
  bytes: Uint8Array,
  columns: readonly ResultColumn[],
  session: SessionValues,
): Repr[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: Repr[][] = [];
  for (let start = 0; start < bytes.length; start += 1 + view.getInt32(start + 1)) {
    let at = start + 7;
    rows.push(
      columns.map(({ type }) => {
        const length = view.getInt32(at);
        at += 4;
        if (length < 0) return null;
        const cell = bytes.subarray(at, at + length);
        at += length;
        return decodeCell(cell, type, session);
      }),
    );
  }
  return rows;
}

function decodeCell(cell: Uint8Array, type: SqlType, session: SessionValues): Repr {
  const text = utf8Text(cell);
  return type.family === 'string' ? text : decodeText(text, type, session);
}
