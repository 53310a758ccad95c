import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../base/errors';
import { defined } from '../base/invariant';
import { PUBLIC_SCHEMA_ID } from './constants';
import {
  ConstraintValidity,
  type GeoConfig,
  GeoConfigSchema,
  type IndexDescriptor,
  IndexDescriptor_Direction,
  IndexDescriptor_Type,
  IndexDescriptorSchema,
  ShardedDescriptorSchema,
} from './descriptor/gen/index_pb';
import {
  type CheckConstraint,
  CheckConstraintSchema,
  type ColumnDescriptor,
  ColumnDescriptorSchema,
  ColumnFamilyDescriptorSchema,
  type TableDescriptor,
  TableDescriptorSchema,
  type UniqueWithoutIndexConstraint,
  UniqueWithoutIndexConstraintSchema,
} from './descriptor/gen/table_pb';
import { ColumnTypeSchema } from './descriptor/gen/type_pb';
import { defaultPrivileges } from './privileges';
import { partitionIndex, partitionsOf, regionColumnName } from './regional-rows';
import { type TypeMessage, typeToMessage } from './types/from-descriptor';
import type { SqlType } from './types/sql-type';

/** Table descriptors made and changed piece by piece, with the names and ids that CockroachDB v21.2 gives. */

const FORMAT_VERSION = 3;
/** Version of indexes that v21.2 writes. Source: format reference 05, index descriptors. */
const INDEX_VERSION = 2;

export interface NewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  readonly hidden?: boolean;
  readonly defaultExpr?: string;
  readonly computeExpr?: string;
  readonly virtual?: boolean;
  readonly inaccessible?: boolean;
  readonly usesSequenceIds?: readonly number[];
}

export interface NewIndexColumn {
  readonly name: string;
  readonly descending: boolean;
}

export interface NewIndex {
  /** Undefined: made from the columns' names. */
  readonly name: string | undefined;
  readonly unique: boolean;
  readonly inverted: boolean;
  readonly columns: readonly NewIndexColumn[];
  readonly storing: readonly string[];
  readonly predicate: string | undefined;
  readonly createdExplicitly: boolean;
  /** Of a hash-sharded one, whose first column is that of its shards. */
  readonly buckets?: number | undefined;
}

export function newTable(about: {
  readonly id: number;
  readonly databaseId: number;
  readonly schemaId: number;
  readonly name: string;
  readonly owner: string;
}): TableDescriptor {
  return create(TableDescriptorSchema, {
    id: about.id,
    name: about.name,
    parentId: about.databaseId,
    unexposedParentSchemaId: about.schemaId || PUBLIC_SCHEMA_ID,
    version: 1,
    formatVersion: FORMAT_VERSION,
    nextColumnId: 1,
    nextIndexId: 2,
    nextMutationId: 1,
    privileges: defaultPrivileges(about.owner),
  });
}

/** What each table of CockroachDB has beside its own columns: when a row was written, a DECIMAL, and the table's id. */
export const MVCC_TIMESTAMP_COLUMN = 'crdb_internal_mvcc_timestamp';
export const TABLEOID_COLUMN = 'tableoid';

export const isSystemColumn = (name: string): boolean =>
  name === MVCC_TIMESTAMP_COLUMN || name === TABLEOID_COLUMN;

/** @throws SqlError duplicateColumn (42701) */
export function checkColumnName(name: string): void {
  if (!isSystemColumn(name)) return;
  const message = `column name "${name}" conflicts with a system column name`;
  throw new SqlError('duplicateColumn', message);
}

