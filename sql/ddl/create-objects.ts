import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { DatabaseDescriptor_SchemaEntrySchema } from '../../catalog/descriptor/gen/descriptor_pb';
import {
  newEnum,
  newSchema,
  newSequence,
  type SequenceOptions,
} from '../../catalog/new-descriptors';
import { requireColumn } from '../../catalog/table-builder';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { INT8_MAX, INT8_MIN } from '../builtins/integer';
import type {
  CreateSchemaStatement,
  CreateSequenceStatement,
  CreateTypeStatement,
  SequenceOption,
} from '../parse/ddl-ast';
import { currentDatabase } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
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

/** @throws SqlError syntaxError (42601) for an option given twice, invalidParameterValue (22023) */
function sequenceOptions(given: readonly SequenceOption[]): SequenceOptions {
  const values = new Map<string, bigint>();
  const seen = new Set<string>();
  for (const option of given) {
    if (option.kind === 'unsupported') throw notSupported(option.what);
    if (option.kind === 'virtual') throw notSupported('a virtual sequence');
    if (option.kind === 'as') throw notSupported('AS of a sequence');
    const name = option.kind === 'noMinValue' ? 'minValue' : option.kind;
    if (seen.has(name)) throw new SqlError('syntaxError', 'conflicting or redundant options');
    seen.add(name);
    if ('value' in option) values.set(option.kind, option.value);
  }
  const increment = values.get('increment') ?? 1n;
  const ascending = increment > 0n;
  const minValue = values.get('minValue') ?? (ascending ? 1n : INT8_MIN);
  const maxValue = values.get('maxValue') ?? (ascending ? INT8_MAX : -1n);
  const start = values.get('start') ?? (ascending ? minValue : maxValue);
  const cache = values.get('cache') ?? 1n;
  const problem = sequenceProblem({ increment, minValue, maxValue, start, cache });
  if (problem !== undefined) throw new SqlError('invalidParameterValue', problem);
  return { increment, minValue, maxValue, start, cache };
}

function sequenceProblem(options: SequenceOptions): string | undefined {
  const { increment, minValue, maxValue, start, cache } = options;
  for (const value of [increment, minValue, maxValue, start, cache]) {
    if (value > INT8_MAX || value < INT8_MIN) return `value out of range: ${value}`;
  }
  if (increment === 0n) return 'INCREMENT must not be zero';
  if (cache < 1n) return `CACHE (${cache}) must be greater than zero`;
  if (maxValue < minValue) {
    return `MINVALUE (${minValue}) must be less than MAXVALUE (${maxValue})`;
  }
  if (start > maxValue) {
    return `START value (${start}) cannot be greater than MAXVALUE (${maxValue})`;
  }
  if (start < minValue) return `START value (${start}) cannot be less than MINVALUE (${minValue})`;
  return undefined;
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
    if (statement.owner !== null && statement.owner !== run.names.user) {
      throw notSupported('CREATE SCHEMA … AUTHORIZATION of another user');
    }
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
    const place = { id, databaseId: database.id, name, owner: run.names.user };
    run.add({ case: 'schema', value: newSchema(place) });
    run
      .database(database.id)
      .schemas.push(create(DatabaseDescriptor_SchemaEntrySchema, { key: name, value: { id } }));
  });
}
