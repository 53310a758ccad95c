import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import { DatabaseDescriptor_SchemaEntrySchema } from '../../catalog/descriptor/gen/descriptor_pb';
import { newEnum, newSchema, newSequence } from '../../catalog/new-descriptors';
import { requireColumn } from '../../catalog/table-builder';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import type {
  CreateSchemaStatement,
  CreateSequenceStatement,
  CreateTypeStatement,
} from '../parse/ddl-ast';
import { isAdmin } from '../privileges/access';
import { currentDatabase } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
import { sequenceOptions } from './sequence-options';
import { alreadyExists, newTarget, requireRelation } from './target';

/** CREATE SEQUENCE, CREATE TYPE … AS ENUM, CREATE SCHEMA. */

export async function createSequence(
  statement: CreateSequenceStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('CREATE SEQUENCE', context, (run) => {
    const target = newTarget(statement.name, run, statement.temporary);
    const options = sequenceOptions(statement.options);
    if (alreadyExists(target, statement.ifNotExists, run)) return;
    const id = allocateDescriptorIds(run.db, 1);
    const sequence = newSequence({ ...target, id, owner: run.names.user }, options);
    sequence.temporary = target.temporary;
    run.add({ case: 'table', value: sequence });
    const owner = statement.options.find((option) => option.kind === 'owner');
    if (owner === undefined) return;
    const parts = owner.column.parts;
    const table = run.table(
      requireRelation({ ...owner.column, parts: parts.slice(0, -1) }, ['table'], run).id,
    );
    const column = requireColumn(table, parts.at(-1) ?? '');
    column.ownsSequenceIds.push(id);
    if (sequence.sequenceOpts?.sequenceOwner !== undefined) {
      sequence.sequenceOpts.sequenceOwner.ownerTableId = table.id;
      sequence.sequenceOpts.sequenceOwner.ownerColumnId = column.id;
    }
  });
}

export async function createType(
  statement: CreateTypeStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('CREATE TYPE', context, (run) => {
    const target = newTarget(statement.name, run);
    const { labels } = statement;
    const repeated = labels.find((label, i) => labels.indexOf(label) !== i);
    if (repeated !== undefined) {
      throw new SqlError(
        'invalidObjectDefinition',
        `enum definition contains duplicate value "${repeated}"`,
      );
    }
    if (alreadyExists(target, statement.ifNotExists, run)) return;
    const id = allocateDescriptorIds(run.db, 2);
    const place = { ...target, id, owner: run.names.user };
    const array = { id: id + 1, name: arrayTypeName(target, run) };
    for (const value of newEnum(place, labels, array)) run.add({ case: 'type', value });
  });
}

/** `_name`, with more underscores when that is taken. */
function arrayTypeName(
  target: { readonly databaseId: number; readonly schemaId: number; readonly name: string },
  run: DdlRun,
): string {
  let name = `_${target.name}`;
  while (run.catalog.holderOfName(target.databaseId, target.schemaId, name) !== undefined) {
    name = `_${name}`;
  }
  return name;
}

export async function createSchema(
  statement: CreateSchemaStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('CREATE SCHEMA', context, (run) => {
    const parts = statement.name?.parts ?? [statement.owner ?? ''];
    const name = parts.at(-1) ?? '';
    const databaseName = parts.length > 1 ? (parts[0] ?? '') : currentDatabase(run.names);
    const database = run.catalog.database(databaseName);
    if (database === undefined) {
      throw new SqlError('invalidCatalogName', `database "${databaseName}" does not exist`);
    }
    run.require(database.id, 'CREATE');
    const owner = statement.owner ?? run.names.user;
    requireNewSchemaOwner(owner, run);
    if (name.startsWith('pg_')) {
      throw new SqlError('invalidName', `unacceptable schema name "${name}"`, {
        detail: 'The prefix "pg_" is reserved for system schemas.',
      });
    }
    const taken =
      run.catalog.schemaId(database.id, name) !== undefined ||
      run.catalog.holderOfName(database.id, 0, name) !== undefined ||
      name === 'crdb_internal' ||
      name === 'information_schema';
    if (taken) {
      const message = `schema "${name}" already exists`;
      if (!statement.ifNotExists) throw new SqlError('duplicateSchema', message);
      run.notice({ severity: 'NOTICE', code: '42P06', message: `${message}, skipping` });
      return;
    }
    const id = allocateDescriptorIds(run.db, 1);
    const place = { id, databaseId: database.id, name, owner };
    run.add({ case: 'schema', value: newSchema(place) });
    run
      .database(database.id)
      .schemas.push(create(DatabaseDescriptor_SchemaEntrySchema, { key: name, value: { id } }));
  });
}

/** @throws SqlError undefinedObject (42704), insufficientPrivilege (42501) */
function requireNewSchemaOwner(owner: string, run: DdlRun): void {
  const { user, catalog } = run.names;
  if (owner === user) return;
  if (catalog.roles.get(owner) === undefined) {
    throw new SqlError('undefinedObject', `role/user "${owner}" does not exist`);
  }
  if (isAdmin(run.names) || catalog.roles.isMember(user, owner)) return;
  throw new SqlError('insufficientPrivilege', `must be member of role "${owner}"`);
}
