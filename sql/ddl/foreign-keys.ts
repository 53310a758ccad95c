import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import {
  type ConstraintValidity,
  ForeignKeyAction,
  ForeignKeyMatch,
} from '../../catalog/descriptor/gen/index_pb';
import {
  type ColumnDescriptor,
  type ForeignKeyConstraint,
  ForeignKeyConstraintSchema,
  type TableDescriptor,
} from '../../catalog/descriptor/gen/table_pb';
import { explicitKeyIds } from '../../catalog/regional-rows';
import { columnById, isNameUsed, requireColumn, unusedName } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { messageTypeName } from '../../catalog/types/type-name';
import type { QualifiedName } from '../parse/ast';
import type { ReferenceAction, References } from '../parse/ddl-ast';
import type { DdlRun } from './run';
import { requireRelation } from './target';

/** Foreign keys: both tables' descriptors list them. */

const ACTIONS: { readonly [A in ReferenceAction]: ForeignKeyAction } = {
  'NO ACTION': ForeignKeyAction.NO_ACTION,
  RESTRICT: ForeignKeyAction.RESTRICT,
  CASCADE: ForeignKeyAction.CASCADE,
  'SET NULL': ForeignKeyAction.SET_NULL,
  'SET DEFAULT': ForeignKeyAction.SET_DEFAULT,
};

export interface NewForeignKey {
  readonly name: string | undefined;
  readonly columns: readonly string[];
  readonly references: References;
}

/** A table may refer to itself while it is being created. */
function targetTable(origin: TableDescriptor, name: QualifiedName, run: DdlRun): TableDescriptor {
  const schema = run.catalog.schemaName(origin.unexposedParentSchemaId);
  const database = run.catalog.databaseName(origin.parentId);
  const full = [database, schema, origin.name];
  const isSelf = full.slice(-name.parts.length).join('\n') === name.parts.join('\n');
  const known = run.catalog.tableDescriptor(origin.id) !== undefined;
  if (isSelf && !known) return origin;
  return run.table(requireRelation(name, ['table'], run).id);
}

/** @throws SqlError invalidForeignKey (42830), datatypeMismatch (42804), undefinedTable (42P01) … */
export function addForeignKey(
  origin: TableDescriptor,
  key: NewForeignKey,
  validity: ConstraintValidity,
  run: DdlRun,
): ForeignKeyConstraint {
  const { references } = key;
  if (references.unsupported !== null) {
    throw notSupported(
      references.unsupported,
      'Leave it out: keys are checked at the end of each statement.',
    );
  }
  if (references.match === 'PARTIAL') throw notSupported('MATCH PARTIAL');
  const target = targetTable(origin, references.table, run);
  if (origin.temporary !== target.temporary) {
    const kind = origin.temporary ? 'temporary' : 'permanent';
    throw new SqlError(
      'invalidTableDefinition',
      `constraints on ${kind} tables may reference only ${kind} tables`,
    );
  }
  const originColumns = key.columns.map((name) => referencingColumn(origin, name));
  const targetColumns =
    references.columns.length === 0
      ? primaryKeyIds(target).map((id) => columnById(target, id))
      : references.columns.map((name) => referencedColumn(target, name));
  if (originColumns.length !== targetColumns.length) {
    throw new SqlError(
      'syntaxError',
      `${originColumns.length} columns must reference exactly ${originColumns.length} columns in referenced table (found ${targetColumns.length})`,
    );
  }
  for (const [i, column] of originColumns.entries()) {
    const referenced = targetColumns[i];
    if (referenced !== undefined) checkTypes(column, target, referenced, run);
  }
  requireUnique(
    target,
    targetColumns.map((column) => column.id),
  );
  checkActions(origin, originColumns, references);
  const name =
    key.name ?? unusedName(origin, `fk_${originColumns[0]?.name ?? ''}_ref_${target.name}`);
  if (key.name !== undefined && isNameUsed(origin, name)) {
    throw new SqlError('duplicateObject', `duplicate constraint name: "${name}"`);
  }
  const made = create(ForeignKeyConstraintSchema, {
    originTableId: origin.id,
    originColumnIds: originColumns.map((column) => column.id),
    referencedTableId: target.id,
    referencedColumnIds: targetColumns.map((column) => column.id),
    name,
    validity,
    onDelete: ACTIONS[references.onDelete],
    onUpdate: ACTIONS[references.onUpdate],
    match: references.match === 'FULL' ? ForeignKeyMatch.FULL : ForeignKeyMatch.SIMPLE,
  });
  origin.outboundFks.push(made);
  target.inboundFks.push(made);
  return made;
}

