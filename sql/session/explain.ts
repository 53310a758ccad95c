import type { Awaitable } from '../../base/awaitable';
import { notSupported } from '../../base/errors';
import type { TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import { INT8, STRING } from '../../catalog/types/table';
import { messageTypeName } from '../../catalog/types/type-name';
import { bindSelect } from '../bind/bind-select';
import type { Query } from '../bind/expr';
import { bindWrite } from '../bind/write/bind-write';
import { writtenTables } from '../bind/write/plan';
import type { SessionValues } from '../builtins/repr';
import type { CompiledQuery } from '../emit/compiled-query';
import { emitBoundQuery } from '../emit/emit-query';
import { type PlanNode, type PlanTable, planLines, queryNode } from '../emit/explain';
import { writeNode } from '../emit/explain-write';
import type { Cursor, PreparedStatement, ResultColumn } from '../engine';
import type { EngineContext } from '../engine-context';
import type { RowsTable } from '../execute/messages';
import type { ExplainStatement, SelectStatement, Statement } from '../parse/ast';
import { changesData, type WriteStatement } from '../parse/changes';
import { columnsOf } from '../statements/table-result';
import { SessionCatalogView } from './catalog-view';
import { bindContext, type PreparedQuery, writeContext } from './compile-query';
import type { NameContext } from './name-resolution';
import { rowsTables } from './rows-tables';

/** EXPLAIN: nothing of the statement runs. EXPLAIN ANALYZE: it runs, and its plan says how it went. */

/** What a statement did under EXPLAIN ANALYZE. */
interface Measured {
  readonly rows: number;
  readonly planningMs: number;
  readonly executionMs: number;
}

interface Explained {
  readonly node: PlanNode;
  readonly columns: readonly ResultColumn[];
}

/** Options whose text would have to come from what is not there. */
const WITHOUT_MEANING: Readonly<Record<string, string>> = {
  OPT: 'There is no cost-based optimizer whose tree could be shown.',
  DISTSQL: 'Nothing is distributed here.',
  VEC: 'There are no vectorized operators here.',
  DEBUG: 'There is no statement bundle.',
};

const PLAIN = new Set(['PLAN', 'VERBOSE', 'TYPES']);

/** @throws SqlError 0A000 for options without a meaning here */
function checkOptions({ options }: ExplainStatement): void {
  const option = options.find((name) => !PLAIN.has(name));
  if (option !== undefined) throw notSupported(`EXPLAIN (${option})`, WITHOUT_MEANING[option]);
}

/** Runs what ANALYZE asks to be run, to its end; undefined when nothing is to be run. */
async function measure(
  explain: ExplainStatement,
  context: ExplainContext,
): Promise<Measured | undefined> {
  const { statement, analyze } = explain;
  if (!analyze) return undefined;
  if (statement.kind !== 'Select' && !changesData(statement))
    throw notSupported('EXPLAIN ANALYZE of a statement that is no query and writes no rows');
  const started = performance.now();
  const prepared = await context.prepare(statement);
  const planned = performance.now();
  const cursor = await context.execute(prepared);
  try {
    let sent = 0;
    for (let done = false; !done; ) {
      const batch = await cursor.next(0);
      sent += batch.rowCount;
      done = batch.done;
    }
    // The tag counts the rows that were written as well.
    const rows = Number(/\d+$/.exec(cursor.commandTag(sent))?.[0] ?? sent);
    return { rows, planningMs: planned - started, executionMs: performance.now() - planned };
  } finally {
    await cursor.close();
  }
}

/** What explaining needs of a session. */
export interface ExplainContext {
  readonly names: NameContext;
  readonly session: SessionValues;
  readonly engine: EngineContext;
  prepare(statement: Statement): Awaitable<PreparedStatement>;
  execute(prepared: PreparedStatement): Awaitable<Cursor>;
  read(query: Pick<PreparedQuery, 'compiled' | 'tables'>): Promise<readonly Repr[][]>;
}

/** Source: SQLite, EXPLAIN QUERY PLAN. */
const PLAN_COLUMNS = columnsOf(
  ['id', INT8],
  ['parent', INT8],
  ['notused', INT8],
  ['detail', STRING],
);

/** @throws SqlError 0A000 for options without a meaning here; else as binding the statement does */
export async function explainStatement(
  explain: ExplainStatement,
  context: ExplainContext,
): Promise<string[]> {
  checkOptions(explain);
  const measured = await measure(explain, context);
  const { statement, options } = explain;
  const { node, columns } = await explained(statement, context);
  const attributes = [...node.attributes];
  const withTypes = options.includes('TYPES');
  if (columns.length > 0 && (withTypes || options.includes('VERBOSE'))) {
    const shown = columns.map(({ name, type }) =>
      withTypes ? `${name} ${messageTypeName(type)}` : name,
    );
    attributes.unshift(`columns: (${shown.join(', ')})`);
  }
  if (measured !== undefined) attributes.unshift(`actual row count: ${measured.rows}`);
  const lines =
    measured === undefined
      ? []
      : [
          `planning time: ${timeText(measured.planningMs)}`,
          `execution time: ${timeText(measured.executionMs)}`,
        ];
  lines.push('distribution: local', 'vectorized: true', '');
  return [...lines, ...planLines({ ...node, attributes })];
}

const timeText = (ms: number): string =>
  ms < 1 ? `${Math.max(1, Math.round(ms * 1000))}µs` : `${Math.round(ms)}ms`;

async function explained(statement: Statement, context: ExplainContext): Promise<Explained> {
  if (changesData(statement)) return await explainedWrite(statement, context);
  if (statement.kind === 'Select') return await explainedQuery(statement, context);
  const name = statement.kind === 'Unsupported' ? statement.what : wordsOf(statement.kind);
  return { node: { name: name.toLowerCase(), attributes: [], inputs: [] }, columns: [] };
}

/** `CreateTable` as `Create Table`. */
const wordsOf = (kind: string): string => kind.replace(/(?!^)([A-Z])/g, ' $1');

/** Lines of SQLite's plan. */
async function accessOf(
  compiled: CompiledQuery,
  tables: readonly RowsTable[],
  { read }: ExplainContext,
): Promise<string[]> {
  const sql = `EXPLAIN QUERY PLAN ${compiled.sql}`;
  const rows = await read({ compiled: { ...compiled, columns: PLAN_COLUMNS, sql }, tables });
  return rows.map((row) => String(row[3]));
}

async function explainedQuery(
  statement: SelectStatement,
  context: ExplainContext,
): Promise<Explained> {
  const { names, session, engine } = context;
  const binding = bindContext(names, session, [], new Map(), engine);
  const bound = bindSelect(statement.tree, { ...binding, isClientsQuery: true });
  const access = await accessOf(emitBoundQuery(bound), rowsTables(bound.materialized), context);
  const tables = planTables([...bound.relationIds], names);
  return { node: queryNode(bound.query, { tables, access }), columns: bound.columns };
}

async function explainedWrite(
  statement: WriteStatement,
  context: ExplainContext,
): Promise<Explained> {
  const { names, session, engine } = context;
  const binding = bindContext(names, session, [], new Map(), engine);
  const bound = bindWrite(statement, writeContext(binding, names));
  const { plan } = bound;
  const tables = rowsTables(bound.materialized);
  const access: string[] = [];
  for (const query of sourcesOf(bound)) {
    const nothing = { materialized: new Map(), relationIds: new Set<number>() };
    const about = { query, columns: [], parameterTypes: [], writes: false, ...nothing };
    access.push(...(await accessOf(emitBoundQuery(about), tables, context)));
  }
  const ids = [...plan.relationIds, ...writtenTables(plan)];
  const node = writeNode(bound, { tables: planTables(ids, names), access });
  return { node, columns: plan.columns ?? [] };
}

/** Queries that give the rows to write; not those that read what a step leaves, which is not there. */
function sourcesOf({ plan, programs }: ReturnType<typeof bindWrite>): Query[] {
  if (plan.steps !== undefined || plan.kind === 'read') return [];
  const { source } = plan;
  if (typeof source !== 'number' && source.kind !== 'query') return [];
  const query = programs[typeof source === 'number' ? source : source.program];
  return query === undefined ? [] : [query];
}

function planTables(ids: readonly number[], names: NameContext): Map<string, PlanTable> {
  const view = new SessionCatalogView(names);
  const known = ids.flatMap((id) => view.relationById(id) ?? []);
  return new Map(known.map((table) => [table.sqliteName, planTable(table)]));
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