/** @throws SqlError duplicateColumn (42701) */
export function addColumn(table: TableDescriptor, column: NewColumn): ColumnDescriptor {
  checkColumnName(column.name);
  if (findColumn(table, column.name) !== undefined) {
    throw new SqlError('duplicateColumn', `duplicate column name: "${column.name}"`);
  }
  const made = create(ColumnDescriptorSchema, {
    name: column.name,
    id: table.nextColumnId++,
    type: columnType(column.type),
    nullable: column.nullable,
    hidden: column.hidden === true,
    virtual: column.virtual === true,
    inaccessible: column.inaccessible === true,
    usesSequenceIds: [...(column.usesSequenceIds ?? [])],
  });
  if (column.defaultExpr !== undefined) made.defaultExpr = column.defaultExpr;
  if (column.computeExpr !== undefined) made.computeExpr = column.computeExpr;
  table.columns.push(made);
  return made;
}

/** A type as v21.2 writes it into columns: integers by width alone, arrays with their elements' width, NAME by its old family. */
export function columnType(type: SqlType) {
  const message = typeMessage(type);
  return create(ColumnTypeSchema, message as Parameters<typeof create<typeof ColumnTypeSchema>>[1]);
}

const LEGACY_NAME_FAMILY = 11;
const NAME_OID = 19;

function typeMessage(type: SqlType): TypeMessage {
  const message = typeToMessage(type);
  const { element } = type;
  return {
    ...message,
    ...(type.family === 'int' ? { visibleType: 0 } : {}),
    ...(type.oid === NAME_OID ? { family: LEGACY_NAME_FAMILY } : {}),
    ...(element === undefined ? {} : { arrayContents: typeMessage(element), width: element.width }),
    ...(type.enum === undefined ? {} : { udtMetadata: { arrayTypeOid: type.enum.arrayOid } }),
  };
}

export function findColumn(table: TableDescriptor, name: string): ColumnDescriptor | undefined {
  return table.columns.find((column) => column.name === name);
}

/** @throws SqlError undefinedColumn (42703) */
export function requireColumn(table: TableDescriptor, name: string): ColumnDescriptor {
  const column = findColumn(table, name);
  if (column === undefined) {
    throw new SqlError('undefinedColumn', `column "${name}" does not exist`);
  }
  return column;
}

export function columnById(table: TableDescriptor, id: number): ColumnDescriptor {
  return defined(
    table.columns.find((column) => column.id === id),
    `column ${id} of table ${table.id}`,
  );
}

const DIRECTION = (descending: boolean) =>
  descending ? IndexDescriptor_Direction.DESC : IndexDescriptor_Direction.ASC;

export function setPrimaryKey(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  name = 'primary',
  version = INDEX_VERSION,
): void {
  const found = columns.map((column) => requireColumn(table, column.name));
  for (const column of found) column.nullable = false;
  const partitions = partitionsOf(table);
  table.primaryIndex = create(IndexDescriptorSchema, {
    name,
    id: 1,
    unique: true,
    keyColumnNames: found.map((column) => column.name),
    keyColumnIds: found.map((column) => column.id),
    keyColumnDirections: columns.map((column) => DIRECTION(column.descending)),
    compositeColumnIds: compositeIds(
      table,
      found.map((column) => column.id),
    ),
    version,
  });
  if (partitions !== undefined) partitionIndex(table.primaryIndex, partitions);
}

const COMPOSITE_FAMILIES: ReadonlySet<number> = new Set([2, 3, 10]);

/** Key columns whose key does not tell the value exactly (1.0 and 1.00): their value is stored as well. */
export function compositeIds(table: TableDescriptor, ids: readonly number[]): number[] {
  return ids.filter((id) => {
    const { type } = columnById(table, id);
    const element = type?.arrayContents ?? type;
    return element !== undefined && COMPOSITE_FAMILIES.has(element.family);
  });
}

/** Names of everything that shares the namespace of a table's constraints and indexes. */
function usedNames(table: TableDescriptor): Set<string> {
  return new Set([
    ...(table.primaryIndex === undefined ? [] : [table.primaryIndex.name]),
    ...table.indexes.map((index) => index.name),
    ...table.checks.map((check) => check.name),
    ...table.outboundFks.map((key) => key.name),
    ...table.uniqueWithoutIndexConstraints.map((unique) => unique.name),
  ]);
}

