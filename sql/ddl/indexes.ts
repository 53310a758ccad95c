import { notSupported, SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import {
  addColumn,
  addIndex,
  addUniqueWithoutIndex,
  columnById,
  findColumn,
  indexName,
  type NewIndexColumn,
  requireColumn,
} from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { messageTypeName } from '../../catalog/types/type-name';
import type { DefinitionExpr, IndexBody, IndexDefinition } from '../parse/ddl-ast';
import { storeIndexElement, storePredicate } from './expressions';
import type { DdlRun } from './run';
import { shardColumn } from './shards';
import { checkStorageParameters } from './storage-parameters';

/** Index definitions. */

const NOT_INDEXABLE: ReadonlySet<string> = new Set([
  'json',
  'array',
  'geometry',
  'geography',
  'tuple',
]);
const INVERTIBLE: ReadonlySet<string> = new Set(['json', 'array', 'geometry', 'geography']);

/**
 * The columns of an index; an expression becomes a column that only indexes see.
 * @throws SqlError featureNotSupported (0A000) for what is known and not done
 */
export function indexColumns(
  table: TableDescriptor,
  body: IndexBody,
  run: DdlRun,
): NewIndexColumn[] {
  if (body.unsupported !== null) throw notSupported(body.unsupported);
  const columns = body.columns.map((column) => {
    if (column.operatorClass !== null && !PLAIN_CLASSES.has(column.operatorClass)) {
      throw notSupported(`operator class "${column.operatorClass}"`);
    }
    const name = column.name ?? expressionColumn(table, column.expr, run).name;
    return { name, descending: column.descending };
  });
  return [...shardOf(table, columns, body, run), ...columns];
}

/** What a hash-sharded index begins with. */
function shardOf(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  { buckets }: IndexBody,
  run: DdlRun,
): NewIndexColumn[] {
  if (buckets === undefined) return [];
  const sharded = columns.map(({ name }) => requireColumn(table, name));
  if (sharded.some((column) => column.inaccessible || column.computeExpr !== '')) {
    throw notSupported('a hash-sharded index over a computed column or an expression');
  }
  const names = sharded.map(({ name }) => name);
  return [{ name: shardColumn(table, names, buckets, run).name, descending: false }];
}

/** The columns of a primary key. @throws SqlError invalidTableDefinition (42P16) for expressions */
export function primaryKeyColumns(
  table: TableDescriptor,
  body: IndexBody,
  run: DdlRun,
): NewIndexColumn[] {
  if (body.unsupported !== null) throw notSupported(body.unsupported);
  const columns = body.columns.map(({ name, expr, descending }) => {
    if (name !== null) return { name, descending };
    throw new SqlError(
      'invalidTableDefinition',
      `expressions such as "${expr?.text ?? ''}" are not allowed in primary index definition`,
    );
  });
  return [...shardOf(table, columns, body, run), ...columns];
}

/** UNIQUE WITHOUT INDEX. @throws SqlError featureNotSupported (0A000) unless the session asks for it */
export function declareUniqueWithoutIndex(
  table: TableDescriptor,
  name: string | null,
  body: Pick<IndexBody, 'columns' | 'where'>,
  run: DdlRun,
): void {
  const setting = 'experimental_enable_unique_without_index_constraints';
  if (run.names.settings.get(setting) !== 'on') {
    throw new SqlError(
      'featureNotSupported',
      'unique constraints without an index are not yet supported',
      { hint: `SET ${setting} = on, or use UNIQUE.` },
    );
  }
  const columns = body.columns.map((column) => {
    if (column.name === null) throw notSupported('UNIQUE WITHOUT INDEX over an expression');
    return { name: column.name, descending: false };
  });
  refuseUnindexable(table, columns, false, run);
  const predicate = body.where === null ? undefined : storePredicate(body.where, table, run).text;
  const names = columns.map((column) => column.name);
  addUniqueWithoutIndex(table, name ?? undefined, names, predicate);
}

/** Operator classes of PostgreSQL that order as the type itself does, or say what an inverted index holds anyway. */
const PLAIN_CLASSES = new Set(
  (
    'text_ops varchar_ops bpchar_ops int2_ops int4_ops int8_ops uuid_ops date_ops timestamp_ops timestamptz_ops bool_ops ' +
    'bytea_ops numeric_ops float8_ops inet_ops jsonb_ops array_ops'
  ).split(' '),
);

/** @throws SqlError featureNotSupported (0A000), indeterminateDatatype (42P18) */
function expressionColumn(
  table: TableDescriptor,
  expr: DefinitionExpr | null,
  run: DdlRun,
): ColumnDescriptor {
  invariant(expr !== null, 'an element without a name is an expression');
  const stored = storeIndexElement(expr, table, run);
  for (const id of stored.columnIds) {
    if (columnById(table, id).computeExpr !== '') {
      throw notSupported('an index on an expression over a computed column');
    }
  }
  const known = table.columns.find(
    (column) => column.inaccessible && column.computeExpr === stored.text,
  );
  if (known !== undefined) return known;
  const { type } = stored.expr;
  if (type.family === 'unknown') {
    throw new SqlError(
      'invalidTableDefinition',
      `type of index element ${expr.text} is not indexable`,
    );
  }
  let name = 'crdb_internal_idx_expr';
  for (let i = 1; findColumn(table, name) !== undefined; i++) name = `crdb_internal_idx_expr_${i}`;
  return addColumn(table, {
    name,
    type,
    nullable: true,
    hidden: true,
    virtual: true,
    inaccessible: true,
    computeExpr: stored.text,
  });
}

export function refuseUnindexable(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  inverted: boolean,
  run: DdlRun,
): void {
  for (const [i, { name, descending }] of columns.entries()) {
    const column = requireColumn(table, name);
    const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
    const last = inverted && i === columns.length - 1;
    if (last && descending) {
      throw new SqlError(
        'featureNotSupported',
        'the last column in an inverted index cannot have the DESC option',
      );
    }
    if (last && !INVERTIBLE.has(type.family)) {
      throw new SqlError(
        'featureNotSupported',
        `column ${name} of type ${messageTypeName(type)} is not allowed as the last column in an inverted index`,
      );
    }
    if (!last && NOT_INDEXABLE.has(type.family)) {
      throw new SqlError(
        'featureNotSupported',
        column.inaccessible
          ? `index element ${column.computeExpr.replace(/:::[A-Z0-9]+\[\]/g, '')} is of type ${messageTypeName(type)} and thus is not indexable`
          : `column ${name} is of type ${messageTypeName(type)} and thus is not indexable`,
        { hint: 'see the documentation for more information about inverted indexes' },
      );
    }
  }
}

function isInverted(index: IndexDefinition): boolean {
  switch (index.body.method) {
    case null:
    case 'btree':
      return index.inverted;
    case 'gin':
    case 'gist':
      return true;
    case 'hash':
      throw notSupported('index using hash');
    default:
      throw new SqlError('undefinedObject', `unrecognized access method: ${index.body.method}`);
  }
}

/** Adds an index to the descriptor. */
export function declareIndex(
  table: TableDescriptor,
  index: IndexDefinition,
  createdExplicitly: boolean,
  run: DdlRun,
): IndexDescriptor {
  const columns = indexColumns(table, index.body, run);
  checkStorageParameters(index.body.parameters ?? [], 'index', run);
  const inverted = isInverted(index);
  if (inverted && index.unique) {
    throw new SqlError('syntaxError', "inverted indexes can't be unique");
  }
  if (inverted && index.body.storing.length > 0) {
    throw new SqlError('syntaxError', "inverted indexes don't support stored columns");
  }
  refuseUnindexable(table, columns, inverted, run);
  const { where } = index.body;
  const predicate = where === null ? undefined : storePredicate(where, table, run).text;
  const { buckets } = index.body;
  const shown = buckets === undefined ? columns : columns.slice(1);
  return addIndex(table, {
    name: index.name ?? indexName(table, shown, index.unique),
    unique: index.unique,
    inverted,
    columns,
    storing: index.body.storing,
    predicate,
    createdExplicitly,
    buckets,
  });
}
