import { SqlError } from '../../base/errors';
import { arrayOf, STRING } from '../../catalog/types/table';
import type { ShowStatement } from '../parse/ast';
import { parseStatement } from '../parse/parse';
import { currentDatabase, resolveRelation, unknownRelation } from '../session/name-resolution';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW of what one node without regions or partitions has none of, and of a text's syntax. */

type Show<K extends ShowStatement['kind']> = Extract<ShowStatement, { kind: K }>;

function checkDatabase(name: string | null, context: StatementContext): string {
  const database = name ?? currentDatabase(context);
  if (context.catalog.database(database) === undefined) {
    throw new SqlError('invalidCatalogName', `database "${database}" does not exist`);
  }
  return database;
}

const STRINGS = arrayOf(STRING);

export function showRegions(
  statement: Show<'ShowRegions'>,
  context: StatementContext,
): TableResult {
  const { from } = statement;
  if (from === 'DATABASE') {
    checkDatabase(statement.database, context);
    return {
      columns: columnsOf(
        ['database', STRING],
        ['region', STRING],
        ['primary', STRING],
        ['zones', STRINGS],
      ),
      rows: [],
    };
  }
  if (from === 'ALL') {
    return {
      columns: columnsOf(
        ['database_name', STRING],
        ['regions', STRINGS],
        ['primary_region', STRING],
      ),
      rows: context.catalog.databases().map(({ name }) => [name, null, null]),
    };
  }
  return {
    columns: columnsOf(
      ['region', STRING],
      ['zones', STRINGS],
      ['database_names', STRINGS],
      ['primary_region_of', STRINGS],
    ),
    rows: [],
  };
}

export function showSurvivalGoal(
  statement: Show<'ShowSurvivalGoal'>,
  context: StatementContext,
): TableResult {
  const database = checkDatabase(statement.database, context);
  return {
    columns: columnsOf(['database', STRING], ['survival_goal', STRING]),
    rows: [[database, null]],
  };
}

const PARTITION_COLUMNS = [
  'database_name',
  'table_name',
  'partition_name',
  'parent_partition',
  'column_names',
  'index_name',
  'partition_value',
  'zone_config',
  'full_zone_config',
];

/** Partitioned tables are refused, so there are none. @throws SqlError undefinedTable, invalidCatalogName */
export function showPartitions(
  statement: Show<'ShowPartitions'>,
  context: StatementContext,
): TableResult {
  const { of, name } = statement;
  if (of === 'DATABASE') checkDatabase(name.parts[0] ?? null, context);
  if (of === 'TABLE' && resolveRelation(name.parts, context) === undefined) {
    throw unknownRelation(name.parts);
  }
  return {
    columns: columnsOf(...PARTITION_COLUMNS.map((column) => [column, STRING] as const)),
    rows: [],
  };
}

/** One row `sql` with the text, or rows that say what is wrong with it. */
export function showSyntax(statement: Show<'ShowSyntax'>): TableResult {
  const columns = columnsOf(['field', STRING], ['message', STRING]);
  try {
    parseStatement(statement.text);
    return { columns, rows: [['sql', statement.text]] };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const { message, sqlstate, detail, hint } = error;
    const rows = [
      ['error', message],
      ['code', sqlstate],
      ...(detail === undefined ? [] : [['detail', detail]]),
      ...(hint === undefined ? [] : [['hint', hint]]),
    ];
    return { columns, rows };
  }
}
