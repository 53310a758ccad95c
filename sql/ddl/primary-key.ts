import { clone } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { IndexDescriptorSchema } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { changePrimaryKey, hasImplicitKey } from '../../catalog/primary-key';
import { isNameUsed, requireColumn } from '../../catalog/table-builder';
import type { IndexBody } from '../parse/ddl-ast';
import { dropKeysNeeding, noticeReclaimed } from './alter-indexes';
import { primaryKeyColumns, refuseUnindexable } from './indexes';
import { rebuildTable } from './rebuild-table';
import type { DdlRun } from './run';
import { validateUnique } from './validate-rows';

/** ALTER PRIMARY KEY, and DROP CONSTRAINT of a primary key with ADD PRIMARY KEY in the same statement. */

/** Tables whose key a statement has dropped and not yet given back. */
const keyless = new WeakMap<DdlRun, Set<number>>();

export function dropPrimaryKey(table: TableDescriptor, cascade: boolean, run: DdlRun): void {
  const { primaryIndex } = table;
  if (primaryIndex !== undefined) dropKeysNeeding(table, primaryIndex, cascade, run);
  const known = keyless.get(run) ?? new Set();
  keyless.set(run, known.add(table.id));
}

/** @throws SqlError featureNotSupported (0A000) when the statement leaves the table without a key */
export function requireKey(table: TableDescriptor, run: DdlRun): void {
  if (keyless.get(run)?.has(table.id) !== true) return;
  throw new SqlError(
    'featureNotSupported',
    `unimplemented: primary key of table ${table.name} dropped without subsequent addition of new primary key`,
    { hint: 'Give the new key in the same statement: DROP CONSTRAINT …, ADD PRIMARY KEY (…).' },
  );
}

/** @throws SqlError invalidTableDefinition (42P16) when there is a key that was named */
export function addPrimaryKey(
  table: TableDescriptor,
  name: string | null,
  body: IndexBody,
  run: DdlRun,
): void {
  const dropped = keyless.get(run)?.has(table.id) === true;
  if (!dropped && !hasImplicitKey(table)) {
    throw new SqlError(
      'invalidTableDefinition',
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  }
  if (name !== null && name !== table.primaryIndex?.name && isNameUsed(table, name)) {
    throw new SqlError('duplicateRelation', `index with name "${name}" already exists`);
  }
  setKey(table, name ?? undefined, body, !dropped, run);
  keyless.get(run)?.delete(table.id);
}

export function alterPrimaryKey(table: TableDescriptor, body: IndexBody, run: DdlRun): void {
  setKey(table, undefined, body, true, run);
}

/** While rows are checked the key goes by this name, as in CockroachDB. */
const NAME_WHILE_BUILT = 'new_primary_key';

function setKey(
  table: TableDescriptor,
  name: string | undefined,
  body: IndexBody,
  keepOld: boolean,
  run: DdlRun,
): void {
  if (body.buckets !== undefined) {
    throw notSupported('ALTER PRIMARY KEY … USING HASH', 'Create the table with such a key.');
  }
  const columns = primaryKeyColumns(table, body, run);
  for (const column of columns) refuseColumn(table, column.name);
  const repeated = columns.find((column, i) =>
    columns.some((other, j) => j < i && other.name === column.name),
  );
  if (repeated !== undefined) {
    throw new SqlError(
      'invalidTableDefinition',
      `index "primary" contains duplicate column "${repeated.name}"`,
    );
  }
  refuseUnindexable(table, columns, false, run);
  const keepsOld = keepOld && !hasImplicitKey(table);
  changePrimaryKey(table, columns, name, keepsOld);
  const key = table.primaryIndex;
  if (key !== undefined) {
    const checked = clone(IndexDescriptorSchema, key);
    checked.name = NAME_WHILE_BUILT;
    validateUnique(table, checked, run);
  }
  rebuildTable(table, run);
  noticeReclaimed(run);
}

/** @throws SqlError undefinedColumn (42703), invalidSchemaDefinition (42P15) */
function refuseColumn(table: TableDescriptor, name: string): void {
  const column = requireColumn(table, name);
  if (column.nullable) {
    throw new SqlError(
      'invalidSchemaDefinition',
      `cannot use nullable column "${name}" in primary key`,
    );
  }
  if (!column.virtual) return;
  throw new SqlError('featureNotSupported', `cannot use virtual column "${name}" in primary key`);
}