/** `name`, or `name1`, `name2` … when it is taken. */
export function unusedName(table: TableDescriptor, name: string): string {
  const used = usedNames(table);
  if (!used.has(name)) return name;
  let suffix = 1;
  while (used.has(`${name}${suffix}`)) suffix++;
  return `${name}${suffix}`;
}

export function isNameUsed(table: TableDescriptor, name: string): boolean {
  return usedNames(table).has(name);
}

/** Expressions are `expr`, `expr1` … in the name of an index. */
function nameInIndex(
  column: ColumnDescriptor,
  at: number,
  all: readonly ColumnDescriptor[],
): string {
  if (!column.inaccessible) return column.name;
  const before = all.slice(0, at).filter((other) => other.inaccessible).length;
  return `expr${before === 0 ? '' : before}`;
}

/** The name of an index that was given none. @throws SqlError undefinedColumn (42703) */
export function indexName(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  unique: boolean,
): string {
  const found = columns.map((column) => requireColumn(table, column.name));
  const words = [table.name, ...found.map(nameInIndex), unique ? 'key' : 'idx'];
  return unusedName(table, words.join('_'));
}

/** @throws SqlError duplicateRelation (42P07), undefinedColumn (42703), duplicateColumn (42701) */
export function addIndex(table: TableDescriptor, index: NewIndex): IndexDescriptor {
  const columns = index.columns.map((column) => requireColumn(table, column.name));
  refuseRepeated(
    columns.map((column) => column.name),
    'index',
  );
  const name = index.name ?? indexName(table, index.columns, index.unique);
  if (isNameUsed(table, name)) {
    throw new SqlError('duplicateRelation', `index with name "${name}" already exists`);
  }
  const primary = defined(table.primaryIndex, `primary index of table ${table.id}`);
  const keyIds = columns.map((column) => column.id);
  const stored = index.storing.map((stored) => requireColumn(table, stored));
  for (const [i, column] of stored.entries()) {
    if (column.virtual) {
      const message = `index "${name}" cannot store virtual column "${column.name}"`;
      throw new SqlError('invalidTableDefinition', message);
    }
    const isRepeated = stored.indexOf(column) < i;
    if (isRepeated || keyIds.includes(column.id) || primary.keyColumnIds.includes(column.id)) {
      throw new SqlError(
        'duplicateColumn',
        `index "${name}" already contains column "${column.name}"`,
      );
    }
  }
  const suffix = primary.keyColumnIds.filter((id) => !keyIds.includes(id));
  const made = create(IndexDescriptorSchema, {
    name,
    id: table.nextIndexId++,
    unique: index.unique,
    keyColumnNames: columns.map((column) => column.name),
    keyColumnIds: keyIds,
    keyColumnDirections: index.columns.map((column) => DIRECTION(column.descending)),
    keySuffixColumnIds: suffix,
    storeColumnNames: stored.map((column) => column.name),
    storeColumnIds: stored.map((column) => column.id),
    compositeColumnIds: compositeIds(table, [...keyIds, ...suffix]),
    type: index.inverted ? IndexDescriptor_Type.INVERTED : IndexDescriptor_Type.FORWARD,
    createdExplicitly: index.createdExplicitly,
    version: INDEX_VERSION,
  });
  if (index.predicate !== undefined) made.predicate = index.predicate;
  if (index.inverted) {
    const config = geoConfig(columns.at(-1));
    if (config !== undefined) made.geoConfig = config;
  }
  if (index.buckets !== undefined) markSharded(made, index.buckets);
  const partitions = partitionsOf(table);
  if (partitions !== undefined) partitionIndex(made, partitions);
  table.indexes.push(made);
  return made;
}

