import { PUBLIC_SCHEMA_ID, USER_TYPE_OID_BASE } from './constants';
import type { IndexDescriptor } from './descriptor/gen/index_pb';
import {
  ConstraintValidity,
  ForeignKeyAction,
  ForeignKeyMatch,
  IndexDescriptor_Direction,
  IndexDescriptor_Type,
} from './descriptor/gen/index_pb';
import type {
  CheckConstraint,
  ColumnDescriptor,
  ColumnFamilyDescriptor,
  ForeignKeyConstraint,
  TableDescriptor,
} from './descriptor/gen/table_pb';
import { quoteIdentifier, quoteLiteral, quoteQualified } from './identifiers';
import type { CatalogSnapshot } from './snapshot';
import { rewriteReferences } from './stored-expression';
import { typeFromMessage } from './types/from-descriptor';
import { typeName } from './types/type-name';

/** `SHOW CREATE`: a descriptor as the statement that makes it, formatted as CockroachDB v21.2 formats it. */
export function showCreate(table: TableDescriptor, catalog: CatalogSnapshot): string {
  if (table.viewQuery !== '') return showCreateView(table, catalog);
  if (table.sequenceOpts !== undefined) return showCreateSequence(table, catalog);
  return showCreateTable(table, catalog);
}

function qualifiedName(table: TableDescriptor, catalog: CatalogSnapshot): string {
  const schema = catalog.schemaName(table.unexposedParentSchemaId || PUBLIC_SCHEMA_ID);
  return quoteQualified([schema, table.name]);
}

/** A table of another database is named with it. */
function nameSeenFrom(from: TableDescriptor, id: number, catalog: CatalogSnapshot): string {
  const table = catalog.tableDescriptor(id);
  if (table === undefined) return `[${id} AS table]`;
  const name = qualifiedName(table, catalog);
  return table.parentId === from.parentId
    ? name
    : `${quoteIdentifier(catalog.databaseName(table.parentId))}.${name}`;
}

function showCreateView(view: TableDescriptor, catalog: CatalogSnapshot): string {
  const columns = view.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  const query = displayExpression(view.viewQuery, catalog);
  return `CREATE VIEW ${qualifiedName(view, catalog)} (${columns}) AS ${query}`;
}

function showCreateSequence(table: TableDescriptor, catalog: CatalogSnapshot): string {
  const options = table.sequenceOpts;
  if (options === undefined) return '';
  const words = [
    `CREATE SEQUENCE ${qualifiedName(table, catalog)}`,
    `MINVALUE ${options.minValue} MAXVALUE ${options.maxValue}`,
    `INCREMENT ${options.increment} START ${options.start}`,
  ];
  if (options.cacheSize > 1n) words.push(`CACHE ${options.cacheSize}`);
  if (options.virtual) words.push('VIRTUAL');
  return words.join(' ');
}

function showCreateTable(table: TableDescriptor, catalog: CatalogSnapshot): string {
  const persistence = table.temporary ? 'CREATE TEMP TABLE' : 'CREATE TABLE';
  const elements = [
    ...table.columns.filter(isShown).map((column) => columnElement(column, catalog)),
    ...primaryKeyElement(table),
    ...table.outboundFks.map((key) => foreignKeyElement(table, key, catalog)),
    ...table.indexes.map((index) => indexElement(table, index, catalog)),
    ...table.families.map(familyElement),
    ...table.checks.filter((check) => !check.hidden).map((check) => checkElement(check, catalog)),
    ...uniqueWithoutIndexElements(table, catalog),
  ];
  const tail = interleaveClause(table, catalog) + localityClause(table);
  return `${persistence} ${qualifiedName(table, catalog)} (\n\t${elements.join(',\n\t')}\n)${tail}`;
}

const isShown = (column: ColumnDescriptor): boolean => !column.inaccessible;

