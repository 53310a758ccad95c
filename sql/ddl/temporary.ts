import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import { DatabaseDescriptor_SchemaEntrySchema } from '../../catalog/descriptor/gen/descriptor_pb';
import { newSchema } from '../../catalog/new-descriptors';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import { temporarySchemaOf } from '../session/temporary-schemas';
import type { DdlRun } from './run';

/** Schemas of temporary objects are made with the first one. */

/** @throws SqlError featureNotSupported (0A000): the session has not asked for temporary tables */
export function requireTemporaryTables(run: DdlRun): void {
  if (run.names.settings.get('experimental_enable_temp_tables') === 'on') return;
  throw new SqlError('featureNotSupported', 'temporary tables are only supported experimentally', {
    hint: "You can enable temporary tables by running `SET experimental_enable_temp_tables = 'on'`.",
  });
}

/** The session's schema in the database, made when it is missing. @returns its id */
export function temporarySchemaIn(databaseId: number, run: DdlRun): number {
  const name = temporarySchemaOf(run.names.settings);
  const known = run.catalog.schemaId(databaseId, name);
  if (known !== undefined) return known;
  const id = allocateDescriptorIds(run.db, 1);
  const owner = run.names.user;
  run.add({ case: 'schema', value: newSchema({ id, databaseId, name, owner }) });
  run
    .database(databaseId)
    .schemas.push(create(DatabaseDescriptor_SchemaEntrySchema, { key: name, value: { id } }));
  return id;
}
