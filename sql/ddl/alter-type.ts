import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import { USER_TYPE_OID_BASE } from '../../catalog/constants';
import {
  type TypeDescriptor,
  TypeDescriptor_EnumMemberSchema,
  TypeDescriptor_Kind,
} from '../../catalog/descriptor/gen/descriptor_pb';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { quoteLiteral } from '../../catalog/identifiers';
import { rewriteReferences } from '../../catalog/stored-expression';
import { type StoredText, storedTexts } from '../../catalog/stored-texts';
import { arrayElements } from '../../catalog/types/array';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { bytesBetween } from '../../catalog/types/spread-bytes';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import { quoteName } from '../../storage/ranges/physical-table';
import type { AlterTypeAction, AlterTypeStatement } from '../parse/alter-ast';
import type { QualifiedName } from '../parse/ast';
import { refuseUnsafe } from '../session/safe-updates';
import type { StatementContext } from '../statements/statement-context';
import { type DdlRun, runDefinition } from './run';
import { columnUse, usersOfType } from './type-uses';
import { rowText } from './validate-rows';

/** ALTER TYPE … ADD, RENAME and DROP VALUE. Rows keep the bytes they have: only the catalog knows labels. */
export async function alterType(
  statement: AlterTypeStatement,
  context: StatementContext,
): Promise<string> {
  const { action } = statement;
  if (action.kind === 'dropValue') {
    refuseUnsafe(
      'DROP VALUE is may cause view/default/computed expressions to stop working if the enum label is used inside them',
      context,
    );
  }
  return runDefinition('ALTER TYPE', context, (run) => {
    const type = requireEnum(statement.name, run);
    run.requireOwnership(type.id);
    if (action.kind === 'addValue') addValue(type, action, run);
    else if (action.kind === 'renameValue') renameValue(type, action.from, action.to, run);
    else dropValue(type, action.label, run);
  });
}

/** @throws SqlError undefinedObject (42704), wrongObjectType (42809) for the types of arrays */
export function findEnum(name: QualifiedName, run: DdlRun): TypeDescriptor | undefined {
  const found = run.bindContext().catalog.resolveType(name.parts);
  if (found === undefined) return undefined;
  if (found.element !== undefined || found.enum === undefined) {
    throw new SqlError(
      'wrongObjectType',
      `"${name.parts.at(-1) ?? ''}" is an implicit array type and cannot be modified`,
    );
  }
  const type = run.type(found.enum.id);
  if (type.kind !== TypeDescriptor_Kind.MULTIREGION_ENUM) return type;
  throw new SqlError(
    'wrongObjectType',
    `"${type.name}" is a multi-region enum and can't be modified using the alter type command`,
    { hint: 'try adding/removing the region using ALTER DATABASE' },
  );
}

/** @throws SqlError undefinedObject (42704), wrongObjectType (42809) */
export function requireEnum(name: QualifiedName, run: DdlRun): TypeDescriptor {
  const type = findEnum(name, run);
  if (type !== undefined) return type;
  throw new SqlError('undefinedObject', `type "${name.parts.join('.')}" does not exist`);
}

function addValue(
  type: TypeDescriptor,
  action: Extract<AlterTypeAction, { kind: 'addValue' }>,
  run: DdlRun,
): void {
  const members = type.enumMembers;
  const { label, placement } = action;
  if (members.some((member) => member.logicalRepresentation === label)) {
    const message = `enum value "${label}" already exists`;
    if (!action.ifNotExists) throw new SqlError('duplicateObject', message);
    run.notice({ severity: 'NOTICE', code: '00000', message: `${message}, skipping` });
    return;
  }
  let after = members.length - 1;
  if (placement !== null) {
    after = members.findIndex((member) => member.logicalRepresentation === placement.label);
    if (after < 0) {
      throw new SqlError(
        'invalidParameterValue',
        `"${placement.label}" is not an existing enum value`,
      );
    }
    if (placement.before) after--;
  }
  const bound = (index: number): number[] => [...(members[index]?.physicalRepresentation ?? [])];
  members.splice(
    after + 1,
    0,
    create(TypeDescriptor_EnumMemberSchema, {
      logicalRepresentation: label,
      physicalRepresentation: Uint8Array.from(bytesBetween(bound(after), bound(after + 1))),
    }),
  );
}

function renameValue(type: TypeDescriptor, from: string, to: string, run: DdlRun): void {
  const member = type.enumMembers.find((other) => other.logicalRepresentation === from);
  if (type.enumMembers.some((other) => other !== member && other.logicalRepresentation === to)) {
    throw new SqlError('duplicateObject', `enum value ${to} already exists`);
  }
  if (member === undefined) {
    throw new SqlError('invalidParameterValue', `${from} is not an existing enum value`);
  }
  refuseUnboundViews(type, from, run);
  member.logicalRepresentation = to;
}

