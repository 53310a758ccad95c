import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import type { SessionValues } from '../builtins/repr';
import { executeOn } from '../execute/execute-on';
import { loadTables } from '../execute/thread-cursor';
import type { PreparedQuery } from './compile-query';

/** All rows of a small query that another statement needs (job ids), on the main thread's own connection. */
export function readAll(
  db: Connection,
  query: Pick<PreparedQuery, 'compiled' | 'tables'>,
  session: SessionValues,
): Repr[][] {
  try {
    loadTables(db, query.tables);
    return [...executeOn(db, query.compiled, [], session)];
  } finally {
    for (const table of query.tables) db.exec(`DROP TABLE IF EXISTS temp.${table.name}`);
  }
}
