import { notSupported } from '../../base/errors';
import type { TableInfo } from '../../catalog/table-info';
import { bindSelect } from '../bind/bind-select';
import type { SessionValues } from '../builtins/repr';
import { emitBoundQuery } from '../emit/emit-query';
import { type PlanTable, planLines } from '../emit/explain';
import type { EngineContext } from '../engine-context';
import type { ExplainStatement } from '../parse/ast';
import { SessionCatalogView } from './catalog-view';
import { bindContext, rowsTables } from './compile-query';
import type { NameContext } from './name-resolution';
import { readAll } from './read-all';

/** EXPLAIN of a query: nothing of it runs. */

/** @throws SqlError 0A000 for ANALYZE, other options and other statements; else as binding the query does */
export function explainQuery(
  { statement, analyze, options }: ExplainStatement,
  names: NameContext,
  session: SessionValues,
  engine: EngineContext,
): string[] {
  if (analyze) throw notSupported('EXPLAIN ANALYZE');
  const option = options.find((name) => name !== 'PLAN');
  if (option !== undefined) throw notSupported(`EXPLAIN (${option})`);
  if (statement.kind !== 'Select') throw notSupported(`EXPLAIN of ${statement.kind.toUpperCase()}`);
  const bound = bindSelect(statement.tree, bindContext(names, session, [], new Map(), engine));
  const compiled = emitBoundQuery(bound);
  const plan = { ...compiled, sql: `EXPLAIN QUERY PLAN ${compiled.sql}` };
  const { relationIds } = bound;
  const tables = rowsTables(bound.materialized);
  const rows = readAll(engine.db, { compiled: plan, tables }, session);
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
