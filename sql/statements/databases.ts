import { wallNanos } from '../../base/clock';
import { notSupported, SqlError } from '../../base/errors';
import { newDatabase, writeDescriptor } from '../../catalog/catalog-manager';
import { dropDatabase } from '../../catalog/drop-database';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { writeTransaction } from '../../storage/ranges/write-transaction';
import type { CreateDatabaseStatement, DropDatabaseStatement } from '../parse/ast';
import { refuseInTransaction } from './refuse-in-transaction';
import type { StatementContext } from './statement-context';

/** CREATE DATABASE and DROP DATABASE. */

export async function createDatabase(
  statement: CreateDatabaseStatement,
  context: StatementContext,
): Promise<string> {
  refuseInTransaction('CREATE DATABASE', context);
  checkOptions(statement);
  const { engine, user } = context;
  await writeTransaction(engine.writeLock, engine.db, 'CREATE DATABASE', (db) => {
    const holder = engine.catalog.snapshot().holderOfName(0, 0, statement.name);
    if (holder !== undefined) {
      if (statement.ifNotExists) return;
      throw new SqlError('duplicateDatabase', `database "${statement.name}" already exists`);
    }
    const id = allocateDescriptorIds(db, 1);
    writeDescriptor(db, newDatabase(id, statement.name, statement.owner ?? user), wallNanos());
  });
  return 'CREATE DATABASE';
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
  if (
    statement.primaryRegion !== null ||
    statement.regions.length > 0 ||
    statement.survive !== null
  ) {
    throw notSupported('CREATE DATABASE with regions');
  }
}

export async function dropDatabaseStatement(
  statement: DropDatabaseStatement,
  context: StatementContext,
): Promise<string> {
  refuseInTransaction('DROP DATABASE', context);
  const { engine } = context;
  await writeTransaction(engine.writeLock, engine.db, 'DROP DATABASE', (db) => {
    const catalog = engine.catalog.snapshot();
    if (catalog.database(statement.name) === undefined) {
      if (statement.ifExists) return;
      throw new SqlError('invalidCatalogName', `database "${statement.name}" does not exist`);
    }
    dropDatabase(db, catalog, statement.name, statement.behavior ?? 'cascade');
  });
  return 'DROP DATABASE';
}
