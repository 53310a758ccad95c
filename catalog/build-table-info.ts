import { PUBLIC_SCHEMA_ID } from './constants';
import type { IndexDescriptor } from './descriptor/gen/index_pb';
import { IndexDescriptor_Direction, IndexDescriptor_Type } from './descriptor/gen/index_pb';
import type { ColumnDescriptor, TableDescriptor } from './descriptor/gen/table_pb';
import { explicitIndex, implicitColumnCount } from './regional-rows';
import type { ColumnInfo, IndexInfo, RelationKind, SequenceInfo, TableInfo } from './table-info';
import { type EnumResolver, typeFromMessage } from './types/from-descriptor';

/** Names around a table: what its descriptor knows by id only. `CatalogSnapshot` is one. */
export interface NameSource {
  databaseName(id: number): string;
  schemaName(id: number): string;
  readonly enumMetadata: EnumResolver;
}

/** Physical name of a table in SQLite. */
export const sqliteTableName = (tableId: number): string => `t${tableId}`;
export const sqliteColumnName = (columnId: number): string => `c${columnId}`;

export function relationKind(table: TableDescriptor): RelationKind {
  if (table.viewQuery !== '') return table.isMaterializedView ? 'materialized view' : 'view';
  return table.sequenceOpts === undefined ? 'table' : 'sequence';
}

/** The binder's view of a table descriptor: public columns and indexes, types hydrated. */
export function buildTableInfo(table: TableDescriptor, names: NameSource): TableInfo {
  const schemaId = table.unexposedParentSchemaId || PUBLIC_SCHEMA_ID;
  const info: TableInfo = {
    id: table.id,
    name: table.name,
    databaseId: table.parentId,
    databaseName: names.databaseName(table.parentId),
    schemaId,
    schemaName: names.schemaName(schemaId),
    kind: relationKind(table),
    columns: table.columns.map((column) => columnInfo(column, (id) => names.enumMetadata(id))),
    primaryIndex: table.primaryIndex === undefined ? undefined : indexInfo(table.primaryIndex),
    secondaryIndexes: table.indexes.map(indexInfo),
    viewQuery: table.viewQuery === '' ? undefined : table.viewQuery,
    sqliteName: sqliteTableName(table.id),
  };
  const sequence = sequenceInfo(table);
  return sequence === undefined ? info : { ...info, sequence };
}

const ALWAYS_IDENTITY = 1;

function columnInfo(column: ColumnDescriptor, resolveEnum: EnumResolver): ColumnInfo {
  return {
    id: column.id,
    name: column.name,
    type: typeFromMessage(column.type ?? {}, resolveEnum),
    nullable: column.nullable,
    hidden: column.hidden,
    defaultExpr: column.defaultExpr === '' ? undefined : column.defaultExpr,
    computeExpr: column.computeExpr === '' ? undefined : column.computeExpr,
    virtual: column.virtual,
    sqliteName: sqliteColumnName(column.id),
    ...(column.inaccessible ? { inaccessible: true } : {}),
    ...(column.onUpdateExpr === '' ? {} : { onUpdateExpr: column.onUpdateExpr }),
    ...(column.generatedAsIdentityType === ALWAYS_IDENTITY ? { alwaysIdentity: true } : {}),
  };
}

function indexInfo(index: IndexDescriptor): IndexInfo {
  const { keyColumnIds, keyColumnDirections } = explicitIndex(index);
  const implicit = index.keyColumnIds.slice(0, implicitColumnCount(index));
  return {
    id: index.id,
    name: index.name,
    unique: index.unique,
    inverted: index.type === IndexDescriptor_Type.INVERTED,
    ...(implicit.length === 0 ? {} : { implicitColumnIds: implicit }),
    keyColumns: keyColumnIds.map((columnId, i) => ({
      columnId,
      descending: keyColumnDirections[i] === IndexDescriptor_Direction.DESC,
    })),
    suffixColumnIds: index.keySuffixColumnIds,
    storedColumnIds: index.storeColumnIds,
    predicate: index.predicate === '' ? undefined : index.predicate,
  };
}

function sequenceInfo(table: TableDescriptor): SequenceInfo | undefined {
  const options = table.sequenceOpts;
  if (options === undefined) return undefined;
  return {
    increment: options.increment,
    minValue: options.minValue,
    maxValue: options.maxValue,
    start: options.start,
    cache: options.cacheSize > 1n ? options.cacheSize : 1n,
    virtual: options.virtual,
  };
}
