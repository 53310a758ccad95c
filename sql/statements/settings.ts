import { notSupported, SqlError } from '../../base/errors';
import { STRING } from '../../catalog/types/table';
import type { SessionStatement, SetValue, ShowStatement } from '../parse/ast';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SET, RESET, USE and SHOW of settings. */

type Of<S, K> = Extract<S, { kind: K }>;

function valueText(value: SetValue): string {
  if (value.kind === 'text') return value.text;
  throw notSupported(`SET to an expression (${value.text})`, 'Write a constant.');
}

export function setVariable(
  statement: Of<SessionStatement, 'SetVariable'>,
  context: StatementContext,
): string {
  const { name, values, scope } = statement;
  if (scope === 'local' && !context.inTransactionBlock) {
    context.notice({
      severity: 'WARNING',
      code: '25P01',
      message: 'SET LOCAL can only be used in transaction blocks',
    });
    return 'SET';
  }
  if (values === null) context.settings.reset(name);
  else {
    const text = values.map(valueText).join(', ');
    if (name.toLowerCase() === 'database') checkDatabase(text, context);
    context.settings.set(name, text);
  }
  return 'SET';
}

function checkDatabase(name: string, context: StatementContext): void {
  if (name !== '' && context.catalog.database(name) === undefined) {
    throw new SqlError('invalidCatalogName', `database "${name}" does not exist`);
  }
}

export function useDatabase(
  statement: Of<SessionStatement, 'Use'>,
  context: StatementContext,
): string {
  const name = valueText(statement.database);
  checkDatabase(name, context);
  context.settings.set('database', name);
  return 'SET';
}

export function showVariable(
  statement: Of<ShowStatement, 'ShowVariable'>,
  context: StatementContext,
): TableResult {
  const name = context.settings.canonicalName(statement.name);
  return { columns: columnsOf([name, STRING]), rows: [[context.settings.get(name)]] };
}

export function showAll(_: Of<ShowStatement, 'ShowAll'>, context: StatementContext): TableResult {
  return {
    columns: columnsOf(['variable', STRING], ['value', STRING]),
    rows: context.settings.all(),
  };
}

/** Cluster settings that tools ask for. */
const CLUSTER_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['version', '21.2'],
  ['cluster.organization', ''],
  ['server.time_until_store_dead', '00:05:00'],
  ['sql.defaults.serial_normalization', 'rowid'],
]);

export function showClusterSetting(
  statement: Of<ShowStatement, 'ShowClusterSetting'>,
): TableResult {
  const value = CLUSTER_SETTINGS.get(statement.name);
  if (value === undefined) {
    throw new SqlError('undefinedObject', `unknown setting: "${statement.name}"`);
  }
  return { columns: columnsOf([statement.name, STRING]), rows: [[value]] };
}

export function showTransactionStatus(
  _: Of<ShowStatement, 'ShowTransactionStatus'>,
  context: StatementContext,
): TableResult {
  return {
    columns: columnsOf(['TRANSACTION STATUS', STRING]),
    rows: [[context.settings.get('transaction_status')]],
  };
}
