import { SqlError } from '../../base/errors';
import { buildTableInfo } from '../../catalog/build-table-info';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type {
  ColumnDescriptor,
  TableDescriptor,
  UniqueWithoutIndexConstraint,
} from '../../catalog/descriptor/gen/table_pb';
import { physicalTable } from '../../catalog/physical';
import { explicitKeyIds } from '../../catalog/regional-rows';
import { addToFamily, removeColumn } from '../../catalog/table-builder';
import type { TableInfo } from '../../catalog/table-info';
import { INT4 } from '../../catalog/types/table';
import { deleteComment } from '../../storage/ranges/comment-rows';
import { createPhysicalIndex, dropPhysicalIndex } from '../../storage/ranges/physical-table';
import { deleteZone } from '../../storage/ranges/zone-rows';
import type { CreateIndexStatement, DropIndexStatement, IndexName } from '../parse/ddl-ast';
import { currentDatabase, resolveRelation } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { removeForeignKey } from './foreign-keys';
import { declareIndex } from './indexes';
import { addPhysicalColumn, dropPhysicalColumn } from './physical-column';
import { type DdlRun, runDefinition } from './run';
import { forgetShards } from './shards';
import { requireRelation } from './target';
import { backfillColumn, validateUnique } from './validate-rows';

/** CREATE INDEX and DROP INDEX. */
export async function createIndex(
  statement: CreateIndexStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition(
    'CREATE INDEX',
    context,
    (run) => createIndexBody(statement, run),
    (names) => resolveRelation(statement.table.parts, names),
  );
}

export function createIndexBody(statement: CreateIndexStatement, run: DdlRun): void {
  const info = requireRelation(statement.table, ['table', 'materialized view'], run);
  const { index } = statement;
  const known = info.secondaryIndexes.some((other) => other.name === index.name);
  if (statement.ifNotExists && known) {
    const message = `index "${index.name ?? ''}" already exists, skipping`;
    run.notice({ severity: 'NOTICE', code: '42P07', message });
    return;
  }
  run.require(info.id, 'CREATE');
  const table = run.table(info.id);
  const columnsBefore = table.columns.length;
  const made = declareIndex(table, index, true, run);
  if (made.sharded?.isSharded) {
    // An expression's column is virtual; what else is new is the column of the shards.
    for (const column of table.columns.slice(columnsBefore)) storeShards(table, column, run);
  }
  buildIndex(table, made, run);
}

function storeShards(table: TableDescriptor, column: ColumnDescriptor, run: DdlRun): void {
  if (column.virtual) return;
  addToFamily(table, column, { name: null, create: false, ifNotExists: false });
  addPhysicalColumn(table, column, INT4, run);
  backfillColumn(table, column, run);
}

const sqliteIndexName = (table: TableDescriptor, index: IndexDescriptor): string =>
  `t${table.id}_i${index.id}`;

/** Makes the index over the rows that are there. @throws SqlError uniqueViolation (23505) */
export function buildIndex(table: TableDescriptor, index: IndexDescriptor, run: DdlRun): void {
  if (index.unique) validateUnique(table, index, run);
  const physical = physicalTable(table, (id) => run.catalog.enumMetadata(id));
  const made = physical.indexes.find((other) => other.name === sqliteIndexName(table, index));
  if (made !== undefined) createPhysicalIndex(run.db, physical, made);
}

export function removeIndex(table: TableDescriptor, index: IndexDescriptor, run: DdlRun): void {
  table.indexes = table.indexes.filter((other) => other.id !== index.id);
  for (const column of table.columns.filter((candidate) => candidate.inaccessible)) {
    const isUsed = table.indexes.some((other) => other.keyColumnIds.includes(column.id));
    if (!isUsed) removeColumn(table, column);
  }
  dropPhysicalIndex(run.db, sqliteIndexName(table, index));
  const shards = forgetShards(table, index);
  if (shards !== undefined) dropPhysicalColumn(table, shards, run);
  deleteComment(run.db, INDEX_COMMENT, table.id, index.id);
  deleteZone(run.db, table.id, index.id);
}

const INDEX_COMMENT = 3;

/** What CockroachDB says after an index is gone. */
export function noticeReclaimed(run: DdlRun): void {
  run.notice({
    severity: 'NOTICE',
    code: '00000',
    message: 'the data for dropped indexes is reclaimed asynchronously',
    hint: 'The reclamation delay can be customized in the zone configuration for the table.',
  });
}

