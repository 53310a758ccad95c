import { notSupported, SqlError } from '../../base/errors';
import { ConstraintValidity } from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { isNameUsed } from '../../catalog/table-builder';
import type { AlterTableCommand, ConstraintDefinition } from '../parse/ddl-ast';
import { buildIndex, dropUniqueWithoutIndex } from './alter-indexes';
import { declareCheck } from './create-table';
import { addForeignKey, removeForeignKey } from './foreign-keys';
import { declareIndex } from './indexes';
import { addPrimaryKey, dropPrimaryKey } from './primary-key';
import type { DdlRun } from './run';
import { validateCheck, validateForeignKey } from './validate-rows';

/** ALTER TABLE … ADD, DROP, RENAME and VALIDATE CONSTRAINT. */

type Command<K extends AlterTableCommand['kind']> = Extract<AlterTableCommand, { kind: K }>;

export function addConstraint(
  table: TableDescriptor,
  command: Command<'addConstraint'>,
  run: DdlRun,
): void {
  const { name, constraint } = command.constraint;
  if (name !== null && isNameUsed(table, name) && command.ifNotExists) {
    run.notice({
      severity: 'NOTICE',
      code: '42710',
      message: `constraint "${name}" of relation "${table.name}" already exists, skipping`,
    });
    return;
  }
  const validity = command.notValid ? ConstraintValidity.Unvalidated : ConstraintValidity.Validated;
  switch (constraint.kind) {
    case 'check': {
      const check = declareCheck(table, name, constraint.expr, run);
      check.validity = validity;
      if (!command.notValid) validateCheck(table, check, run);
      return;
    }
    case 'foreignKey': {
      const key = addForeignKey(table, { ...constraint, name: name ?? undefined }, validity, run);
      if (!command.notValid) validateForeignKey(key, run);
      return;
    }
    case 'unique':
      addUnique(table, name, constraint, run);
      return;
    case 'primaryKey':
      addPrimaryKey(table, name, constraint.body, run);
      return;
  }
}

function addUnique(
  table: TableDescriptor,
  name: string | null,
  constraint: Extract<ConstraintDefinition['constraint'], { kind: 'unique' }>,
  run: DdlRun,
): void {
  if (constraint.withoutIndex) throw notSupported('UNIQUE WITHOUT INDEX');
  const index = {
    kind: 'index',
    name,
    unique: true,
    inverted: false,
    body: constraint.body,
  } as const;
  buildIndex(table, declareIndex(table, index, false, run), run);
}

export function dropConstraint(
  table: TableDescriptor,
  command: Command<'dropConstraint'>,
  run: DdlRun,
): void {
  const { name } = command;
  const key = table.outboundFks.find((other) => other.name === name);
  const check = table.checks.find((other) => other.name === name);
  const index = table.indexes.find((other) => other.name === name && other.unique);
  const unique = table.uniqueWithoutIndexConstraints.find((other) => other.name === name);
  const cascade = command.behavior === 'cascade';
  if (check !== undefined) table.checks = table.checks.filter((other) => other !== check);
  else if (key !== undefined) removeForeignKey(key, run);
  else if (unique !== undefined) dropUniqueWithoutIndex(table, unique, cascade, run);
  else if (index !== undefined) {
    throw new SqlError(
      'featureNotSupported',
      `unimplemented: cannot drop UNIQUE constraint "${name}" using ALTER TABLE DROP CONSTRAINT, use DROP INDEX CASCADE instead`,
    );
  } else if (table.primaryIndex?.name === name) {
    dropPrimaryKey(table, cascade, run);
  } else if (!command.ifExists) {
    throw new SqlError(
      'undefinedObject',
      `constraint "${name}" of relation "${table.name}" does not exist`,
    );
  }
}

/** @throws SqlError checkViolation (23514), foreignKeyViolation (23503), undefinedObject (42704) */
export function validateConstraint(table: TableDescriptor, name: string, run: DdlRun): void {
  const check = table.checks.find((other) => other.name === name);
  const key = table.outboundFks.find((other) => other.name === name);
  if (check !== undefined) {
    if (check.validity === ConstraintValidity.Validated) return;
    validateCheck(table, check, run);
    check.validity = ConstraintValidity.Validated;
  } else if (key !== undefined) {
    if (key.validity === ConstraintValidity.Validated) return;
    validateForeignKey(key, run);
    for (const side of bothSides(table, key.referencedTableId, name, run)) {
      side.validity = ConstraintValidity.Validated;
    }
  } else if (isNameUsed(table, name)) {
    throw new SqlError(
      'wrongObjectType',
      `constraint "${name}" of relation "${table.name}" is not a foreign key, check, or unique without index constraint`,
    );
  } else {
    throw new SqlError(
      'undefinedObject',
      `constraint "${name}" of relation "${table.name}" does not exist`,
    );
  }
}

/** A foreign key as its own table and as the one it refers to has it. */
function bothSides(table: TableDescriptor, referencedTableId: number, name: string, run: DdlRun) {
  const target = run.tableIfKept(referencedTableId);
  return [
    ...table.outboundFks.filter((key) => key.name === name),
    ...(target?.inboundFks ?? []).filter(
      (key) => key.name === name && key.originTableId === table.id,
    ),
  ];
}

export function renameConstraint(
  table: TableDescriptor,
  from: string,
  to: string,
  run: DdlRun,
): void {
  const indexes = table.primaryIndex === undefined ? [] : [table.primaryIndex];
  const key = table.outboundFks.find((other) => other.name === from);
  const found =
    [...indexes, ...table.indexes].find((other) => other.name === from && other.unique) ??
    table.checks.find((check) => check.name === from) ??
    table.uniqueWithoutIndexConstraints.find((unique) => unique.name === from);
  if (found === undefined && key === undefined) {
    throw new SqlError('undefinedObject', `constraint "${from}" does not exist`);
  }
  if (from === to) return;
  if (isNameUsed(table, to)) {
    throw new SqlError('duplicateObject', `duplicate constraint name: "${to}"`);
  }
  if (found !== undefined) found.name = to;
  else if (key !== undefined) {
    for (const side of bothSides(table, key.referencedTableId, from, run)) side.name = to;
  }
}
