import { SqlError } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { presentColumns, presentForeignKeys, refuseUnfinishable } from './mutations';
import type { RestoreOptions } from './request';
import { collectTypeIds, type ResolvedTargets } from './targets';

/**
 * What the targets need but was not asked for: a missing dependency is an error, unless an option says to do without it.
 * Order and texts as CockroachDB's (format reference 07 §6).
 */

const tableOf = (entry: DescriptorHeader): TableDescriptor | undefined =>
  entry.descriptor.union.case === 'table' ? entry.descriptor.union.value : undefined;

function missing(what: string, option?: string): SqlError {
  const suffix = option === undefined ? '' : ` (or "${option}" option)`;
  return new SqlError('objectNotInPrerequisiteState', `cannot restore ${what}${suffix}`);
}

/** The targets without the views that can't be restored. @throws SqlError 55000 naming the missing object. */
export function checkDependencies(
  targets: ResolvedTargets,
  options: RestoreOptions,
): ResolvedTargets {
  const kept = withoutBrokenViews(targets, options);
  const ids = new Set([...kept.tables, ...kept.types].map((entry) => entry.id));
  for (const entry of kept.tables) {
    const table = tableOf(entry);
    if (table === undefined) continue;
    refuseUnfinishable(table);
    checkTypes(table, ids);
    checkForeignKeys(table, ids, options);
    checkSequences(table, ids, options);
    checkInterleaves(table, ids);
  }
  return kept;
}

function withoutBrokenViews(targets: ResolvedTargets, options: RestoreOptions): ResolvedTargets {
  let tables = targets.tables;
  for (;;) {
    const ids = new Set([...tables, ...targets.types].map((entry) => entry.id));
    const whole = tables.filter((entry) => {
      const view = tableOf(entry);
      if (view === undefined || view.viewQuery === '') return true;
      return [...view.dependsOn, ...view.dependsOnTypes].every((id) => ids.has(id));
    });
    if (whole.length === tables.length) return { ...targets, tables };
    if (!options.skipMissingViews) {
      const broken = tables.find((entry) => !whole.includes(entry));
      throw missing(
        `view "${broken?.name}" without restoring referenced table`,
        'skip_missing_views',
      );
    }
    tables = whole; // views on dropped views go next
  }
}

function checkTypes(table: TableDescriptor, ids: ReadonlySet<number>): void {
  const used = new Set<number>();
  for (const column of presentColumns(table)) collectTypeIds(column.type, used);
  for (const id of used) {
    if (!ids.has(id)) throw missing(`table "${table.name}" without referenced type ${id}`);
  }
}

function checkForeignKeys(
  table: TableDescriptor,
  ids: ReadonlySet<number>,
  options: RestoreOptions,
): void {
  if (options.skipMissingForeignKeys) return;
  for (const key of presentForeignKeys(table)) {
    if (!ids.has(key.referencedTableId)) {
      throw missing(
        `table "${table.name}" without referenced table ${key.referencedTableId}`,
        'skip_missing_foreign_keys',
      );
    }
  }
}

function checkSequences(
  table: TableDescriptor,
  ids: ReadonlySet<number>,
  options: RestoreOptions,
): void {
  for (const column of presentColumns(table)) {
    const used = column.usesSequenceIds.find((id) => !ids.has(id));
    if (used !== undefined && !options.skipMissingSequences) {
      throw missing(
        `table "${table.name}" without referenced sequence ${used}`,
        'skip_missing_sequences',
      );
    }
    // A sequence that is both used and owned was answered for by skip_missing_sequences.
    const owned = column.ownsSequenceIds.find(
      (id) => !ids.has(id) && !column.usesSequenceIds.includes(id),
    );
    if (owned !== undefined && !options.skipMissingSequenceOwners) {
      throw missing(
        `table "${table.name}" without referenced sequence ${owned}`,
        'skip_missing_sequence_owners',
      );
    }
  }
  const owner = table.sequenceOpts?.sequenceOwner?.ownerTableId ?? 0;
  if (owner !== 0 && !ids.has(owner) && !options.skipMissingSequenceOwners) {
    throw missing(
      `sequence "${table.name}" without referenced owner table ${owner}`,
      'skip_missing_sequence_owners',
    );
  }
}

function checkInterleaves(table: TableDescriptor, ids: ReadonlySet<number>): void {
  const indexes = [...(table.primaryIndex ? [table.primaryIndex] : []), ...table.indexes];
  for (const index of indexes) {
    for (const ancestor of index.interleave?.ancestors ?? []) {
      if (!ids.has(ancestor.tableId)) {
        throw missing(`table "${table.name}" without interleave parent ${ancestor.tableId}`);
      }
    }
    for (const child of index.interleavedBy) {
      if (!ids.has(child.table)) {
        throw missing(`table "${table.name}" without interleave child table ${child.table}`);
      }
    }
  }
}
