import { notSupported, SqlError } from '../../base/errors';
import { STRING } from '../../catalog/types/table';
import type {
  PreparedStatementStatement,
  SessionStatement,
  SetValue,
  ShowStatement,
} from '../parse/ast';
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
  const { settings } = context;
  if (values === null) {
    settings.reset(name);
    return 'SET';
  }
  const text = values.map(valueText).join(', ');
  if (name.toLowerCase() === 'database') checkDatabase(text, context);
  if (scope === 'local' || OF_ONE_TRANSACTION.has(name.toLowerCase()))
    settings.setLocal(name, text);
  else settings.set(name, text);
  if (!context.inTransactionBlock) settings.restoreLocals();
  return 'SET';
}

/** Settings that end with their transaction, however they are set. */
const OF_ONE_TRANSACTION = new Set(['transaction_isolation', 'transaction_read_only']);

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

export function deallocate(
  statement: Of<PreparedStatementStatement, 'Deallocate'>,
  context: StatementContext,
): string {
  const { name } = statement;
  if (!context.deallocate(name)) {
    throw new SqlError('invalidSqlStatementName', `prepared statement "${name}" does not exist`);
  }
  return name === null ? 'DEALLOCATE ALL' : 'DEALLOCATE';
}

export function discard(
  statement: Of<SessionStatement, 'Discard'>,
  context: StatementContext,
): string {
  const { what } = statement;
  if (what === 'ALL') {
    if (context.inTransactionBlock) {
      throw new SqlError(
        'activeSqlTransaction',
        'DISCARD ALL cannot run inside a transaction block',
      );
    }
    context.settings.resetAll();
    context.deallocate(null);
  }
  if (what === 'ALL' || what === 'SEQUENCES') context.sequences.clear();
  return `DISCARD ${what}`;
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
