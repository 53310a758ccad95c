import { notSupported, SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import type { RenameObjectStatement } from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { viewDepends } from './drop';
import { type DdlRun, runDefinition } from './run';
import { findRelation, fullName, newTarget, schemaIdOf } from './target';

/** ALTER … RENAME TO of tables, views, sequences and databases. */

const KINDS = { TABLE: 'table', VIEW: 'view', SEQUENCE: 'sequence' } as const;

export async function renameObject(
  statement: RenameObjectStatement,
  context: StatementContext,
): Promise<string> {
  const { object } = statement;
  return runDefinition(`RENAME ${object}`, context, (run) => {
    if (object === 'DATABASE') renameDatabase(statement, run);
    else renameRelation(statement, KINDS[object], run);
  });
}

function renameRelation(
  statement: RenameObjectStatement,
  kind: 'table' | 'view' | 'sequence',
  run: DdlRun,
): void {
  // ALTER TABLE may name a view or a sequence as well.
  const kinds = kind === 'table' ? (['table', 'view', 'sequence'] as const) : [kind];
  const relation = findRelation(statement.name, kinds, run);
  if (relation === undefined) {
    if (statement.ifExists) return;
    const name = statement.name.parts.join('.');
    throw new SqlError('undefinedTable', `relation "${name}" does not exist`);
  }
  const table = run.table(relation.id);
  const place = [relation.databaseName, relation.schemaName];
  const { parts } = statement.to;
  const to = parts.length === 1 ? { ...statement.to, parts: [...place, ...parts] } : statement.to;
  const target = newTarget(to, run);
  if (target.databaseId !== table.parentId || target.schemaId !== schemaIdOf(table)) {
    throw notSupported('RENAME to another database or schema');
  }
  if (target.name === table.name) return;
  const holder = run.catalog.holderOfName(target.databaseId, target.schemaId, target.name);
  if (holder !== undefined) {
    throw new SqlError('duplicateRelation', `relation "${fullName(target)}" already exists`);
  }
  for (const reference of table.dependedOnBy) {
    const view = run.catalog.tableById(reference.id);
    if (view?.kind === 'view' || view?.kind === 'materialized view') {
      throw viewDepends(`rename relation "${table.name}"`, view, table, run);
    }
  }
  table.name = target.name;
}

function renameDatabase(statement: RenameObjectStatement, run: DdlRun): void {
  const [from = ''] = statement.name.parts;
  const [to = ''] = statement.to.parts;
  const database = run.catalog.database(from);
  if (database === undefined) {
    throw new SqlError('invalidCatalogName', `database "${from}" does not exist`);
  }
  if (to === '') throw new SqlError('syntaxError', 'empty database name');
  if (from === to) return;
  if (database.id === SYSTEM_DATABASE_ID) {
    throw new SqlError('insufficientPrivilege', 'cannot rename the system database');
  }
  if (run.catalog.holderOfName(0, 0, to) !== undefined) {
    throw new SqlError('duplicateDatabase', `database "${to}" already exists`);
  }
  for (const table of run.catalog.tables(database.id)) {
    for (const reference of run.catalog.tableDescriptor(table.id)?.dependedOnBy ?? []) {
      const view = run.catalog.tableById(reference.id);
      if (view?.viewQuery === undefined) continue;
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot rename database because relation "${from}.${view.schemaName}.${view.name}" depends on relation "${from}.${table.schemaName}.${table.name}"`,
        { hint: `you can drop "${from}.${view.schemaName}.${view.name}" instead` },
      );
    }
  }
  run.database(database.id).name = to;
}
