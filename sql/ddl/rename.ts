import { notSupported, SqlError } from '../../base/errors';
import { PUBLIC_SCHEMA_ID, SYSTEM_DATABASE_ID, VIRTUAL_SCHEMAS } from '../../catalog/constants';
import { isNameUsed } from '../../catalog/table-builder';
import type { TableInfo } from '../../catalog/table-info';
import type { RenameIndexStatement } from '../parse/alter-ast';
import type { RenameObjectStatement } from '../parse/ddl-ast';
import { hasOption, isAdmin } from '../privileges/access';
import type { StatementContext } from '../statements/statement-context';
import { findIndex } from './alter-indexes';
import { requireEnum } from './alter-type';
import { viewDepends } from './drop';
import { type DdlRun, runDefinition } from './run';
import { refuseNamedInViews, refuseTaken, requireSchema, reviseViewsOf } from './set-schema';
import {
  ALTERED_KINDS,
  type AlteredKind,
  alteredRelation,
  fullName,
  newTarget,
  schemaIdOf,
} from './target';

/** ALTER … RENAME TO of tables, views, sequences and databases. */

export async function renameObject(
  statement: RenameObjectStatement,
  context: StatementContext,
): Promise<string> {
  const { object } = statement;
  return runDefinition(TAGS[object], context, (run) => {
    if (object === 'DATABASE') renameDatabase(statement, run);
    else if (object === 'SCHEMA') renameSchema(statement, run);
    else if (object === 'TYPE') renameType(statement, run);
    else renameRelation(statement, ALTERED_KINDS[object], run);
  });
}

const TAGS = {
  TABLE: 'RENAME TABLE',
  VIEW: 'RENAME VIEW',
  'MATERIALIZED VIEW': 'RENAME VIEW',
  SEQUENCE: 'RENAME SEQUENCE',
  DATABASE: 'RENAME DATABASE',
  SCHEMA: 'ALTER SCHEMA',
  TYPE: 'ALTER TYPE',
} as const;

function renameRelation(statement: RenameObjectStatement, kind: AlteredKind, run: DdlRun): void {
  const relation = alteredRelation(statement, kind, run);
  if (relation === undefined) return;
  const table = run.table(relation.id);
  const place = [relation.databaseName, relation.schemaName];
  const { parts } = statement.to;
  const to = parts.length === 1 ? { ...statement.to, parts: [...place, ...parts] } : statement.to;
  const target = newTarget(to, run);
  if (target.databaseId !== table.parentId) throw notSupported('RENAME to another database');
  if (target.schemaId !== schemaIdOf(table)) {
    throw new SqlError('invalidName', 'cannot change schema of table with RENAME', {
      hint: `use ALTER ${statement.object} ... SET SCHEMA`,
    });
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
  if (!isAdmin(run.names)) {
    run.requireOwnership(database.id);
    if (!hasOption(run.names, 'CREATEDB')) {
      throw new SqlError('insufficientPrivilege', 'permission denied to rename database');
    }
  }
  if (run.catalog.holderOfName(0, 0, to) !== undefined) {
    throw new SqlError('duplicateDatabase', `database "${to}" already exists`);
  }
  refuseDependents('database', run.catalog.tables(database.id), run);
  reviseViewsOf(({ databaseId }) => databaseId === database.id, run);
  run.database(database.id).name = to;
}

/** Views name what they read with its database and schema. @throws SqlError dependentObjectsStillExist (2BP01) */
function refuseDependents(
  what: 'database' | 'schema',
  tables: readonly TableInfo[],
  run: DdlRun,
): void {
  for (const table of tables) {
    for (const reference of run.peekTable(table.id)?.dependedOnBy ?? []) {
      const view = run.catalog.tableById(reference.id);
      if (view?.viewQuery === undefined) continue;
      const [viewName, name] = [view, table].map(
        (relation) => `${relation.databaseName}.${relation.schemaName}.${relation.name}`,
      );
      throw new SqlError(
        'dependentObjectsStillExist',
        `cannot rename ${what} because relation "${viewName}" depends on relation "${name}"`,
        { hint: `you can drop "${viewName}" instead` },
      );
    }
  }
}

function renameSchema(statement: RenameObjectStatement, run: DdlRun): void {
  const { database, id, name } = requireSchema(statement.name, run);
  run.requireOwnership(id);
  const to = statement.to.parts.at(-1) ?? '';
  const taken =
    run.catalog.schemaId(database.id, to) !== undefined ||
    (VIRTUAL_SCHEMAS as readonly string[]).includes(to);
  if (taken) throw new SqlError('duplicateSchema', `schema "${to}" already exists`);
  if (to.startsWith('pg_')) {
    throw new SqlError('invalidName', `unacceptable schema name "${to}"`, {
      detail: 'The prefix "pg_" is reserved for system schemas.',
    });
  }
  const inside = run.catalog.tables(database.id).filter((table) => table.schemaId === id);
  refuseDependents('schema', inside, run);
  reviseViewsOf(({ schemaId }) => schemaId === id, run);
  run.schema(id).name = to;
  const holder = run.database(database.id);
  for (const entry of holder.schemas) if (entry.key === name) entry.key = to;
}

function renameType(statement: RenameObjectStatement, run: DdlRun): void {
  const type = requireEnum(statement.name, run);
  run.requireOwnership(type.id);
  const schemaId = type.parentSchemaId || PUBLIC_SCHEMA_ID;
  const to = statement.to.parts.at(-1) ?? '';
  refuseTaken(type.parentId, schemaId, to, run);
  refuseNamedInViews(type, 'RENAME', run);
  reviseViewsOf(({ id }) => id === type.id, run);
  type.name = to;
  let arrayName = `_${to}`;
  while (run.catalog.holderOfName(type.parentId, schemaId, arrayName) !== undefined) {
    arrayName = `_${arrayName}`;
  }
  run.type(type.arrayTypeId).name = arrayName;
}

/** ALTER INDEX … RENAME TO. */
export async function renameIndex(
  statement: RenameIndexStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('RENAME INDEX', context, (run) => {
    const found = findIndex(statement.index, run);
    const table = found === undefined ? undefined : run.table(found.id);
    const all = table?.primaryIndex === undefined ? [] : [table.primaryIndex];
    const index = [...all, ...(table?.indexes ?? [])].find(
      (other) => other.name === statement.index.index,
    );
    if (table === undefined || index === undefined) {
      if (statement.ifExists) return;
      throw new SqlError('undefinedObject', `index "${statement.index.index}" does not exist`);
    }
    run.require(table.id, 'CREATE');
    if (statement.to === '') throw new SqlError('syntaxError', 'empty index name');
    if (index.name === statement.to) return;
    if (isNameUsed(table, statement.to)) {
      throw new SqlError('duplicateRelation', `index name "${statement.to}" already exists`);
    }
    index.name = statement.to;
  });
}