/** Says of an index whose first column is the one of its shards that it is. */
export function markSharded(index: IndexDescriptor, buckets: number): void {
  const [name = '', ...columnNames] = index.keyColumnNames;
  index.sharded = create(ShardedDescriptorSchema, {
    isSharded: true,
    name,
    shardBuckets: buckets,
    columnNames,
  });
}

const GEOMETRY_FAMILY = 22;
const GEOGRAPHY_FAMILY = 23;
const S2_CONFIG = { minLevel: 0, maxLevel: 30, levelMod: 1, maxCells: 4 };
/** Bounds of shapes without a projection. Source: the sample backup's index over GEOMETRY. */
const PLANE = { minX: -(2 ** 31), maxX: 2 ** 31 - 1, minY: -(2 ** 31), maxY: 2 ** 31 - 1 };

/** How shapes are covered by cells in an inverted index. @throws SqlError featureNotSupported (0A000) */
function geoConfig(column: ColumnDescriptor | undefined): GeoConfig | undefined {
  const type = column?.type;
  if (type?.family === GEOGRAPHY_FAMILY) {
    return create(GeoConfigSchema, { s2Geography: { s2Config: S2_CONFIG } });
  }
  if (type?.family !== GEOMETRY_FAMILY) return undefined;
  if (type.geoMetadata !== undefined && type.geoMetadata.srid !== 0) {
    throw notSupported('an inverted index on GEOMETRY with an SRID');
  }
  return create(GeoConfigSchema, { s2Geometry: { ...PLANE, s2Config: S2_CONFIG } });
}

function refuseRepeated(names: readonly string[], what: string): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new SqlError('invalidTableDefinition', `${what} contains duplicate column "${repeated}"`);
  }
}

/** @param columnIds in the order in which the expression names them; repeated ones are repeated in the name */
export function addCheck(
  table: TableDescriptor,
  name: string | undefined,
  expr: string,
  columnIds: readonly number[],
): CheckConstraint {
  const made = create(CheckConstraintSchema, {
    expr,
    name: name ?? unusedName(table, checkName(table, columnIds)),
    validity: ConstraintValidity.Validated,
    columnIds: [...new Set(columnIds)].sort((a, b) => a - b),
  });
  table.checks.push(made);
  return made;
}

/** @throws SqlError duplicateObject (42710), invalidTableDefinition (42P16) */
export function addUniqueWithoutIndex(
  table: TableDescriptor,
  name: string | undefined,
  columns: readonly string[],
  predicate: string | undefined,
): UniqueWithoutIndexConstraint {
  refuseRepeated(columns, 'unique constraint');
  if (name !== undefined && isNameUsed(table, name)) {
    throw new SqlError('duplicateObject', `duplicate constraint name: "${name}"`);
  }
  const made = create(UniqueWithoutIndexConstraintSchema, {
    tableId: table.id,
    columnIds: columns.map((column) => requireColumn(table, column).id),
    name: name ?? unusedName(table, ['unique', ...columns].join('_')),
    validity: ConstraintValidity.Validated,
    ...(predicate === undefined ? {} : { predicate }),
  });
  table.uniqueWithoutIndexConstraints.push(made);
  return made;
}

function checkName(table: TableDescriptor, columnIds: readonly number[]): string {
  return ['check', ...columnIds.map((id) => columnById(table, id).name)].join('_');
}

export interface NewFamily {
  readonly name: string | null;
  readonly columns: readonly string[];
}

/** Puts every stored column into a family: the ones given, the rest into the first. */
export function setFamilies(table: TableDescriptor, families: readonly NewFamily[]): void {
  const assigned = new Set(families.flatMap((family) => family.columns));
  const rest = table.columns
    .filter((column) => !column.virtual && !assigned.has(column.name))
    .map((column) => column.name);
  const [head, ...others] =
    families.length === 0 ? [{ name: 'primary', columns: [] as readonly string[] }] : families;
  const all = [
    { name: head?.name ?? null, columns: [...(head?.columns ?? []), ...rest] },
    ...others,
  ];
  table.families = all.map(({ name, columns }, id) => {
    const ids = columns.map((column) => requireColumn(table, column).id);
    const made = create(ColumnFamilyDescriptorSchema, {
      name: name ?? ['fam', id, ...columns].join('_'),
      columnNames: [...columns],
      columnIds: ids,
    });
    made.id = id;
    return made;
  });
  table.nextFamilyId = all.length;
  setDefaultColumns(table);
}

