import { clone, create } from '@bufbuild/protobuf';
import { defined } from '../../base/invariant';
import { PUBLIC_SCHEMA_ID, USER_TYPE_OID_BASE } from '../../catalog/constants';
import {
  type DatabaseDescriptor,
  DatabaseDescriptor_SchemaEntrySchema,
  type Descriptor,
  DescriptorSchema,
  type SchemaDescriptor,
  type TypeDescriptor,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import {
  type ColumnDescriptor,
  DescriptorState,
  type TableDescriptor,
} from '../../catalog/descriptor/gen/table_pb';
import type { ColumnType } from '../../catalog/descriptor/gen/type_pb';
import { defaultPrivileges } from '../../catalog/privileges';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { replaceDatabaseQualifier, rewriteReferences } from '../../catalog/stored-expression';
import { type TypeNames, typesByOid } from '../view-types';
import {
  foreignKeyName,
  pendingChecks,
  pendingForeignKeys,
  pendingUniques,
  setAsideMutations,
} from './mutations';

/**
 * Copies of the backup's descriptors under their new ids: every place where an id occurs, expressions included
 * (format reference 07 §7). The copies are OFFLINE until the data is there.
 */

export const OFFLINE_REASON = 'restoring';

export interface Rewrite {
  readonly id: number;
  readonly databaseId: number;
  readonly schemaId: number;
  /** The id is of an object that was there before (a compatible type, a schema of the same name): nothing is made. */
  readonly existing: boolean;
}

export interface RewriteContext {
  /** By old id; `public` maps to itself. */
  readonly rewrites: ReadonlyMap<number, Rewrite>;
  readonly owner: string;
  /** RESTORE of a full cluster: owners and grants are the backup's. */
  readonly keepPrivileges?: boolean;
  /** By old id: RESTORE TABLE … AS, new_db_name. */
  readonly renames?: ReadonlyMap<number, string>;
  /** into_db: qualifiers in view queries follow the tables. */
  readonly renamedDatabase: { readonly from: string; readonly to: string } | undefined;
  /** Of the backup. */
  readonly typeNames: TypeNames;
  /** Foreign keys of the backup that were being added or dropped (`mutations.ts`): neither table has them yet. */
  readonly unsettledKeys: ReadonlySet<string>;
}

const newId = (context: RewriteContext, oldId: number): number | undefined =>
  context.rewrites.get(oldId)?.id;

const mapIds = (context: RewriteContext, ids: readonly number[]): number[] =>
  ids.flatMap((id) => newId(context, id) ?? []);

export function rewriteDescriptor(entry: DescriptorHeader, context: RewriteContext): Descriptor {
  const copy = clone(DescriptorSchema, entry.descriptor);
  const rewrite = defined(context.rewrites.get(entry.id), `rewrite of descriptor ${entry.id}`);
  const name = context.renames?.get(entry.id);
  if (name !== undefined && copy.union.case !== undefined) copy.union.value.name = name;
  switch (copy.union.case) {
    case 'database':
      rewriteDatabase(copy.union.value, rewrite, context);
      break;
    case 'schema':
      rewriteSchema(copy.union.value, rewrite, context);
      break;
    case 'table':
      rewriteTable(copy.union.value, rewrite, context);
      break;
    case 'type':
      rewriteType(copy.union.value, rewrite, context);
      break;
    default:
      break;
  }
  return copy;
}

/** What all kinds have in common; the modification time is set when the descriptor is written. */
function setHeader(
  value: DatabaseDescriptor | SchemaDescriptor | TableDescriptor | TypeDescriptor,
  rewrite: Rewrite,
): void {
  value.id = rewrite.id;
  value.version = 1;
  delete value.modificationTime;
  value.drainingNames = [];
  value.state = DescriptorState.OFFLINE;
  value.offlineReason = OFFLINE_REASON;
}

function rewriteDatabase(
  database: DatabaseDescriptor,
  rewrite: Rewrite,
  context: RewriteContext,
): void {
  setHeader(database, rewrite);
  if (!context.keepPrivileges) database.privileges = defaultPrivileges(context.owner);
  const regions = database.regionConfig;
  if (regions !== undefined) {
    regions.regionEnumId = defined(newId(context, regions.regionEnumId), 'the enum of regions');
  }
  database.schemas = database.schemas.flatMap((schema) => {
    const id = newId(context, schema.value?.id ?? 0);
    if (id === undefined || schema.value?.dropped) return [];
    return [create(DatabaseDescriptor_SchemaEntrySchema, { key: schema.key, value: { id } })];
  });
}

function rewriteSchema(schema: SchemaDescriptor, rewrite: Rewrite, context: RewriteContext): void {
  setHeader(schema, rewrite);
  schema.parentId = rewrite.databaseId;
  if (!context.keepPrivileges) schema.privileges = defaultPrivileges(context.owner);
}

function rewriteType(type: TypeDescriptor, rewrite: Rewrite, context: RewriteContext): void {
  setHeader(type, rewrite);
  type.parentId = rewrite.databaseId;
  type.parentSchemaId = rewrite.schemaId;
  if (!context.keepPrivileges) type.privileges = defaultPrivileges(context.owner, true);
  type.referencingDescriptorIds = mapIds(context, type.referencingDescriptorIds);
  if (type.arrayTypeId !== 0) {
    type.arrayTypeId = defined(newId(context, type.arrayTypeId), `array type of ${type.name}`);
  }
  rewriteColumnType(type.alias, context);
}

function rewriteOid(oid: number, context: RewriteContext): number {
  if (oid < USER_TYPE_OID_BASE) return oid;
  const id = newId(context, oid - USER_TYPE_OID_BASE);
  return id === undefined ? oid : id + USER_TYPE_OID_BASE;
}

function rewriteColumnType(type: ColumnType | undefined, context: RewriteContext): void {
  if (type === undefined) return;
  if (type.oid !== 0) type.oid = rewriteOid(type.oid, context);
  if (type.udtMetadata !== undefined) {
    type.udtMetadata.arrayTypeOid = rewriteOid(type.udtMetadata.arrayTypeOid, context);
  }
  rewriteColumnType(type.arrayContents, context);
  for (const field of type.tupleContents) rewriteColumnType(field, context);
}

function rewriteExpression(expression: string, context: RewriteContext): string {
  return rewriteReferences(expression, {
    type: (oid) => `@${rewriteOid(oid, context)}`,
    sequence: (id) => `${newId(context, id) ?? id}:::REGCLASS`,
  });
}

function rewriteTable(table: TableDescriptor, rewrite: Rewrite, context: RewriteContext): void {
  setHeader(table, rewrite);
  table.parentId = rewrite.databaseId;
  table.unexposedParentSchemaId = rewrite.schemaId;
  if (!context.keepPrivileges) table.privileges = defaultPrivileges(context.owner);
  delete table.lease;
  delete table.replacementOf;
  delete table.createAsOfTime;
  setAsideMutations(table);
  table.mutationJobs = [];
  table.gcMutations = [];
  table.dropJobId = 0n;
  rewriteColumns(table, context);
  rewriteIndexes(table, context);
  for (const check of [...table.checks, ...pendingChecks(table)]) {
    check.expr = rewriteExpression(check.expr, context);
  }
  rewriteForeignKeys(table, context);
  rewriteDependencies(table, context);
}

/** With those that are being added or dropped. */
function allColumns(table: TableDescriptor): ColumnDescriptor[] {
  const pending = table.mutations.flatMap(({ descriptor }) =>
    descriptor.case === 'column' ? [descriptor.value] : [],
  );
  return [...table.columns, ...pending];
}

function allIndexes(table: TableDescriptor): IndexDescriptor[] {
  const pending = table.mutations.flatMap(({ descriptor }) =>
    descriptor.case === 'index' ? [descriptor.value] : [],
  );
  const primary = table.primaryIndex === undefined ? [] : [table.primaryIndex];
  return [...table.indexes, ...primary, ...pending];
}

function rewriteColumns(table: TableDescriptor, context: RewriteContext): void {
  for (const column of allColumns(table)) {
    rewriteColumnType(column.type, context);
    const sequences = mapIds(context, column.usesSequenceIds);
    if (sequences.length < column.usesSequenceIds.length) {
      column.defaultExpr = ''; // skip_missing_sequences: the default would call what is not there
      column.usesSequenceIds = [];
    } else column.usesSequenceIds = sequences;
    column.ownsSequenceIds = mapIds(context, column.ownsSequenceIds);
    column.defaultExpr = rewriteExpression(column.defaultExpr, context);
    column.computeExpr = rewriteExpression(column.computeExpr, context);
    column.onUpdateExpr = rewriteExpression(column.onUpdateExpr, context);
  }
}

function rewriteIndexes(table: TableDescriptor, context: RewriteContext): void {
  for (const index of allIndexes(table)) {
    index.predicate = rewriteExpression(index.predicate, context);
    for (const ancestor of index.interleave?.ancestors ?? []) {
      ancestor.tableId = newId(context, ancestor.tableId) ?? ancestor.tableId;
    }
    index.interleavedBy = index.interleavedBy.filter((child) => context.rewrites.has(child.table));
    for (const child of index.interleavedBy) {
      child.table = newId(context, child.table) ?? child.table;
    }
  }
  for (const unique of [...table.uniqueWithoutIndexConstraints, ...pendingUniques(table)]) {
    unique.tableId = table.id;
    unique.predicate = rewriteExpression(unique.predicate, context);
  }
}

/** Keys to tables outside of the restored set go; the option to do so was checked before. */
function rewriteForeignKeys(table: TableDescriptor, context: RewriteContext): void {
  const { rewrites, unsettledKeys } = context;
  table.outboundFks = table.outboundFks.filter((key) => rewrites.has(key.referencedTableId));
  table.inboundFks = table.inboundFks.filter(
    (key) =>
      rewrites.has(key.originTableId) &&
      !unsettledKeys.has(foreignKeyName(key.originTableId, key.name)),
  );
  table.mutations = table.mutations.filter(({ descriptor }) => {
    const key = descriptor.case === 'constraint' ? descriptor.value.foreignKey : undefined;
    return !key?.referencedTableId || rewrites.has(key.referencedTableId);
  });
  for (const key of [...table.outboundFks, ...table.inboundFks, ...pendingForeignKeys(table)]) {
    key.originTableId = newId(context, key.originTableId) ?? key.originTableId;
    key.referencedTableId = newId(context, key.referencedTableId) ?? key.referencedTableId;
  }
}

function rewriteDependencies(table: TableDescriptor, context: RewriteContext): void {
  table.dependsOn = mapIds(context, table.dependsOn);
  table.dependsOnTypes = mapIds(context, table.dependsOnTypes);
  table.dependedOnBy = table.dependedOnBy.filter((reference) => context.rewrites.has(reference.id));
  for (const reference of table.dependedOnBy) {
    reference.id = newId(context, reference.id) ?? reference.id;
  }
  if (table.viewQuery !== '') {
    const query = typesByOid(table.viewQuery, context.typeNames);
    table.viewQuery = rewriteExpression(query, context);
    const renamed = context.renamedDatabase;
    if (renamed !== undefined) {
      table.viewQuery = replaceDatabaseQualifier(table.viewQuery, renamed.from, renamed.to);
    }
  }
  const owner = table.sequenceOpts?.sequenceOwner;
  if (owner !== undefined && owner.ownerTableId !== 0) {
    const ownerId = newId(context, owner.ownerTableId);
    if (ownerId === undefined) delete table.sequenceOpts?.sequenceOwner;
    else owner.ownerTableId = ownerId;
  }
}

/** `public` has no descriptor and keeps its id everywhere. */
export const PUBLIC_REWRITE: Rewrite = {
  id: PUBLIC_SCHEMA_ID,
  databaseId: 0,
  schemaId: 0,
  existing: true,
};