export async function dropIndex(
  statement: DropIndexStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition('DROP INDEX', context, (run) => {
    for (const name of statement.indexes) {
      const found = findIndex(name, run);
      if (found === undefined) {
        if (statement.ifExists) continue;
        throw new SqlError('undefinedObject', `index "${name.index}" does not exist`);
      }
      run.require(found.id, 'CREATE');
      const table = run.table(found.id);
      const index = table.indexes.find((other) => other.name === name.index);
      if (index === undefined) {
        throw new SqlError(
          'featureNotSupported',
          `cannot drop the primary index of a table using DROP INDEX`,
        );
      }
      dropOneIndex(table, index, statement, run);
    }
  });
}

function dropOneIndex(
  table: TableDescriptor,
  index: IndexDescriptor,
  statement: DropIndexStatement,
  run: DdlRun,
): void {
  const cascade = statement.behavior === 'cascade';
  if (index.unique && !index.createdExplicitly && !cascade) {
    throw new SqlError(
      'dependentObjectsStillExist',
      `index "${index.name}" is in use as unique constraint`,
      { hint: 'use CASCADE if you really want to drop it.' },
    );
  }
  if (index.unique) dropKeysNeeding(table, index, cascade, run);
  removeIndex(table, index, run);
  noticeReclaimed(run);
}

export function dropKeysNeeding(
  table: TableDescriptor,
  index: IndexDescriptor,
  cascade: boolean,
  run: DdlRun,
): void {
  const columnIds = explicitKeyIds(index);
  dropKeysOnto(table, { name: index.name, columnIds, indexId: index.id }, cascade, run);
}

export function dropUniqueWithoutIndex(
  table: TableDescriptor,
  gone: UniqueWithoutIndexConstraint,
  cascade: boolean,
  run: DdlRun,
): void {
  const rest = table.uniqueWithoutIndexConstraints.filter((each) => each !== gone);
  table.uniqueWithoutIndexConstraints = rest;
  dropKeysOnto(table, { ...gone, indexId: 0 }, cascade, run);
}

interface GoneUnique {
  readonly name: string;
  readonly columnIds: readonly number[];
  /** 0: it is without an index. */
  readonly indexId: number;
}

/** Foreign keys that have nothing else unique to lean on. @throws SqlError dependentObjectsStillExist (2BP01) without CASCADE */
function dropKeysOnto(
  table: TableDescriptor,
  { name, columnIds, indexId }: GoneUnique,
  cascade: boolean,
  run: DdlRun,
): void {
  const keyOf = (ids: readonly number[]): string => [...ids].sort((a, b) => a - b).join();
  const wanted = keyOf(columnIds);
  const { indexes, primaryIndex, uniqueWithoutIndexConstraints } = table;
  const unique = [...indexes, ...(primaryIndex === undefined ? [] : [primaryIndex])].filter(
    (index) => index.unique && index.id !== indexId,
  );
  const left = [
    ...unique.map((index) => ({ ids: explicitKeyIds(index), predicate: index.predicate })),
    ...uniqueWithoutIndexConstraints.map((each) => ({ ids: each.columnIds, ...each })),
  ];
  if (left.some(({ ids, predicate }) => predicate === '' && keyOf(ids) === wanted)) return;
  for (const key of [...table.inboundFks]) {
    if (keyOf(key.referencedColumnIds) !== wanted) continue;
    if (!cascade) {
      const user = run.catalog.tableDescriptor(key.originTableId)?.name ?? '';
      throw new SqlError(
        'dependentObjectsStillExist',
        `"${name}" is referenced by foreign key from table "${user}"`,
      );
    }
    removeForeignKey(key, run);
  }
}

/** The table of an index; without a table's name every table of the current database is looked at. */
export function findIndex(name: IndexName, run: DdlRun): TableInfo | undefined {
  const has = (table: TableInfo): boolean =>
    table.primaryIndex?.name === name.index ||
    table.secondaryIndexes.some((index) => index.name === name.index);
  if (name.table !== null) {
    const table = requireRelation(name.table, ['table', 'materialized view'], run);
    return has(table) ? table : undefined;
  }
  const database = run.catalog.database(currentDatabase(run.names));
  const tables = database === undefined ? [] : run.catalog.tables(database.id);
  const found = tables.filter((table) =>
    table.secondaryIndexes.some((index) => index.name === name.index),
  );
  if (found.length > 1) {
    throw new SqlError('ambiguousColumn', `index name "${name.index}" is ambiguous`);
  }
  return found[0];
}

/** The binder's view of a table as it is being changed. */
export const infoOf = (table: TableDescriptor, run: DdlRun): TableInfo =>
  buildTableInfo(table, run.catalog);
