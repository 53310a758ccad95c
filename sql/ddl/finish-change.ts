import { notSupported, SqlError } from '../../base/errors';
import {
  type TypeDescriptor,
  TypeDescriptor_EnumMember_Capability,
  TypeDescriptor_EnumMember_Direction,
} from '../../catalog/descriptor/gen/descriptor_pb';
import { ConstraintValidity, type IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import {
  type ColumnDescriptor,
  type ComputedColumnSwap,
  type ConstraintToUpdate,
  ConstraintToUpdate_ConstraintType,
  type DescriptorMutation,
  DescriptorMutation_Direction,
  type PrimaryKeySwap,
  type TableDescriptor,
} from '../../catalog/descriptor/gen/table_pb';
import { upgradePrimaryIndex } from '../../catalog/descriptor/upgrade';
import { addToFamily, columnById, forgetColumn, renameColumn } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { completeJob } from '../../jobs/job-rows';
import { checkNotNull } from './add-column';
import { buildIndex } from './alter-indexes';
import { dropValue } from './alter-type';
import { forgetSequenceUse } from './columns';
import type { PendingRun } from './definition';
import { restate } from './expressions';
import { numberRows } from './number-rows';
import { addPhysicalColumn, dropPhysicalColumn } from './physical-column';
import { rebuildTable } from './rebuild-table';
import { refillView } from './refresh-view';
import type { DdlRun } from './run';
import {
  backfillColumn,
  validateCheck,
  validateForeignKey,
  validateNotNull,
  validateUnique,
  validateUniqueWithoutIndex,
} from './validate-rows';

/**
 * Finishes, or undoes, a schema change that a backup was taken in the middle of. Its table was restored as it is without the
 * change, so all of it is done anew over the rows that are there, in the order of CockroachDB's schema changer: columns, indexes,
 * the primary key, constraints.
 */

/** @throws SqlError what stands in the change's way: rows that a constraint forbids, most often */
export function runPending({ change, jobId, revert }: PendingRun, run: DdlRun): void {
  const { descriptorId, mutationId } = change;
  const there = run.catalog.entry(descriptorId) !== undefined;
  if (there && mutationId === undefined) {
    if (revert) undoEnum(run.type(descriptorId));
    else finishEnum(run.type(descriptorId), run);
  } else if (there && mutationId !== undefined) {
    const table = run.table(descriptorId);
    const steps = takeSteps(table, mutationId);
    if (revert) undo(table, steps, run);
    else finish(table, steps, run);
  }
  if (!revert) completeJob(run.db, jobId);
}

function takeSteps(table: TableDescriptor, mutationId: number): DescriptorMutation[] {
  const steps = table.mutations.filter((mutation) => mutation.mutationId === mutationId);
  table.mutations = table.mutations.filter((mutation) => mutation.mutationId !== mutationId);
  table.mutationJobs = table.mutationJobs.filter((job) => job.mutationId !== mutationId);
  return steps;
}

type Step<K extends DescriptorMutation['descriptor']['case']> = Extract<
  DescriptorMutation['descriptor'],
  { case: K }
>;

type AddedKind =
  | 'column'
  | 'index'
  | 'constraint'
  | 'primaryKeySwap'
  | 'computedColumnSwap'
  | 'materializedViewRefresh';

/** What the steps add, by its kind. What they drop is not in the table any more. */
function adding<K extends AddedKind>(
  steps: readonly DescriptorMutation[],
  kind: K,
): Step<K>['value'][];
function adding(steps: readonly DescriptorMutation[], kind: AddedKind) {
  return steps
    .filter(({ direction }) => direction === DescriptorMutation_Direction.ADD)
    .flatMap(({ descriptor }) => (descriptor.case === kind ? [descriptor.value] : []));
}

function finish(table: TableDescriptor, steps: readonly DescriptorMutation[], run: DdlRun): void {
  for (const column of adding(steps, 'column')) finishColumn(table, column, run);
  for (const swap of adding(steps, 'computedColumnSwap')) replaceColumn(table, swap, run);
  const indexes = adding(steps, 'index');
  for (const index of indexes) requireColumns(table, index);
  const [swap] = adding(steps, 'primaryKeySwap');
  if (swap !== undefined) changeKey(table, swap, indexes, run);
  else {
    for (const index of indexes) {
      table.indexes.push(index);
      buildIndex(table, index, run);
    }
  }
  for (const refresh of adding(steps, 'materializedViewRefresh')) {
    const { newPrimaryIndex, newIndexes } = refresh;
    if (newPrimaryIndex !== undefined) table.primaryIndex = newPrimaryIndex;
    table.indexes = newIndexes;
    refillView(table, true, run);
  }
  for (const constraint of adding(steps, 'constraint')) finishConstraint(table, constraint, run);
}

/** Sequences are named by id since v21.1, before by their names. */
const NEXTVAL = /^nextval\((\d+:::REGCLASS|'[^']*'(:::STRING)?)\)$/;

function finishColumn(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
  table.columns.push(column);
  column.defaultExpr = restate(column.defaultExpr, table, run);
  column.computeExpr = restate(column.computeExpr, table, run);
  if (!column.virtual) {
    const isPlaced = table.families.some((family) => family.columnIds.includes(column.id));
    if (!isPlaced) addToFamily(table, column, { name: null, create: false, ifNotExists: false });
    addPhysicalColumn(table, column, type, run);
    if (column.usesSequenceIds.length === 0) backfillColumn(table, column, run);
    else if (NEXTVAL.test(column.defaultExpr)) numberRows(table, column, run);
    else throw notSupported(`adding column "${column.name}" with more than nextval() as default`);
  }
  if (!column.nullable) checkNotNull(table, column, run);
}

/** ALTER COLUMN TYPE: the new column, computed from the old one, takes its place. */
function replaceColumn(table: TableDescriptor, swap: ComputedColumnSwap, run: DdlRun): void {
  const old = columnById(table, swap.oldColumnId);
  const made = columnById(table, swap.newColumnId);
  const place = table.columns.indexOf(old);
  table.columns = table.columns.filter((column) => column !== made);
  table.columns.splice(place, 1, made);
  forgetColumn(table, old.id);
  dropPhysicalColumn(table, old, run);
  made.computeExpr = '';
  made.pgAttributeNum = old.pgAttributeNum || old.id;
  renameColumn(table, made, old.name);
}

/** @throws SqlError undefinedColumn (42703) when a change before this one, which was to add a column, was undone */
function requireColumns(table: TableDescriptor, index: IndexDescriptor): void {
  const ids = new Set(table.columns.map((column) => column.id));
  const at = index.keyColumnIds.findIndex((id) => !ids.has(id));
  const storedAt = index.storeColumnIds.findIndex((id) => !ids.has(id));
  const name = at >= 0 ? index.keyColumnNames[at] : index.storeColumnNames[storedAt];
  if (name === undefined) return;
  throw new SqlError('undefinedColumn', `index "${index.name}" contains unknown column "${name}"`);
}

const DEFAULT_KEY_NAME = 'primary';

/** The indexes that the change made for the new key come last, under the names of those that they replace. */
function changeKey(
  table: TableDescriptor,
  swap: PrimaryKeySwap,
  indexes: readonly IndexDescriptor[],
  run: DdlRun,
): void {
  const key = indexes.find((index) => index.id === swap.newPrimaryIndexId);
  if (key === undefined) {
    throw new SqlError('undefinedObject', `index ${swap.newPrimaryIndexId} does not exist`);
  }
  const others = indexes.filter((index) => index !== key);
  for (const id of key.keyColumnIds) validateNotNull(table, columnById(table, id), run);
  for (const index of indexes) if (index.unique) validateUnique(table, index, run);
  for (const [i, id] of swap.newIndexes.entries()) {
    const made = others.find((index) => index.id === id);
    const old = table.indexes.find((index) => index.id === swap.oldIndexes[i]);
    if (made !== undefined && old !== undefined) made.name = old.name;
  }
  table.indexes = table.indexes.filter((index) => !swap.oldIndexes.includes(index.id));
  table.indexes.push(...others);
  key.name = swap.newPrimaryIndexName || DEFAULT_KEY_NAME;
  table.primaryIndex = key;
  upgradePrimaryIndex(table);
  rebuildTable(table, run);
}

function columnIdsOf(constraint: ConstraintToUpdate): readonly number[] {
  const { check, foreignKey, uniqueWithoutIndexConstraint: unique } = constraint;
  switch (constraint.constraintType) {
    case ConstraintToUpdate_ConstraintType.NOT_NULL:
      return [constraint.notNullColumn];
    case ConstraintToUpdate_ConstraintType.CHECK:
      return check?.columnIds ?? [];
    case ConstraintToUpdate_ConstraintType.FOREIGN_KEY:
      return foreignKey?.originColumnIds ?? [];
    case ConstraintToUpdate_ConstraintType.UNIQUE_WITHOUT_INDEX:
      return unique?.columnIds ?? [];
    default:
      return [];
  }
}

function finishConstraint(
  table: TableDescriptor,
  constraint: ConstraintToUpdate,
  run: DdlRun,
): void {
  const { check, foreignKey, uniqueWithoutIndexConstraint: unique } = constraint;
  const missing = columnIdsOf(constraint).find(
    (id) => !table.columns.some((column) => column.id === id),
  );
  if (missing !== undefined) {
    const message = `constraint "${constraint.name}" contains unknown column ${missing}`;
    throw new SqlError('undefinedColumn', message);
  }
  const isChecked = (validity: ConstraintValidity): boolean =>
    validity !== ConstraintValidity.Unvalidated;
  switch (constraint.constraintType) {
    case ConstraintToUpdate_ConstraintType.NOT_NULL: {
      const column = columnById(table, constraint.notNullColumn);
      validateNotNull(table, column, run);
      column.nullable = false;
      return;
    }
    case ConstraintToUpdate_ConstraintType.CHECK:
      if (check === undefined) return;
      check.expr = restate(check.expr, table, run);
      if (isChecked(check.validity)) {
        validateCheck(table, check, run);
        check.validity = ConstraintValidity.Validated;
      }
      table.checks.push(check);
      return;
    case ConstraintToUpdate_ConstraintType.FOREIGN_KEY: {
      if (foreignKey === undefined) return;
      const target = run.tableIfKept(foreignKey.referencedTableId);
      if (target === undefined) return; // dropped since the restore
      if (isChecked(foreignKey.validity)) {
        validateForeignKey(foreignKey, run);
        foreignKey.validity = ConstraintValidity.Validated;
      }
      table.outboundFks.push(foreignKey);
      target.inboundFks.push(foreignKey);
      return;
    }
    case ConstraintToUpdate_ConstraintType.UNIQUE_WITHOUT_INDEX:
      if (unique === undefined) return;
      if (isChecked(unique.validity)) {
        validateUniqueWithoutIndex(table, unique, run);
        unique.validity = ConstraintValidity.Validated;
      }
      table.uniqueWithoutIndexConstraints.push(unique);
  }
}

/** What was being added goes. What was being dropped is gone: its rows were not restored. */
function undo(table: TableDescriptor, steps: readonly DescriptorMutation[], run: DdlRun): void {
  for (const column of adding(steps, 'column')) {
    forgetSequenceUse(table, column, run);
    for (const id of column.ownsSequenceIds) {
      const options = run.tableIfKept(id)?.sequenceOpts;
      if (options !== undefined) delete options.sequenceOwner;
    }
    forgetColumn(table, column.id);
  }
}

function finishEnum(type: TypeDescriptor, run: DdlRun): void {
  for (const member of [...type.enumMembers]) {
    if (member.direction === TypeDescriptor_EnumMember_Direction.REMOVE) {
      dropValue(type, member.logicalRepresentation, run);
    }
  }
  settleMembers(type);
}

function undoEnum(type: TypeDescriptor): void {
  type.enumMembers = type.enumMembers.filter(
    (member) => member.direction !== TypeDescriptor_EnumMember_Direction.ADD,
  );
  settleMembers(type);
}

/** Every member that is there can be used. */
function settleMembers(type: TypeDescriptor): void {
  for (const member of type.enumMembers) {
    member.capability = TypeDescriptor_EnumMember_Capability.ALL;
    member.direction = TypeDescriptor_EnumMember_Direction.NONE;
  }
}
