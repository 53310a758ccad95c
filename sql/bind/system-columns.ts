import { MVCC_TIMESTAMP_COLUMN, TABLEOID_COLUMN } from '../../catalog/table-builder';
import type { TableInfo } from '../../catalog/table-info';
import type { SqlType } from '../../catalog/types/sql-type';
import { BOOL, DECIMAL, INT8, OID } from '../../catalog/types/table';
import { TIMESTAMP_COLUMN } from '../../storage/ranges/physical-table';
import { CASE, IS_NULL } from '../builtins/control';
import { MVCC_TIMESTAMP } from '../builtins/crdb-internal';
import { call } from './calls';
import type { Expr, Source } from './expr';
import type { ScopeColumn } from './scope';
import { constant, nullOf } from './untyped';

/**
 * What each row of a table has beside its columns, by name only: when it was written, and of which table it is. Both are NULL where
 * an outer join has no row.
 */
export function systemColumns(table: TableInfo, source: Source): ScopeColumn[] {
  const column = (name: string, type: SqlType, expr: () => Expr): ScopeColumn => ({
    name,
    table: table.name,
    qualifiers: [table.databaseName, table.schemaName],
    type,
    hidden: true,
    merged: false,
    expr,
  });
  const stored = (sqliteColumn: string, name: string): Expr => ({
    kind: 'column',
    type: INT8,
    source,
    column: sqliteColumn,
    name,
    tableId: 0,
    columnId: 0,
  });
  const timestamp = (): Expr =>
    call(MVCC_TIMESTAMP, DECIMAL, [stored(TIMESTAMP_COLUMN, MVCC_TIMESTAMP_COLUMN)]);
  const tableoid = (): Expr => {
    const id = constant(OID, BigInt(table.id));
    const keyId = table.primaryIndex?.keyColumns[0]?.columnId;
    const key = table.columns.find((candidate) => candidate.id === keyId);
    if (key === undefined || key.virtual) return id;
    const isMissing = call(IS_NULL, BOOL, [stored(key.sqliteName, TABLEOID_COLUMN)]);
    return call(CASE, OID, [isMissing, nullOf(OID), id]);
  };
  return [
    column(MVCC_TIMESTAMP_COLUMN, DECIMAL, timestamp),
    column(TABLEOID_COLUMN, OID, tableoid),
  ];
}
