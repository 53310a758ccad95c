import type { IndexDescriptor } from './descriptor/gen/index_pb';
import { ForeignKeyAction, ForeignKeyMatch, IndexDescriptor_Type } from './descriptor/gen/index_pb';
import type { ForeignKeyConstraint, TableDescriptor } from './descriptor/gen/table_pb';
import { explicitKeyIds } from './regional-rows';
import { displayExpression } from './show-create';
import type { CatalogSnapshot } from './snapshot';

/** What a table's rows must fulfil: what whoever writes rows has to look at. Made from descriptors; immutable. */

export interface CheckInfo {
  readonly name: string;
  /** As stored in the descriptor. */
  readonly expr: string;
  /** As users see it. */
  readonly shown: string;
}

export interface UniqueInfo {
  /** Of the index or of the constraint. */
  readonly name: string;
  /** Without the columns that partitioning put in front. */
  readonly columnIds: readonly number[];
  /** Rows for which it is not true are not in the index. */
  readonly predicate: string | undefined;
  readonly primary: boolean;
  /** SQLite's own unique index says the same. */
  readonly physical: boolean;
}

export type ForeignKeyActionName = 'no action' | 'cascade' | 'set null' | 'set default';

export interface ForeignKeyInfo {
  readonly name: string;
  readonly originTableId: number;
  readonly originColumnIds: readonly number[];
  readonly referencedTableId: number;
  /** Parallel to `originColumnIds`. */
  readonly referencedColumnIds: readonly number[];
  readonly onDelete: ForeignKeyActionName;
  readonly onUpdate: ForeignKeyActionName;
  readonly matchFull: boolean;
}

export interface TableConstraints {
  readonly checks: readonly CheckInfo[];
  /** The primary key first, then in the order of the descriptor. */
  readonly uniques: readonly UniqueInfo[];
  readonly outbound: readonly ForeignKeyInfo[];
  readonly inbound: readonly ForeignKeyInfo[];
}

const NONE: TableConstraints = { checks: [], uniques: [], outbound: [], inbound: [] };

/** Of a public table; nothing for ids that are no table. */
export function tableConstraints(id: number, catalog: CatalogSnapshot): TableConstraints {
  const table = catalog.tableDescriptor(id);
  if (table === undefined) return NONE;
  return {
    checks: table.checks.map(({ name, expr }) => ({
      name,
      expr,
      shown: displayExpression(expr, catalog),
    })),
    uniques: uniques(table),
    outbound: table.outboundFks.map(foreignKey),
    inbound: table.inboundFks.map((key) => inboundKey(key, catalog)),
  };
}

function uniques(table: TableDescriptor): UniqueInfo[] {
  const { primaryIndex } = table;
  return [
    ...(primaryIndex === undefined ? [] : [uniqueIndex(table, primaryIndex, true)]),
    ...table.indexes
      .filter((index) => index.unique && index.type !== IndexDescriptor_Type.INVERTED)
      .map((index) => uniqueIndex(table, index, false)),
    ...table.uniqueWithoutIndexConstraints.map((unique) => ({
      name: unique.name,
      columnIds: unique.columnIds,
      predicate: unique.predicate === '' ? undefined : unique.predicate,
      primary: false,
      physical: false,
    })),
  ];
}

/** `physical` says what `catalog/physical.ts` makes a unique SQLite index of. */
function uniqueIndex(table: TableDescriptor, index: IndexDescriptor, primary: boolean): UniqueInfo {
  const virtual = new Set(table.columns.filter((c) => c.virtual).map((c) => c.id));
  const predicate = index.predicate === '' ? undefined : index.predicate;
  return {
    name: index.name,
    columnIds: explicitKeyIds(index),
    predicate,
    primary,
    physical: predicate === undefined && !index.keyColumnIds.some((id) => virtual.has(id)),
  };
}

const ACTIONS: { readonly [A in ForeignKeyAction]: ForeignKeyActionName } = {
  [ForeignKeyAction.NO_ACTION]: 'no action',
  // Constraints are checked at the end of the statement either way: there are no deferred ones.
  [ForeignKeyAction.RESTRICT]: 'no action',
  [ForeignKeyAction.SET_NULL]: 'set null',
  [ForeignKeyAction.SET_DEFAULT]: 'set default',
  [ForeignKeyAction.CASCADE]: 'cascade',
};

function foreignKey(key: ForeignKeyConstraint): ForeignKeyInfo {
  return {
    name: key.name,
    originTableId: key.originTableId,
    originColumnIds: key.originColumnIds,
    referencedTableId: key.referencedTableId,
    referencedColumnIds: key.referencedColumnIds,
    onDelete: ACTIONS[key.onDelete] ?? 'no action',
    onUpdate: ACTIONS[key.onUpdate] ?? 'no action',
    matchFull: key.match === ForeignKeyMatch.FULL,
  };
}

/** What the child says of the key is what counts: only it knows how partial matches are treated. */
function inboundKey(key: ForeignKeyConstraint, catalog: CatalogSnapshot): ForeignKeyInfo {
  const own = catalog
    .tableDescriptor(key.originTableId)
    ?.outboundFks.find(
      (candidate) =>
        candidate.name === key.name && candidate.referencedTableId === key.referencedTableId,
    );
  return foreignKey(own ?? key);
}
