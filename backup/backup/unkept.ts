import { notSupported } from '../../base/errors';
import type { Connection } from '../../storage/ranges/connection';
import type { MetaTable } from '../../storage/ranges/meta-history';
import { BEGAN_COLUMN, metaSqlOfVersions } from '../../storage/ranges/meta-history-reads';
import { END_COLUMN } from '../../storage/ranges/physical-table';
import type { Window } from './revisions';

/** What full cluster backups of v21.2-alpha have no place for: neither a system table nor a field of descriptors. */
const UNKEPT: readonly (readonly [table: MetaTable, statement: string])[] = [
  ['default_privileges', 'ALTER DEFAULT PRIVILEGES'],
  ['role_settings', 'ALTER ROLE … SET'],
];

/** @throws SqlError featureNotSupported (0A000) when any of it was there at some time of the window */
export function refuseUnkept(db: Connection, { start, end }: Window): void {
  for (const [table, statement] of UNKEPT) {
    const condition = `${BEGAN_COLUMN} <= ? AND (${END_COLUMN} IS NULL OR ${END_COLUMN} > ?)`;
    const sql = `SELECT 1 FROM ${table} WHERE ${condition} LIMIT 1`;
    if (db.prepare(metaSqlOfVersions(db, sql, table)).get(end, start) === undefined) continue;
    throw notSupported(
      `BACKUP of a full cluster with what ${statement} has set`,
      start === end
        ? 'Reset it, or back up the databases by name.'
        : 'Reset it and begin a new chain, or back up the databases by name.',
    );
  }
}

/** Until when some of it was there that is no longer; 0: never. */
export function unkeptUntil(db: Connection): bigint {
  const ends = UNKEPT.map(([table]) => {
    const sql = `SELECT max(${END_COLUMN}) FROM ${table}`;
    return db
      .prepare(metaSqlOfVersions(db, sql, table))
      .safeIntegers()
      .pluck()
      .get() as bigint | null;
  });
  return ends.reduce<bigint>((latest, end) => (end !== null && end > latest ? end : latest), 0n);
}
