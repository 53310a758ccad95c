import { ConstraintValidity, ForeignKeyMatch } from '../../catalog/descriptor/gen/index_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import { displayExpression } from '../../catalog/show-create';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { IndexInfo, TableInfo } from '../../catalog/table-info';
import type { Repr } from '../../catalog/types/sql-type';
import { withoutAnnotations } from './show-columns';
import { boolRepr } from './table-result';

const columnName = (table: TableInfo, id: number): string =>
  table.columns.find((column) => column.id === id)?.name ?? `[${id}]`;

/** Columns that USING HASH puts in front. */
const isShard = (name: string): boolean => /^crdb_internal_.*_shard_\d+$/.test(name);

/** SHOW INDEXES' rows of one table: key columns, stored columns, then the implicit rest of the primary key. */
export function indexRows(table: TableInfo): Repr[][] {
  const indexes = [...(table.primaryIndex ? [table.primaryIndex] : []), ...table.secondaryIndexes];
  return indexes
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((index) => rowsOfIndex(table, index));
}

function rowsOfIndex(table: TableInfo, index: IndexInfo): Repr[][] {
  const isPrimary = index.id === table.primaryIndex?.id;
  const parts = [
    ...(index.implicitColumnIds ?? []).map((id) => ({
      id,
      direction: 'ASC',
      storing: false,
      implicit: true,
    })),
    ...index.keyColumns.map((key) => ({
      id: key.columnId,
      direction: key.descending ? 'DESC' : 'ASC',
      storing: false,
      implicit: isShard(columnName(table, key.columnId)),
    })),
    ...(isPrimary ? [] : index.storedColumnIds).map((id) => ({
      id,
      direction: 'N/A',
      storing: true,
      implicit: false,
    })),
    ...index.suffixColumnIds.map((id) => ({
      id,
      direction: 'ASC',
      storing: false,
      implicit: true,
    })),
  ];
  return parts.map((part, i) => [
    table.name,
    index.name,
    boolRepr(!index.unique),
    BigInt(i + 1),
    columnName(table, part.id),
    part.direction,
    boolRepr(part.storing),
    boolRepr(part.implicit),
  ]);
}

/** Of hidden columns only: the key over `rowid` of a table that was made without one. */
const isHidden = (table: TableInfo, index: IndexInfo): boolean =>
  index.keyColumns.every(
    (key) => table.columns.find((column) => column.id === key.columnId)?.hidden === true,
  );

/** SHOW CONSTRAINTS' rows, by constraint name. */
export function constraintRows(table: TableInfo, catalog: CatalogSnapshot): Repr[][] {
  const descriptor = catalog.tableDescriptor(table.id);
  if (descriptor === undefined) return [];
  const rows: { name: string; type: string; details: string; valid: boolean }[] = [];
  const keyText = (index: IndexInfo): string =>
    index.keyColumns
      .map((key) => {
        const name = quoteIdentifier(columnName(table, key.columnId));
        return `${name} ${key.descending ? 'DESC' : 'ASC'}`;
      })
      .join(', ');
  const primary = table.primaryIndex;
  if (primary !== undefined && table.kind === 'table' && !isHidden(table, primary)) {
    const details = `PRIMARY KEY (${keyText(primary)})`;
    rows.push({ name: primary.name, type: 'PRIMARY KEY', details, valid: true });
  }
  for (const index of table.secondaryIndexes.filter((candidate) => candidate.unique)) {
    const where =
      index.predicate === undefined
        ? ''
        : ` WHERE ${withoutAnnotations(displayExpression(index.predicate, catalog))}`;
    const details = `UNIQUE (${keyText(index)})${where}`;
    rows.push({ name: index.name, type: 'UNIQUE', details, valid: true });
  }
  for (const unique of descriptor.uniqueWithoutIndexConstraints) {
    const names = unique.columnIds.map((id) => quoteIdentifier(columnName(table, id)));
    const details = `UNIQUE WITHOUT INDEX (${names.join(', ')})`;
    const valid = unique.validity === ConstraintValidity.Validated;
    rows.push({ name: unique.name, type: 'UNIQUE', details, valid });
  }
  for (const check of descriptor.checks) {
    const expression = withoutAnnotations(displayExpression(check.expr, catalog));
    const valid = check.validity === ConstraintValidity.Validated;
    rows.push({ name: check.name, type: 'CHECK', details: `CHECK ((${expression}))`, valid });
  }
  for (const key of descriptor.outboundFks) {
    const target = catalog.tableById(key.referencedTableId);
    const from = key.originColumnIds.map((id) => quoteIdentifier(columnName(table, id)));
    const to = key.referencedColumnIds.map((id) =>
      quoteIdentifier(target === undefined ? `[${id}]` : columnName(target, id)),
    );
    const match = key.match === ForeignKeyMatch.FULL ? ' MATCH FULL' : '';
    rows.push({
      name: key.name,
      type: 'FOREIGN KEY',
      details: `FOREIGN KEY (${from.join(', ')}) REFERENCES ${quoteIdentifier(target?.name ?? '')}(${to.join(', ')})${match}`,
      valid: key.validity === ConstraintValidity.Validated,
    });
  }
  return rows
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((row) => [table.name, row.name, row.type, row.details, boolRepr(row.valid)]);
}