export function columnElement(column: ColumnDescriptor, catalog: CatalogSnapshot): string {
  const type = typeFromMessage(column.type ?? {}, (id) => catalog.enumMetadata(id));
  const words = [quoteIdentifier(column.name), typeName(type)];
  if (column.hidden) words.push('NOT VISIBLE');
  words.push(column.nullable ? 'NULL' : 'NOT NULL');
  if (column.defaultExpr !== '') {
    words.push(`DEFAULT ${displayExpression(column.defaultExpr, catalog)}`);
  }
  if (column.onUpdateExpr !== '') {
    words.push(`ON UPDATE ${displayExpression(column.onUpdateExpr, catalog)}`);
  }
  if (column.computeExpr !== '') {
    const kind = column.virtual ? 'VIRTUAL' : 'STORED';
    words.push(`AS (${displayExpression(column.computeExpr, catalog)}) ${kind}`);
  }
  return words.join(' ');
}

function keyColumns(index: IndexDescriptor): string {
  const inverted = index.type === IndexDescriptor_Type.INVERTED;
  const sharded = index.sharded?.isSharded ? index.sharded.name : undefined;
  return index.keyColumnNames
    .map((name, i) => ({ name, direction: index.keyColumnDirections[i] }))
    .filter(({ name }) => name !== sharded)
    .slice(index.partitioning?.numImplicitColumns ?? 0)
    .map(({ name, direction }, i, all) => {
      const last = i === all.length - 1;
      const word = direction === IndexDescriptor_Direction.DESC ? 'DESC' : 'ASC';
      return inverted && last ? quoteIdentifier(name) : `${quoteIdentifier(name)} ${word}`;
    })
    .join(', ');
}

function shardClause(index: IndexDescriptor): string {
  const { sharded } = index;
  return sharded?.isSharded ? ` USING HASH WITH BUCKET_COUNT = ${sharded.shardBuckets}` : '';
}

export function primaryKeyElement(table: TableDescriptor): string[] {
  const index = table.primaryIndex;
  if (index === undefined) return [];
  const name = quoteIdentifier(index.name);
  return [`CONSTRAINT ${name} PRIMARY KEY (${keyColumns(index)})${shardClause(index)}`];
}

export function indexElement(
  table: TableDescriptor,
  index: IndexDescriptor,
  catalog: CatalogSnapshot,
): string {
  const kind = index.unique
    ? 'UNIQUE '
    : index.type === IndexDescriptor_Type.INVERTED
      ? 'INVERTED '
      : '';
  const stored = index.storeColumnNames.map(quoteIdentifier).join(', ');
  const parts = [`${kind}INDEX ${quoteIdentifier(index.name)} (${keyColumns(index)})`];
  if (index.sharded?.isSharded) parts.push(shardClause(index).trimStart());
  if (stored !== '') parts.push(`STORING (${stored})`);
  const interleave = index.interleave?.ancestors.at(-1);
  if (interleave !== undefined) parts.push(interleaveText(table, index, catalog).trimStart());
  if (index.predicate !== '') parts.push(`WHERE ${displayExpression(index.predicate, catalog)}`);
  return parts.join(' ');
}

function familyElement(family: ColumnFamilyDescriptor): string {
  const columns = family.columnNames.map(quoteIdentifier).join(', ');
  return `FAMILY ${quoteIdentifier(family.name)} (${columns})`;
}

const notValid = (validity: ConstraintValidity): string =>
  validity === ConstraintValidity.Validated ? '' : ' NOT VALID';

export function checkElement(check: CheckConstraint, catalog: CatalogSnapshot): string {
  const expression = displayExpression(check.expr, catalog);
  const name = quoteIdentifier(check.name);
  return `CONSTRAINT ${name} CHECK (${expression})${notValid(check.validity)}`;
}

function columnNames(table: TableDescriptor | undefined, ids: readonly number[]): string {
  return ids
    .map((id) => table?.columns.find((column) => column.id === id)?.name ?? `[${id}]`)
    .map(quoteIdentifier)
    .join(', ');
}

const ACTION_WORDS: { readonly [A in ForeignKeyAction]: string } = {
  [ForeignKeyAction.NO_ACTION]: '',
  [ForeignKeyAction.RESTRICT]: 'RESTRICT',
  [ForeignKeyAction.SET_NULL]: 'SET NULL',
  [ForeignKeyAction.SET_DEFAULT]: 'SET DEFAULT',
  [ForeignKeyAction.CASCADE]: 'CASCADE',
};

