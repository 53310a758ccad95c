import { SqlError } from '../../base/errors';
import { quoteIdentifier } from '../../catalog/identifiers';
import { BOOL, STRING } from '../../catalog/types/table';
import { dropTemporaryObjects } from '../ddl/drop-temporary';
import { runDefinition } from '../ddl/run';
import type {
  PreparedStatementStatement,
  SessionStatement,
  SetValue,
  ShowStatement,
} from '../parse/ast';
import type { PgNode } from '../parse/pg-tree';
import { temporarySchemaOf } from '../session/temporary-schemas';
import type { StatementContext } from './statement-context';
import { boolRepr, columnsOf, type TableResult } from './table-result';

/** SET, RESET, USE and SHOW of settings. */

type Of<S, K> = Extract<S, { kind: K }>;

/** A value's text: constants as they are, expressions as what they give. */
export async function valueText(value: SetValue, context: StatementContext): Promise<string> {
  if (value.kind === 'text') return value.text;
  const typeName = { names: [{ String: { sval: 'text' } }], typemod: -1 };
  const cast = { TypeCast: { arg: value.expression, typeName } } as unknown as PgNode;
  const text = (await context.evaluate(cast))[0]?.[0] ?? null;
  if (text === null) {
    throw new SqlError('invalidParameterValue', 'a setting cannot be set to NULL');
  }
  return String(text);
}

/** Schemas, each of them one value. */
function pathText(schemas: readonly string[]): string {
  for (const schema of schemas) {
    if (!schema.includes(',')) continue;
    throw new SqlError(
      'featureNotSupported',
      `unimplemented: schema name "${schema}" has commas so is not supported in search_path.`,
      { hint: `Did you mean to omit quotes? SET search_path = ${schema}` },
    );
  }
  return schemas.map(quoteIdentifier).join(', ');
}

export async function setVariable(
  statement: Of<SessionStatement, 'SetVariable'>,
  context: StatementContext,
): Promise<string> {
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
  const canonical = settings.canonicalName(name);
  const text = await settingText(canonical, values, context);
  if (canonical === 'database') checkDatabase(text, context);
  if (scope === 'local' || OF_ONE_TRANSACTION.has(canonical)) settings.setLocal(name, text);
  else settings.set(name, text);
  if (!context.inTransactionBlock) settings.restoreLocals();
  return 'SET';
}

/** What SET makes of its values. @param canonical the setting's name */
export async function settingText(
  canonical: string,
  values: readonly SetValue[],
  context: StatementContext,
): Promise<string> {
  const texts: string[] = [];
  for (const value of values) texts.push(await valueText(value, context));
  if (texts.length > 1 && !LISTS.has(canonical)) {
    throw new SqlError('invalidParameterValue', `SET ${canonical} takes only one argument`);
  }
  return canonical === 'search_path' ? pathText(texts) : texts.join(', ');
}

/** Settings that take several values. */
const LISTS: ReadonlySet<string> = new Set(['search_path', 'datestyle']);

/** Settings that end with their transaction, however they are set. */
const OF_ONE_TRANSACTION = new Set(['transaction_isolation', 'transaction_read_only']);

function checkDatabase(name: string, context: StatementContext): void {
  if (name !== '' && context.catalog.database(name) === undefined) {
    throw new SqlError('invalidCatalogName', `database "${name}" does not exist`);
  }
}

export async function useDatabase(
  statement: Of<SessionStatement, 'Use'>,
  context: StatementContext,
): Promise<string> {
  const name = await valueText(statement.database, context);
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

async function dropOwnTemporaryObjects(context: StatementContext): Promise<void> {
  const own = temporarySchemaOf(context.settings);
  const hasSome = [...context.catalog.entries()].some(({ name }) => name === own);
  if (!hasSome) return;
  await runDefinition('DISCARD', context, (run) => dropTemporaryObjects(own, run));
}

export async function discard(
  statement: Of<SessionStatement, 'Discard'>,
  context: StatementContext,
): Promise<string> {
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
  if (what === 'ALL') context.setUser(context.settings.get('session_user'));
  if (what === 'ALL' || what === 'SEQUENCES') context.sequences.clear();
  if (what === 'ALL' || what === 'TEMP') await dropOwnTemporaryObjects(context);
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

export function showSavepointStatus(
  _: Of<ShowStatement, 'ShowSavepointStatus'>,
  context: StatementContext,
): TableResult {
  return {
    columns: columnsOf(['savepoint_name', STRING], ['is_initial_savepoint', BOOL]),
    rows: context.savepoints().map(({ name, isInitial }) => [name, boolRepr(isInitial)]),
  };
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
