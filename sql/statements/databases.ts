import { notSupported, SqlError } from '../../base/errors';
import { newDatabase } from '../../catalog/catalog-manager';
import { DescriptorState } from '../../catalog/descriptor/gen/table_pb';
import { dropDatabase } from '../../catalog/drop-database';
import { isRegionType } from '../../catalog/regions';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { setNewRegions } from '../ddl/alter-regions';
import { runDefinition } from '../ddl/run';
import type { CreateDatabaseStatement, DropDatabaseStatement } from '../parse/ast';
import { type Actor, hasOption, requirePrivilege, secured } from '../privileges/access';
import { currentDatabase } from '../session/name-resolution';
import { refuseUnsafe } from '../session/safe-updates';
import type { StatementContext } from './statement-context';

/** CREATE DATABASE and DROP DATABASE. */

export async function createDatabase(
  statement: CreateDatabaseStatement,
  context: StatementContext,
): Promise<string> {
  checkOptions(statement);
  if (!hasOption(context, 'CREATEDB')) {
    throw new SqlError('insufficientPrivilege', 'permission denied to create database');
  }
  if (statement.owner !== null && context.catalog.roles.get(statement.owner) === undefined) {
    throw new SqlError('undefinedObject', `role/user "${statement.owner}" does not exist`);
  }
  return runDefinition('CREATE DATABASE', context, (run) => {
    if (run.catalog.holderOfName(0, 0, statement.name) !== undefined) {
      if (statement.ifNotExists) return;
      throw new SqlError('duplicateDatabase', `database "${statement.name}" already exists`);
    }
    const id = allocateDescriptorIds(run.db, 1);
    const { union } = newDatabase(id, statement.name, statement.owner ?? run.names.user);
    if (union.case !== 'database') return;
    const { primaryRegion: primary, regions, survive } = statement;
    setNewRegions(union.value, { primary, regions, survive }, run);
    run.add(union);
  });
}

/** Options that PostgreSQL's tools send are accepted when they ask for what there is anyway. */
function checkOptions(statement: CreateDatabaseStatement): void {
  if (statement.name === '') throw new SqlError('syntaxError', 'empty database name');
  if (statement.encoding !== null && !/^utf-?8$/i.test(statement.encoding)) {
    throw notSupported(`encoding ${statement.encoding}`, 'Databases are always UTF8.');
  }
  for (const collation of [statement.lcCollate, statement.lcCtype]) {
    if (collation !== null && !/^(C|C\.UTF-8|en_US\.UTF-8)$/i.test(collation)) {
      throw notSupported(`collation ${collation}`, 'Use C.UTF-8, or COLLATE on columns.');
    }
  }
  if (statement.template !== null && !/^template[01]$/i.test(statement.template)) {
    throw notSupported(`template ${statement.template}`, 'Use template0.');
  }
  if (statement.connectionLimit !== null && statement.connectionLimit !== -1) {
    throw notSupported('CONNECTION LIMIT', 'Use -1.');
  }
}

export async function dropDatabaseStatement(
  statement: DropDatabaseStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('DROP DATABASE', context, (run) => {
    const database = run.catalog.database(statement.name);
    if (database === undefined) {
      if (statement.ifExists) return;
      throw unknownDatabase(statement.name, run.catalog);
    }
    requireDrop(run.names, statement.name);
    const contents = [...run.catalog.entries()].filter((e) => e.databaseId === database.id);
    if (currentDatabase(run.names) === statement.name) {
      refuseUnsafe('DROP DATABASE on current database', run.names);
    }
    const isEmpty = contents.every((entry) => isRegionType(entry, run.catalog));
    if (!isEmpty && statement.behavior === null) {
      refuseUnsafe('DROP DATABASE on non-empty database without explicit CASCADE', run.names);
    }
    for (const entry of contents) run.passRows(entry.id);
    dropDatabase(
      run.db,
      run.catalog,
      statement.name,
      statement.behavior ?? 'cascade',
      run.nowNanos,
    );
  });
}

function unknownDatabase(name: string, catalog: CatalogSnapshot): SqlError {
  return catalog.holderOfName(0, 0, name)?.state === DescriptorState.OFFLINE
    ? new SqlError('objectNotInPrerequisiteState', `database "${name}" is offline: restoring`)
    : new SqlError('invalidCatalogName', `database "${name}" does not exist`);
}

/** DROP on the database and all that is in it. @throws SqlError insufficientPrivilege (42501) */
function requireDrop(actor: Actor, name: string): void {
  const database = actor.catalog.holderOfName(0, 0, name);
  if (database === undefined) return;
  requirePrivilege(actor, secured(database), 'DROP');
  for (const entry of actor.catalog.entries()) {
    if (entry.databaseId !== database.id || entry.kind !== 'table') continue;
    requirePrivilege(actor, secured(entry), 'DROP');
  }
}