/** Adds a new column to a family; without a name to the first. @throws SqlError undefinedObject (42704) */
export function addToFamily(
  table: TableDescriptor,
  column: ColumnDescriptor,
  family: { readonly name: string | null; readonly create: boolean; readonly ifNotExists: boolean },
): void {
  const known =
    family.name === null
      ? family.create
        ? undefined
        : table.families[0]
      : table.families.find((candidate) => candidate.name === family.name);
  if (known !== undefined && family.create && !family.ifNotExists) {
    throw new SqlError('duplicateObject', `family "${known.name}" already exists`);
  }
  if (known !== undefined) {
    known.columnNames.push(column.name);
    known.columnIds.push(column.id);
  } else if (family.create) {
    const id = table.nextFamilyId++;
    table.families.push(
      create(ColumnFamilyDescriptorSchema, {
        name: family.name ?? `fam_${id}_${column.name}`,
        id,
        columnNames: [column.name],
        columnIds: [column.id],
      }),
    );
  } else {
    throw new SqlError('undefinedObject', `unknown family "${family.name ?? ''}"`);
  }
}

/**
 * A family with one column besides the key is stored without column tags; it says which one. Only a table without rows may
 * get such a column: later the rows' bytes would have to change.
 */
function setDefaultColumns(table: TableDescriptor): void {
  const keyIds = table.primaryIndex?.keyColumnIds ?? [];
  for (const family of table.families) {
    const [value, ...more] = family.columnIds.filter((id) => !keyIds.includes(id));
    if (value !== undefined && more.length === 0) family.defaultColumnId = value;
  }
}

/** Removes a column from everything that only lists it; indexes and constraints go first. */
export function removeColumn(table: TableDescriptor, column: ColumnDescriptor): void {
  table.columns = table.columns.filter((other) => other.id !== column.id);
  forgetColumn(table, column.id);
}

/** Families, and the primary index as v21.2 writes it, list every stored column. */
export function forgetColumn(table: TableDescriptor, columnId: number): void {
  for (const family of table.families) {
    const at = family.columnIds.indexOf(columnId);
    if (at < 0) continue;
    family.columnIds.splice(at, 1);
    family.columnNames.splice(at, 1);
    if (family.defaultColumnId === columnId) family.defaultColumnId = 0;
  }
  // Family 0 says that a row is there, whatever it has: it stays, also without columns.
  table.families = table.families.filter(({ id, columnIds }) => id === 0 || columnIds.length > 0);
  const key = table.primaryIndex;
  const at = key?.storeColumnIds.indexOf(columnId) ?? -1;
  if (at < 0) return;
  key?.storeColumnIds.splice(at, 1);
  key?.storeColumnNames.splice(at, 1);
}

/** A column's name, wherever the descriptor repeats it. */
export function renameColumn(table: TableDescriptor, column: ColumnDescriptor, to: string): void {
  const locality = table.localityConfig?.locality;
  if (locality?.case === 'regionalByRow' && regionColumnName(table) === column.name) {
    locality.value.as = to;
  }
  column.name = to;
  const indexes = table.primaryIndex === undefined ? [] : [table.primaryIndex];
  for (const index of [...indexes, ...table.indexes]) {
    index.keyColumnNames = index.keyColumnIds.map((id) => columnById(table, id).name);
    index.storeColumnNames = index.storeColumnIds.map((id) => columnById(table, id).name);
  }
  for (const family of table.families) {
    family.columnNames = family.columnIds.map((id) => columnById(table, id).name);
  }
}
