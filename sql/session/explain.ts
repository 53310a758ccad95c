import { notSupported } from '../../base/errors';
import type { TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import { INT8, STRING } from '../../catalog/types/table';
import { bindSelect } from '../bind/bind-select';
import type { SessionValues } from '../builtins/repr';
import { emitBoundQuery } from '../emit/emit-query';
import { type PlanTable, planLines } from '../emit/explain';
import type { EngineContext } from '../engine-context';
import type { ExplainStatement } from '../parse/ast';
import { columnsOf } from '../statements/table-result';
import { SessionCatalogView } from './catalog-view';
import { bindContext, type PreparedQuery, rowsTables } from './compile-query';
import type { NameContext } from './name-resolution';

/** EXPLAIN of a query: nothing of it runs. */

/** Source: SQLite, EXPLAIN QUERY PLAN. */
const PLAN_COLUMNS = columnsOf(
  ['id', INT8],
  ['parent', INT8],
  ['notused', INT8],
  ['detail', STRING],
);

/** @throws SqlError 0A000 for ANALYZE, other options and other statements; else as binding the query does */
export async function explainQuery(
  { statement, analyze, options }: ExplainStatement,
  names: NameContext,
  session: SessionValues,
  engine: EngineContext,
  read: (query: Pick<PreparedQuery, 'compiled' | 'tables'>) => Promise<readonly Repr[][]>,
): Promise<string[]> {
  if (analyze) throw notSupported('EXPLAIN ANALYZE');
  const option = options.find((name) => name !== 'PLAN');
  if (option !== undefined) throw notSupported(`EXPLAIN (${option})`);
  if (statement.kind !== 'Select') throw notSupported(`EXPLAIN of ${statement.kind.toUpperCase()}`);
  const bound = bindSelect(statement.tree, bindContext(names, session, [], new Map(), engine));
  const compiled = emitBoundQuery(bound);
  const plan = { ...compiled, columns: PLAN_COLUMNS, sql: `EXPLAIN QUERY PLAN ${compiled.sql}` };
  const { relationIds } = bound;
  const tables = rowsTables(bound.materialized);
  const rows = await read({ compiled: plan, tables });
  const view = new SessionCatalogView(names);
  const known = [...relationIds].flatMap((id) => view.relationById(id) ?? []);
  return planLines(bound.query, {
    tables: new Map(known.map((table) => [table.sqliteName, planTable(table)])),
    access: rows.map((row) => String(row[3])),
  });
}

function planTable(table: TableInfo): PlanTable {
  const columns = new Map(table.columns.map((column) => [column.sqliteName, column.name]));
  const keyId = table.primaryIndex?.keyColumns[0]?.columnId;
  const key = table.columns.find((column) => column.id === keyId);
  if (key !== undefined) columns.set('rowid', key.name);
  return {
    name: table.name,
    primaryIndex: table.primaryIndex?.name ?? 'primary',
    columns,
    indexes: new Map(
      table.secondaryIndexes.map((index) => [`${table.sqliteName}_i${index.id}`, index.name]),
    ),
  };
}