/** Our own views keep labels as their author wrote them. */
function refuseUnboundViews(type: TypeDescriptor, label: string, run: DdlRun): void {
  for (const entry of run.catalog.entries()) {
    const table = entry.kind === 'table' ? run.peekTable(entry.id) : undefined;
    if (table === undefined || table.parentId !== type.parentId) continue;
    if (!table.viewQuery.includes(quoteLiteral(label)) || !seesType(table, type, run)) continue;
    throw notSupported(
      `changing the enum value ${quoteLiteral(label)}, which view "${table.name}" may name,`,
      'Drop the view first and make it again afterwards.',
    );
  }
}

function seesType(view: TableDescriptor, type: TypeDescriptor, run: DdlRun): boolean {
  if (view.viewQuery.includes(type.name)) return true;
  return view.dependsOn.some((id) =>
    run.peekTable(id)?.columns.some((column) => columnUse(column, type.id) !== undefined),
  );
}

/** @throws SqlError undefinedObject (42704), dependentObjectsStillExist (2BP01) */
export function dropValue(type: TypeDescriptor, label: string, run: DdlRun): void {
  const member = type.enumMembers.find((other) => other.logicalRepresentation === label);
  if (member === undefined) {
    throw new SqlError('undefinedObject', `enum value "${label}" does not exist`);
  }
  refuseUnboundViews(type, label, run);
  for (const table of usersOfType(type, run)) {
    refuseNamed(table, type, member.physicalRepresentation, label);
    for (const column of table.columns) refuseStored(table, column, type, label, run);
  }
  type.enumMembers = type.enumMembers.filter((other) => other !== member);
}

const PLACES: { readonly [K in StoredText['kind']]: string } = {
  default: 'a default expresion of',
  onUpdate: 'an ON UPDATE expression of',
  computed: 'a computed column of',
  check: 'a check constraint of',
  predicate: 'a predicate index of table',
  view: 'view',
};

/** @throws SqlError dependentObjectsStillExist (2BP01) when an expression names the value */
function refuseNamed(
  table: TableDescriptor,
  type: TypeDescriptor,
  physical: Uint8Array,
  label: string,
): void {
  for (const stored of storedTexts(table)) {
    let found = false;
    rewriteReferences(stored.text, {
      enumValue(bytes, oid) {
        const same = Buffer.compare(bytes, physical) === 0;
        found ||= same && oid === type.id + USER_TYPE_OID_BASE;
        return undefined;
      },
    });
    if (!found) continue;
    throw new SqlError(
      'dependentObjectsStillExist',
      `could not remove enum value "${label}" as it is being used in ${PLACES[stored.kind]} "${table.name}"`,
    );
  }
}

/** @throws SqlError dependentObjectsStillExist (2BP01) when a row holds the value */
function refuseStored(
  table: TableDescriptor,
  column: ColumnDescriptor,
  type: TypeDescriptor,
  label: string,
  run: DdlRun,
): void {
  const use = columnUse(column, type.id);
  if (use === undefined || column.virtual || table.viewQuery !== '') return;
  const holds = holdingRow(table, column, type, label, run);
  if (holds === undefined) return;
  const message =
    use === 'array'
      ? `could not remove enum value "${label}" as it is being used by table "${run.catalog.databaseName(table.parentId)}.${run.catalog.schemaName(table.unexposedParentSchemaId)}.${table.name}"`
      : `could not remove enum value "${label}" as it is being used by "${table.name}" in row: ${holds}`;
  throw new SqlError('dependentObjectsStillExist', message);
}

/** `id=1, c=2` of the first row whose column holds the label. */
function holdingRow(
  table: TableDescriptor,
  column: ColumnDescriptor,
  type: TypeDescriptor,
  label: string,
  run: DdlRun,
): string | undefined {
  const stored = table.columns.filter((other) => !other.virtual);
  const names = stored.map((other) => quoteName(sqliteColumnName(other.id)));
  const at = stored.indexOf(column);
  const physical =
    type.enumMembers.find((member) => member.logicalRepresentation === label)
      ?.physicalRepresentation ?? new Uint8Array();
  const isArray = columnUse(column, type.id) === 'array';
  const where = isArray ? `${names[at] ?? ''} IS NOT NULL` : `${names[at] ?? ''} = ?`;
  const sql = `SELECT ${names.join(', ')} FROM ${quoteName(sqliteTableName(table.id))} WHERE ${where}`;
  const statement = run.db.prepare(sql).raw(true).safeIntegers(true);
  const parameters = isArray ? [] : [physical];
  const typeOf = (other: ColumnDescriptor) =>
    typeFromMessage(other.type ?? {}, (id) => run.catalog.enumMetadata(id));
  for (const row of statement.iterate(...parameters) as Iterable<Repr[]>) {
    if (isArray && !hasElement(typeOf(column), row[at] ?? null, physical)) continue;
    return rowText(stored, row, run);
  }
  return undefined;
}

function hasElement(type: SqlType, value: Repr, physical: Uint8Array): boolean {
  if (!(value instanceof Uint8Array)) return false;
  return arrayElements(type, value).some(
    (element) => element instanceof Uint8Array && Buffer.compare(element, physical) === 0,
  );
}
