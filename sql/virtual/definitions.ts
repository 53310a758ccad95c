import {
  ForeignKeyAction,
  ForeignKeyMatch,
  type IndexDescriptor,
  IndexDescriptor_Direction,
  IndexDescriptor_Type,
} from '../../catalog/descriptor/gen/index_pb';
import type { ForeignKeyConstraint, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { quoteIdentifier, quoteQualified } from '../../catalog/identifiers';
import { displayExpression, indexElementText } from '../../catalog/show-create';
import type { CatalogSnapshot } from '../../catalog/snapshot';

/** Objects as text, for PostgreSQL's tools. */

// Quoted text is kept; `:::TYPE` of built-in types says only what the text shows anyway.
const ANNOTATIONS =
  /('(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*")|:::[A-Z][A-Z0-9_]*(?:\(\d+(?:,\s*\d+)?\))?(?:\[\])?|(:::)/g;

/** A stored expression as PostgreSQL's catalogs would show it: `n > 10`, `'open'::public.status`. */
export function plainExpression(expression: string, catalog: CatalogSnapshot): string {
  return displayExpression(expression, catalog).replace(
    ANNOTATIONS,
    (_, quoted?: string, colons?: string) => quoted ?? (colons === undefined ? '' : '::'),
  );
}

const isInverted = (index: IndexDescriptor): boolean =>
  index.type === IndexDescriptor_Type.INVERTED;

function indexColumns(
  table: TableDescriptor,
  index: IndexDescriptor,
  catalog: CatalogSnapshot,
): string {
  return index.keyColumnNames
    .map((name, i) => {
      const element = indexElementText(table, name, (text) => plainExpression(text, catalog));
      const descending = index.keyColumnDirections[i] === IndexDescriptor_Direction.DESC;
      return `${element}${descending ? ' DESC' : isInverted(index) ? '' : ' ASC'}`;
    })
    .join(', ');
}

export function relationName(table: TableDescriptor, catalog: CatalogSnapshot): string {
  const parts = [
    catalog.databaseName(table.parentId),
    catalog.schemaName(table.unexposedParentSchemaId || 29),
    table.name,
  ];
  return quoteQualified(parts);
}

/** `CREATE UNIQUE INDEX t_a_key ON db.public.t USING btree (a ASC)` */
export function indexDefinition(
  table: TableDescriptor,
  index: IndexDescriptor,
  catalog: CatalogSnapshot,
): string {
  const unique = index.unique ? 'UNIQUE ' : '';
  const stored = isPrimary(table, index) ? [] : index.storeColumnNames;
  const parts = [
    `CREATE ${unique}INDEX ${quoteIdentifier(index.name)} ON ${relationName(table, catalog)}`,
    `USING ${isInverted(index) ? 'gin' : 'btree'} (${indexColumns(table, index, catalog)})`,
  ];
  if (stored.length > 0) parts.push(`STORING (${stored.map(quoteIdentifier).join(', ')})`);
  if (index.predicate !== '') parts.push(`WHERE (${plainExpression(index.predicate, catalog)})`);
  return parts.join(' ');
}

export const isPrimary = (table: TableDescriptor, index: IndexDescriptor): boolean =>
  index.id === table.primaryIndex?.id;

/** `PRIMARY KEY (id ASC)`, `UNIQUE (email ASC)` */
export function keyDefinition(
  table: TableDescriptor,
  index: IndexDescriptor,
  catalog: CatalogSnapshot,
): string {
  const word = isPrimary(table, index) ? 'PRIMARY KEY' : 'UNIQUE';
  const where =
    index.predicate === '' ? '' : ` WHERE (${plainExpression(index.predicate, catalog)})`;
  return `${word} (${indexColumns(table, index, catalog)})${where}`;
}

const ACTIONS: { readonly [A in ForeignKeyAction]: string } = {
  [ForeignKeyAction.NO_ACTION]: '',
  [ForeignKeyAction.RESTRICT]: 'RESTRICT',
  [ForeignKeyAction.SET_NULL]: 'SET NULL',
  [ForeignKeyAction.SET_DEFAULT]: 'SET DEFAULT',
  [ForeignKeyAction.CASCADE]: 'CASCADE',
};

function columnList(table: TableDescriptor | undefined, ids: readonly number[]): string {
  return ids
    .map((id) => table?.columns.find((column) => column.id === id)?.name ?? `[${id}]`)
    .map(quoteIdentifier)
    .join(', ');
}

/** `FOREIGN KEY (a) REFERENCES t(a) ON DELETE CASCADE` */
export function foreignKeyDefinition(
  table: TableDescriptor,
  key: ForeignKeyConstraint,
  catalog: CatalogSnapshot,
): string {
  const target = catalog.tableDescriptor(key.referencedTableId);
  const sameSchema = target?.unexposedParentSchemaId === table.unexposedParentSchemaId;
  const schema = catalog.schemaName(target?.unexposedParentSchemaId || 29);
  const name = quoteQualified([...(sameSchema ? [] : [schema]), target?.name ?? '']);
  const words = [
    `FOREIGN KEY (${columnList(table, key.originColumnIds)})`,
    `REFERENCES ${name}(${columnList(target, key.referencedColumnIds)})`,
  ];
  if (key.match === ForeignKeyMatch.FULL) words.push('MATCH FULL');
  if (key.match === ForeignKeyMatch.PARTIAL) words.push('MATCH PARTIAL');
  if (ACTIONS[key.onDelete] !== '') words.push(`ON DELETE ${ACTIONS[key.onDelete]}`);
  if (ACTIONS[key.onUpdate] !== '') words.push(`ON UPDATE ${ACTIONS[key.onUpdate]}`);
  return words.join(' ');
}
