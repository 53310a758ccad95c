import { SqlError } from '../../base/errors';
import { STRING } from '../../catalog/types/table';
import { EXTERNAL_SCHEME, noConnection } from '../../storage/external/external-connection';
import { openStorage } from '../../storage/external/open-storage';
import { parseLocation, redactUri } from '../../storage/external/uri';
import {
  deleteExternalConnection,
  findExternalConnection,
  insertExternalConnection,
  listExternalConnections,
} from '../../storage/ranges/external-connection-rows';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import type { ResultColumn } from '../engine';
import type { ExternalConnectionStatement } from '../parse/ast';
import { isAdmin } from '../privileges/access';
import type { StatementContext } from './statement-context';
import { statementStorage } from './statement-storage';
import { columnsOf, type TableResult } from './table-result';

/** EXTERNAL CONNECTION: locations with names, for admins. Nothing shows the secrets in their URLs. */

type Of<K extends ExternalConnectionStatement['kind']> = Extract<
  ExternalConnectionStatement,
  { kind: K }
>;

const LIST_COLUMNS = columnsOf(['connection_name', STRING], ['connection_uri', STRING]);
const CREATE_COLUMNS = columnsOf(['connection_name', STRING], ['create_statement', STRING]);

export const externalConnectionColumns = ({
  create,
}: Of<'ShowExternalConnections'>): readonly ResultColumn[] =>
  create ? CREATE_COLUMNS : LIST_COLUMNS;

function requireAdmin(context: StatementContext, what: string): void {
  if (isAdmin(context)) return;
  const message = `only users with the admin role are allowed to ${what} EXTERNAL CONNECTION`;
  throw new SqlError('insufficientPrivilege', message);
}

function refuseBlock(context: StatementContext, what: string): void {
  if (!context.inTransactionBlock) return;
  const message = `${what} EXTERNAL CONNECTION cannot be used inside a transaction`;
  throw new SqlError('activeSqlTransaction', message);
}

export async function createExternalConnection(
  statement: Of<'CreateExternalConnection'>,
  context: StatementContext,
): Promise<string> {
  requireAdmin(context, 'CREATE');
  refuseBlock(context, 'CREATE');
  const name = context.text(statement.name);
  const uri = context.text(statement.uri);
  if (!/^[^/?#\s]+$/.test(name)) {
    throw new SqlError('invalidName', 'the name of an external connection cannot stand in a URL');
  }
  if (parseLocation(uri).scheme === EXTERNAL_SCHEME) {
    throw new SqlError('invalidParameterValue', 'an external connection cannot lead to another');
  }
  // What is wrong with the URL is told now, not at the first use.
  await (await openStorage(uri, statementStorage(context))).close();
  const { engine, user } = context;
  await writeTransaction(engine.writeLock, engine.db, 'CREATE EXTERNAL CONNECTION', (db) => {
    if (findExternalConnection(db, name) === undefined) {
      insertExternalConnection(db, { name, uri, owner: user });
    } else if (!statement.ifNotExists) {
      throw new SqlError(
        'duplicateObject',
        `external connection with connection name '${name}' already exists`,
      );
    }
  });
  return 'CREATE EXTERNAL CONNECTION';
}

export async function dropExternalConnection(
  statement: Of<'DropExternalConnection'>,
  context: StatementContext,
): Promise<string> {
  requireAdmin(context, 'DROP');
  refuseBlock(context, 'DROP');
  const name = context.text(statement.name);
  const { engine } = context;
  await writeTransaction(engine.writeLock, engine.db, 'DROP EXTERNAL CONNECTION', (db) => {
    if (findExternalConnection(db, name) === undefined) throw noConnection(name);
    deleteExternalConnection(db, name);
  });
  return 'DROP EXTERNAL CONNECTION';
}

export function showExternalConnections(
  statement: Of<'ShowExternalConnections'>,
  context: StatementContext,
): TableResult {
  requireAdmin(context, 'SHOW');
  const wanted = statement.name === null ? undefined : context.text(statement.name);
  const all = listExternalConnections(context.engine.db);
  const found = all.filter(({ name }) => wanted === undefined || name === wanted);
  if (wanted !== undefined && found.length === 0) throw noConnection(wanted);
  const rows = found.map(({ name, uri }) => {
    const shown = redactUri(uri);
    return statement.create
      ? [name, `CREATE EXTERNAL CONNECTION '${name}' AS '${shown}'`]
      : [name, shown];
  });
  return { columns: externalConnectionColumns(statement), rows };
}