function referencedColumn(target: TableDescriptor, name: string): ColumnDescriptor {
  const column = requireColumn(target, name);
  if (!column.virtual) return column;
  const message = `unimplemented: virtual column "${name}" cannot be referenced by a foreign key`;
  throw new SqlError('featureNotSupported', message);
}

function referencingColumn(origin: TableDescriptor, name: string): ColumnDescriptor {
  const column = requireColumn(origin, name);
  if (column.virtual) throw notSupported('a foreign key of a virtual column');
  return column;
}

function checkTypes(
  column: ColumnDescriptor,
  target: TableDescriptor,
  referenced: ColumnDescriptor,
  run: DdlRun,
): void {
  const typeOf = (of: ColumnDescriptor) =>
    typeFromMessage(of.type ?? {}, (id) => run.catalog.enumMetadata(id));
  const [from, to] = [typeOf(column), typeOf(referenced)];
  const same = from.family === to.family && (from.family !== 'enum' || from.oid === to.oid);
  if (same) return;
  throw new SqlError(
    'datatypeMismatch',
    `type of "${column.name}" (${messageTypeName(from)}) does not match foreign key "${target.name}"."${referenced.name}" (${messageTypeName(to)})`,
  );
}

const primaryKeyIds = ({ primaryIndex }: TableDescriptor): number[] =>
  primaryIndex === undefined ? [] : explicitKeyIds(primaryIndex);

function requireUnique(target: TableDescriptor, columnIds: readonly number[]): void {
  const wanted = [...columnIds].sort((a, b) => a - b).join();
  const primary = target.primaryIndex === undefined ? [] : [target.primaryIndex];
  const unique = [...primary, ...target.indexes].some(
    (index) =>
      index.unique &&
      index.predicate === '' &&
      explicitKeyIds(index)
        .sort((a, b) => a - b)
        .join() === wanted,
  );
  if (unique) return;
  throw new SqlError(
    'invalidForeignKey',
    `there is no unique constraint matching given keys for referenced table ${target.name}`,
  );
}

function checkActions(
  origin: TableDescriptor,
  columns: readonly ColumnDescriptor[],
  references: References,
): void {
  for (const [event, action] of [
    ['ON DELETE', references.onDelete],
    ['ON UPDATE', references.onUpdate],
  ] as const) {
    for (const column of columns) {
      if (column.nullable) continue;
      const setsNull = action === 'SET NULL';
      const noDefault = action === 'SET DEFAULT' && column.defaultExpr === '';
      if (!setsNull && !noDefault) continue;
      const problem = setsNull
        ? `cannot add a SET NULL cascading action on column "${origin.name}.${column.name}" which has a NOT NULL constraint`
        : `cannot add a SET DEFAULT cascading action on column "${origin.name}.${column.name}" which has a NOT NULL constraint and a NULL default expression`;
      void event;
      throw new SqlError('invalidForeignKey', problem);
    }
  }
}

/** Removes a key from both of its tables. */
export function removeForeignKey(key: ForeignKeyConstraint, run: DdlRun): void {
  const origin = run.tableIfKept(key.originTableId);
  const target = run.tableIfKept(key.referencedTableId);
  if (origin !== undefined) {
    origin.outboundFks = origin.outboundFks.filter((other) => other.name !== key.name);
  }
  if (target !== undefined) {
    target.inboundFks = target.inboundFks.filter(
      (other) => other.name !== key.name || other.originTableId !== key.originTableId,
    );
  }
}
