import { notSupported } from '../../base/errors';
import {
  type CheckConstraint,
  type ColumnDescriptor,
  type DescriptorMutation,
  DescriptorMutation_Direction,
  type ForeignKeyConstraint,
  type TableDescriptor,
  type UniqueWithoutIndexConstraint,
} from '../../catalog/descriptor/gen/table_pb';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { forgetColumn } from '../../catalog/table-builder';

/**
 * Tables that were backed up in the middle of a schema change. They are restored as they were to everybody else, without what
 * was not yet, or no longer, public; jobs of their own finish the changes afterwards (`schema-changes.ts`).
 */

const isAdding = ({ direction }: DescriptorMutation): boolean =>
  direction === DescriptorMutation_Direction.ADD;

/** Public columns and those that are to become public. */
export function presentColumns(table: TableDescriptor): ColumnDescriptor[] {
  return [...table.columns, ...pendingColumns(table)];
}

function pendingColumns(table: TableDescriptor): ColumnDescriptor[] {
  return table.mutations
    .filter(isAdding)
    .flatMap(({ descriptor }) => (descriptor.case === 'column' ? [descriptor.value] : []));
}

type ConstraintKind = 'check' | 'foreignKey' | 'uniqueWithoutIndexConstraint';

function constraintsOf(table: TableDescriptor, kind: 'check'): CheckConstraint[];
function constraintsOf(table: TableDescriptor, kind: 'foreignKey'): ForeignKeyConstraint[];
function constraintsOf(
  table: TableDescriptor,
  kind: 'uniqueWithoutIndexConstraint',
): UniqueWithoutIndexConstraint[];
function constraintsOf(table: TableDescriptor, kind: ConstraintKind) {
  return table.mutations.flatMap(({ descriptor }) => {
    const found = descriptor.case === 'constraint' ? descriptor.value[kind] : undefined;
    return found === undefined ? [] : [found];
  });
}

export const pendingChecks = (table: TableDescriptor): CheckConstraint[] =>
  constraintsOf(table, 'check');

export const pendingUniques = (table: TableDescriptor): UniqueWithoutIndexConstraint[] =>
  constraintsOf(table, 'uniqueWithoutIndexConstraint');

/** Other kinds of constraints carry an empty key up to v20.2. */
export const pendingForeignKeys = (table: TableDescriptor): ForeignKeyConstraint[] =>
  constraintsOf(table, 'foreignKey').filter((key) => key.referencedTableId !== 0);

/** Keys that the table has or is to have. */
export function presentForeignKeys(table: TableDescriptor): ForeignKeyConstraint[] {
  const adding = table.mutations.filter(isAdding).flatMap(({ descriptor }) => {
    const key = descriptor.case === 'constraint' ? descriptor.value.foreignKey : undefined;
    return key === undefined || key.referencedTableId === 0 ? [] : [key];
  });
  const names = new Set(adding.map((key) => key.name));
  return [...table.outboundFks.filter((key) => !names.has(key.name)), ...adding];
}

/** @throws SqlError featureNotSupported (0A000) for changes that need regions, or that v21.2 does not know */
export function refuseUnfinishable(table: TableDescriptor): void {
  for (const { descriptor } of table.mutations) {
    const isKnown = descriptor.case !== undefined && descriptor.case !== 'modifyRowLevelTtl';
    const movesRegions =
      descriptor.case === 'primaryKeySwap' && descriptor.value.localityConfigSwap !== undefined;
    if (isKnown && !movesRegions) continue;
    throw notSupported(
      `restoring table "${table.name}", which was in the middle of a schema change when it was backed up,`,
      'Restore another backup of the table, or the other tables by name.',
    );
  }
}

/**
 * Constraints that are being added are in the lists of the public ones already, those that are being dropped still are: writes of
 * all nodes have to keep them. Here nothing is kept before it is checked.
 */
export function setAsideMutations(table: TableDescriptor): void {
  const names = new Set(
    table.mutations.flatMap(({ descriptor }) =>
      descriptor.case === 'constraint' ? [descriptor.value.name] : [],
    ),
  );
  const isSettled = ({ name }: { readonly name: string }): boolean => !names.has(name);
  table.checks = table.checks.filter((check) => isSettled(check) && !check.isNonNullConstraint);
  table.outboundFks = table.outboundFks.filter(isSettled);
  table.uniqueWithoutIndexConstraints = table.uniqueWithoutIndexConstraints.filter(isSettled);
  for (const { descriptor, direction } of table.mutations) {
    const isDropped = direction === DescriptorMutation_Direction.DROP;
    if (descriptor.case === 'column' && isDropped) forgetColumn(table, descriptor.value.id);
  }
}

/** Foreign keys that are being added or dropped, by `foreignKeyName`. */
export function unsettledKeysOf(entries: readonly DescriptorHeader[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { descriptor } of entries) {
    if (descriptor.union.case !== 'table') continue;
    const table = descriptor.union.value;
    for (const key of pendingForeignKeys(table)) names.add(foreignKeyName(table.id, key.name));
  }
  return names;
}

export const foreignKeyName = (originTableId: number, name: string): string =>
  `${originTableId}/${name}`;
