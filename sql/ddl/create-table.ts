import { notSupported, SqlError } from '../../base/errors';
import { ConstraintValidity } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import {
  addCheck,
  addIndex,
  isNameUsed,
  markSharded,
  newTable,
  requireColumn,
  setFamilies,
  setPrimaryKey,
} from '../../catalog/table-builder';
import { allocateDescriptorIds } from '../../storage/ranges/id-allocator';
import type { TableLocality } from '../parse/alter-ast';
import type {
  ColumnDefinition,
  ConstraintDefinition,
  CreateTableStatement,
  DefinitionExpr,
  TableElement,
} from '../parse/ddl-ast';
import type { StatementContext } from '../statements/statement-context';
import { declareColumn, setExpressions } from './columns';
import { storeCheck } from './expressions';
import { familiesOf } from './families';
import { addRowid, makePhysicalTable } from './fill-table';
import { addForeignKey } from './foreign-keys';
import {
  declareIndex,
  declareUniqueWithoutIndex,
  primaryKeyColumns,
  refuseUnindexable,
} from './indexes';
import { withoutLikes } from './like-table';
import { qualified } from './qualifications';
import { type DdlRun, runDefinition } from './run';
import { declareLocality } from './set-locality';
import { shardColumn, shardExpression } from './shards';
import { checkStorageParameters } from './storage-parameters';
import { alreadyExists, newTarget } from './target';

/** CREATE TABLE. */
export async function createTable(
  statement: CreateTableStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.unsupported !== null) throw notSupported(statement.unsupported);
  if (statement.onCommit && !statement.temporary) {
    throw new SqlError('invalidTableDefinition', 'ON COMMIT can only be used on temporary tables');
  }
  return runDefinition('CREATE TABLE', context, (run) => {
    const target = newTarget(statement.name, run, statement.temporary);
    if (alreadyExists(target, statement.ifNotExists, run)) return;
    checkStorageParameters(statement.parameters, 'table', run);
    const table = newTable({
      ...target,
      id: allocateDescriptorIds(run.db, 1),
      owner: run.names.user,
    });
    table.temporary = target.temporary;
    run.add({ case: 'table', value: table });
    defineTable(table, withoutLikes(statement.elements, run), statement.locality, run);
    makePhysicalTable(table, run);
  });
}

function ofKind<K extends TableElement['kind']>(
  elements: readonly TableElement[],
  kind: K,
): Extract<TableElement, { kind: K }>[] {
  return elements.filter(
    (element): element is Extract<TableElement, { kind: K }> => element.kind === kind,
  );
}

/** Fills in everything but names and ids, in the order in which CockroachDB gives ids. */
function defineTable(
  table: TableDescriptor,
  elements: readonly TableElement[],
  locality: TableLocality | null,
  run: DdlRun,
): void {
  const columns = ofKind(elements, 'column');
  const constraints = ofKind(elements, 'constraint');
  const declared = columns.map((column) => {
    // The shards of a key that stands with its column come before it.
    const shards = qualified(column, 'primaryKey').flatMap(({ qualification: { hash } }) =>
      hash === null ? [] : [{ shard: shardColumn(table, [column.name], hash, run), hash }],
    );
    const declared = declareColumn(table, column, run);
    for (const { shard, hash } of shards) {
      shard.computeExpr = shardExpression(table, [column.name], hash);
    }
    return { column, declared };
  });
  const finishLocality = declareLocality(table, locality, run);
  definePrimaryKey(table, columns, constraints, run);
  for (const item of declared) setExpressions(table, item.column, item.declared, run);
  defineIndexes(table, elements, run);
  setFamilies(table, familiesOf(table, columns, ofKind(elements, 'family')));
  finishLocality();
  defineChecksAndKeys(table, columns, constraints, run);
}

/** Version of the index over the hidden rowid, as v21.2 writes it. */
const IMPLICIT_KEY_VERSION = 0;

