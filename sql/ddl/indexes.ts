import { notSupported, SqlError } from '../../base/errors';
import type { IndexDescriptor } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { addIndex, type NewIndexColumn, requireColumn } from '../../catalog/table-builder';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { messageTypeName } from '../../catalog/types/type-name';
import type { IndexBody, IndexDefinition } from '../parse/ddl-ast';
import { storePredicate } from './expressions';
import type { DdlRun } from './run';
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

/** @throws SqlError featureNotSupported (0A000) for what is known and not done */
export function indexColumns(body: IndexBody): NewIndexColumn[] {
  if (body.unsupported !== null) throw notSupported(body.unsupported);
  if (body.buckets !== undefined) throw notSupported('USING HASH');
  return body.columns.map((column) => {
    if (column.name === null) throw notSupported('an index on an expression');
    return { name: column.name, descending: column.descending };
  });
}

export function refuseUnindexable(
  table: TableDescriptor,
  columns: readonly NewIndexColumn[],
  inverted: boolean,
  run: DdlRun,
): void {
  for (const [i, { name }] of columns.entries()) {
    const column = requireColumn(table, name);
    const type = typeFromMessage(column.type ?? {}, (id) => run.catalog.enumMetadata(id));
    const last = inverted && i === columns.length - 1;
    if (last && !INVERTIBLE.has(type.family)) {
      throw new SqlError(
        'featureNotSupported',
        `column ${name} of type ${messageTypeName(type)} is not allowed as the last column in an inverted index`,
      );
    }
    if (!last && NOT_INDEXABLE.has(type.family)) {
      throw new SqlError(
        'featureNotSupported',
        `column ${name} is of type ${messageTypeName(type)} and thus is not indexable`,
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
      throw notSupported('USING HASH');
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
  const columns = indexColumns(index.body);
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
  return addIndex(table, {
    name: index.name ?? undefined,
    unique: index.unique,
    inverted,
    columns,
    storing: index.body.storing,
    predicate,
    createdExplicitly,
  });
}
