import {
  type IndexDescriptor,
  IndexDescriptor_Type,
  type PartitioningDescriptor,
} from '../../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { Family } from '../../../catalog/descriptor/gen/type_pb';
import { allColumns, type Problems, sameIds } from './problems';

/** Indexes of one table. */

export function indexProblems(table: TableDescriptor, problems: Problems): void {
  const { primaryIndex } = table;
  const changing = table.mutations.flatMap(({ descriptor }) =>
    descriptor.case === 'index' ? [descriptor.value] : [],
  );
  const indexes = [
    ...(primaryIndex === undefined ? [] : [primaryIndex]),
    ...table.indexes,
    ...changing,
  ];
  problems.unique(
    indexes.map(({ id }) => id),
    `table ${table.name}: index id`,
  );
  problems.unique(
    indexes.map(({ name }) => name),
    `table ${table.name}: index`,
  );
  for (const index of indexes) {
    oneIndexProblems(table, index, problems);
    if (index === primaryIndex) primaryProblems(table, index, problems);
    else if (primaryIndex !== undefined) secondaryProblems(table, index, primaryIndex, problems);
  }
  problems.check((primaryIndex?.id ?? 0) > 0, `table ${table.name}: no primary index`);
}

function oneIndexProblems(
  table: TableDescriptor,
  index: IndexDescriptor,
  problems: Problems,
): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `index ${table.name}@${index.name}: ${line}`);
  const {
    keyColumnIds: keys,
    keyColumnNames,
    keyColumnDirections,
    storeColumnIds: stores,
    storeColumnNames,
  } = index;
  const columns = new Map(allColumns(table).map((column) => [column.id, column]));
  check(
    index.name !== '' && index.id > 0 && index.id < table.nextIndexId,
    `id ${index.id}, next ${table.nextIndexId}`,
  );
  check(
    keys.length > 0 &&
      keys.length === keyColumnNames.length &&
      keys.length === keyColumnDirections.length,
    'parallel lists',
  );
  check(stores.length === storeColumnNames.length, 'lists of stored columns');
  check(new Set([...keys]).size === keys.length, 'a key column twice');
  for (const [i, id] of keys.entries())
    check(columns.get(id)?.name === keyColumnNames[i], `key column ${id}`);
  for (const [i, id] of stores.entries()) {
    check(columns.get(id)?.name === storeColumnNames[i], `stored column ${id}`);
    check(columns.get(id)?.virtual === false, `stores the virtual column ${id}`);
  }
  check(index.version <= 2, `version ${index.version} is of later releases`);
  check(
    index.foreignKey === undefined || index.foreignKey.table === 0,
    'a foreign key of the old form',
  );
  check(index.referencedBy.length === 0, 'references of the old form');
  check(!index.disabled && !index.useDeletePreservingEncoding, 'disabled or temporary');
  const composite = [...keys, ...index.keySuffixColumnIds].filter((id) => isComposite(table, id));
  check(
    sameIds(index.compositeColumnIds, composite),
    `composite columns ${index.compositeColumnIds}, not ${composite}`,
  );
  const { sharded, partitioning } = index;
  if (sharded?.isSharded === true) {
    const shard = table.columns.find(({ name }) => name === sharded.name);
    check(shard !== undefined && shard.computeExpr !== '', `shard column ${sharded.name}`);
    check(
      sharded.columnNames.every((name) => table.columns.some((column) => column.name === name)),
      'columns of the shard',
    );
    check(sharded.shardBuckets > 1 && keys[0] === shard?.id, 'buckets of the shard');
    check(
      table.columns.every(
        ({ name, computeExpr }) => computeExpr === '' || !sharded.columnNames.includes(name),
      ),
      'shards of a computed column',
    );
  }
  if (partitioning !== undefined) partitionProblems(partitioning, keys.length, check);
}

/** Whether its key does not tell the value exactly: DECIMAL, FLOAT, collated strings, and arrays of them. */
function isComposite(table: TableDescriptor, columnId: number): boolean {
  const type = allColumns(table).find(({ id }) => id === columnId)?.type;
  const family = (type?.arrayContents ?? type)?.family;
  return (
    family === Family.DecimalFamily ||
    family === Family.FloatFamily ||
    family === Family.CollatedStringFamily
  );
}

function primaryProblems(table: TableDescriptor, index: IndexDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `primary index of ${table.name}: ${line}`);
  check(
    index.unique && index.predicate === '' && index.type === IndexDescriptor_Type.FORWARD,
    'unique, whole and forward',
  );
  check(index.keySuffixColumnIds.length === 0, 'suffix columns');
  check(index.storeColumnIds.length === 0, 'only later versions list what it stores');
  for (const id of index.keyColumnIds) {
    const column = table.columns.find((each) => each.id === id);
    check(column?.nullable === false, `column ${id} is nullable`);
    check(column?.virtual === false, `column ${id} is virtual`);
  }
}

function secondaryProblems(
  table: TableDescriptor,
  index: IndexDescriptor,
  primary: IndexDescriptor,
  problems: Problems,
): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `index ${table.name}@${index.name}: ${line}`);
  if (index.encodingType === 1) return; // the primary index that a schema change is building
  const { keyColumnIds: keys, keySuffixColumnIds: suffix, storeColumnIds: stores } = index;
  const missing = primary.keyColumnIds.filter((id) => !keys.includes(id));
  check(
    new Set([...keys, ...suffix, ...stores]).size === keys.length + suffix.length + stores.length,
    'a column in two of its lists',
  );
  check(suffix.join() === missing.join(), `suffix columns ${suffix}, not ${missing}`);
  const inKey = new Set([...keys, ...primary.keyColumnIds]);
  check(
    stores.every((id) => !inKey.has(id)),
    'stores what is in its key',
  );
  problems.unique(stores, `index ${table.name}@${index.name}: stored column`);
  const isInverted = index.type === IndexDescriptor_Type.INVERTED;
  check(!isInverted || !index.unique, 'inverted and unique');
  check(!isInverted || index.keyColumnDirections.at(-1) === 0, 'inverted and descending');
  const geo = table.columns.find(({ id }) => id === keys.at(-1))?.type?.family;
  const { s2Geography, s2Geometry } = index.geoConfig ?? {};
  check(
    (isInverted && geo === Family.GeographyFamily) === (s2Geography !== undefined),
    's2_geography',
  );
  check(
    (isInverted && geo === Family.GeometryFamily) === (s2Geometry !== undefined),
    's2_geometry',
  );
}

function partitionProblems(
  partitioning: PartitioningDescriptor,
  keyColumns: number,
  check: (condition: boolean, line: string) => void,
): void {
  const { numColumns, numImplicitColumns, list, range } = partitioning;
  const count = list.length + range.length;
  check(count > 0 === numColumns > 0, 'partitions without columns');
  check(numColumns <= keyColumns && numImplicitColumns <= numColumns, 'columns of partitions');
  const names = [...list, ...range].map(({ name }) => name);
  check(new Set(names).size === names.length && !names.includes(''), 'names of partitions');
  check(
    list.every(({ values }) => values.length > 0),
    'a list partition without values',
  );
}