function definePrimaryKey(
  table: TableDescriptor,
  columns: readonly ColumnDefinition[],
  constraints: readonly ConstraintDefinition[],
  run: DdlRun,
): void {
  const inline = columns.flatMap((column) =>
    qualified(column, 'primaryKey').map((item) => {
      const buckets = item.qualification.hash;
      const own = { name: column.name, descending: false };
      const shard = buckets === null ? [] : [shardColumn(table, [column.name], buckets, run)];
      const columns = [...shard.map(({ name }) => ({ name, descending: false })), own];
      return { name: item.name, columns, buckets: buckets ?? undefined };
    }),
  );
  const keys = constraints.flatMap((item) =>
    item.constraint.kind === 'primaryKey'
      ? [
          {
            name: item.name,
            columns: primaryKeyColumns(table, item.constraint.body, run),
            buckets: item.constraint.body.buckets,
          },
        ]
      : [],
  );
  const all = [...inline, ...keys];
  const [key] = all;
  if (all.length > 1) {
    throw new SqlError(
      'invalidTableDefinition',
      `multiple primary keys for table "${table.name}" are not allowed`,
    );
  }
  if (key === undefined) {
    const name = addRowid(table);
    setPrimaryKey(table, [{ name, descending: false }], 'primary', IMPLICIT_KEY_VERSION);
    return;
  }
  for (const { name } of key.columns) {
    const declaredNull = columns.some(
      (column) =>
        column.name === name &&
        qualified(column, 'nullable').some((item) => item.qualification.nullable),
    );
    if (declaredNull && inline.length === 0) continue;
    if (declaredNull) {
      throw new SqlError(
        'syntaxError',
        `conflicting NULL/NOT NULL declarations for column "${name}"`,
      );
    }
    if (requireColumn(table, name).virtual) throw notSupported('a virtual column in a primary key');
  }
  refuseUnindexable(table, key.columns, false, run);
  setPrimaryKey(table, key.columns, key.name ?? undefined);
  if (key.buckets !== undefined && table.primaryIndex !== undefined) {
    markSharded(table.primaryIndex, key.buckets);
  }
}

/** Inline UNIQUE first, then the elements in their order. */
function defineIndexes(
  table: TableDescriptor,
  elements: readonly TableElement[],
  run: DdlRun,
): void {
  for (const column of ofKind(elements, 'column')) {
    for (const { name, qualification } of qualified(column, 'unique')) {
      const columns = [{ name: column.name, descending: false }];
      if (qualification.withoutIndex) {
        const element = { name: column.name, expr: null, operatorClass: null, descending: false };
        declareUniqueWithoutIndex(table, name, { columns: [element], where: null }, run);
        continue;
      }
      refuseUnindexable(table, columns, false, run);
      addIndex(table, {
        name: name ?? undefined,
        unique: true,
        inverted: false,
        columns,
        storing: [],
        predicate: undefined,
        createdExplicitly: false,
      });
    }
  }
  for (const element of elements) {
    if (element.kind === 'index') declareIndex(table, element, false, run);
    if (element.kind !== 'constraint' || element.constraint.kind !== 'unique') continue;
    const { name, constraint } = element;
    if (constraint.withoutIndex) {
      declareUniqueWithoutIndex(table, name, constraint.body, run);
      continue;
    }
    const index = {
      kind: 'index',
      name,
      unique: true,
      inverted: false,
      body: constraint.body,
    } as const;
    declareIndex(table, index, false, run);
  }
}

/** Those of the table in their order, then those that stand with columns. */
function defineChecksAndKeys(
  table: TableDescriptor,
  columns: readonly ColumnDefinition[],
  constraints: readonly ConstraintDefinition[],
  run: DdlRun,
): void {
  for (const { name, constraint } of constraints) {
    if (constraint.kind === 'check') declareCheck(table, name, constraint.expr, run);
    if (constraint.kind === 'foreignKey') {
      const key = { ...constraint, name: name ?? undefined };
      addForeignKey(table, key, ConstraintValidity.Validated, run);
    }
  }
  for (const column of columns) {
    for (const { name, qualification } of qualified(column, 'check')) {
      declareCheck(table, name, qualification.expr, run);
    }
    for (const { name, qualification } of qualified(column, 'references')) {
      const { references } = qualification;
      const key = { name: name ?? undefined, columns: [column.name], references };
      addForeignKey(table, key, ConstraintValidity.Validated, run);
    }
  }
}

/** @throws SqlError duplicateObject (42710) */
export function declareCheck(
  table: TableDescriptor,
  name: string | null,
  expr: DefinitionExpr,
  run: DdlRun,
) {
  const stored = storeCheck(expr, table, run);
  if (name !== null && isNameUsed(table, name)) {
    throw new SqlError('duplicateObject', `duplicate constraint name: "${name}"`);
  }
  return addCheck(table, name ?? undefined, stored.text, stored.columnIds);
}