function foreignKeyElement(
  table: TableDescriptor,
  key: ForeignKeyConstraint,
  catalog: CatalogSnapshot,
): string {
  const target = catalog.tableDescriptor(key.referencedTableId);
  const words = [
    `CONSTRAINT ${quoteIdentifier(key.name)}`,
    `FOREIGN KEY (${columnNames(table, key.originColumnIds)})`,
    `REFERENCES ${nameSeenFrom(table, key.referencedTableId, catalog)}(${columnNames(target, key.referencedColumnIds)})`,
  ];
  if (key.match === ForeignKeyMatch.FULL) words.push('MATCH FULL');
  if (key.match === ForeignKeyMatch.PARTIAL) words.push('MATCH PARTIAL');
  if (ACTION_WORDS[key.onDelete] !== '') words.push(`ON DELETE ${ACTION_WORDS[key.onDelete]}`);
  if (ACTION_WORDS[key.onUpdate] !== '') words.push(`ON UPDATE ${ACTION_WORDS[key.onUpdate]}`);
  return words.join(' ') + notValid(key.validity);
}

export function uniqueWithoutIndexElements(
  table: TableDescriptor,
  catalog: CatalogSnapshot,
): string[] {
  return table.uniqueWithoutIndexConstraints.map((unique) => {
    const where =
      unique.predicate === '' ? '' : ` WHERE ${displayExpression(unique.predicate, catalog)}`;
    const columns = columnNames(table, unique.columnIds);
    const name = quoteIdentifier(unique.name);
    return `CONSTRAINT ${name} UNIQUE WITHOUT INDEX (${columns})${where}${notValid(unique.validity)}`;
  });
}

function interleaveText(
  table: TableDescriptor,
  index: IndexDescriptor,
  catalog: CatalogSnapshot,
): string {
  const ancestors = index.interleave?.ancestors ?? [];
  const parent = ancestors.at(-1);
  if (parent === undefined) return '';
  const shared = ancestors.reduce((sum, ancestor) => sum + ancestor.sharedPrefixLen, 0);
  const columns = index.keyColumnNames.slice(0, shared).map(quoteIdentifier).join(', ');
  return ` INTERLEAVE IN PARENT ${nameSeenFrom(table, parent.tableId, catalog)} (${columns})`;
}

function interleaveClause(table: TableDescriptor, catalog: CatalogSnapshot): string {
  return table.primaryIndex === undefined ? '' : interleaveText(table, table.primaryIndex, catalog);
}

function localityClause(table: TableDescriptor): string {
  const locality = table.localityConfig?.locality;
  switch (locality?.case) {
    case 'global':
      return ' LOCALITY GLOBAL';
    case 'regionalByTable':
      return locality.value.region === ''
        ? ' LOCALITY REGIONAL BY TABLE IN PRIMARY REGION'
        : ` LOCALITY REGIONAL BY TABLE IN ${quoteIdentifier(locality.value.region)}`;
    case 'regionalByRow':
      return locality.value.as === ''
        ? ' LOCALITY REGIONAL BY ROW'
        : ` LOCALITY REGIONAL BY ROW AS ${quoteIdentifier(locality.value.as)}`;
    default:
      return '';
  }
}

/** A stored expression as users see it: types, enum labels and sequences by name. */
export function displayExpression(expression: string, catalog: CatalogSnapshot): string {
  const typeText = (oid: number): string | undefined => {
    const metadata = catalog.enumMetadata(oid - USER_TYPE_OID_BASE);
    return metadata === undefined
      ? undefined
      : quoteQualified([metadata.schemaName, metadata.name]);
  };
  return rewriteReferences(expression, {
    type: typeText,
    enumValue(physical, oid) {
      const metadata = catalog.enumMetadata(oid - USER_TYPE_OID_BASE);
      const member = metadata?.members.find(
        (candidate) => Buffer.compare(candidate.physical, physical) === 0,
      );
      const name = typeText(oid);
      if (member === undefined || name === undefined) return undefined;
      return `${quoteLiteral(member.label)}:::${name}`;
    },
    sequence(id) {
      const table = catalog.tableDescriptor(id);
      if (table === undefined) return undefined;
      return `${quoteLiteral(qualifiedName(table, catalog))}::REGCLASS`;
    },
  });
}
