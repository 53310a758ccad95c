import { isFieldSet } from '@bufbuild/protobuf';
import {
  ColumnDescriptorSchema,
  DescriptorMutation_Direction,
  DescriptorMutation_State,
  type TableDescriptor,
} from '../../../catalog/descriptor/gen/table_pb';
import { type ColumnType, ColumnTypeSchema, Family } from '../../../catalog/descriptor/gen/type_pb';
import { columnsIn } from './expression-rules';
import { indexProblems } from './index-rules';
import { allColumns, isEmptyButSet, type Problems, sameIds } from './problems';

/** What CockroachDB checks of one table alone when it reads it (v21.1 and v21.2), and what it would misread without a word. */

export function tableProblems(table: TableDescriptor, problems: Problems): void {
  const about = `table ${table.name}`;
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `${about}: ${line}`);
  check(table.name !== '' && table.id > 0 && table.parentId > 0, 'name, id and parent');
  check(table.formatVersion === 3, `format_version ${table.formatVersion}`);
  check(table.unexposedParentSchemaId > 0, 'schema');
  check(table.state === 0 && table.offlineReason === '', 'is not public');
  check(!table.temporary, 'is temporary');
  check(
    table.dependsOn.length === 0 || table.viewQuery !== '',
    'depends on others, and is no view',
  );
  check(table.drainingNames.length === 0, 'has names that are draining');
  check(
    table.localityConfig === undefined || table.localityConfig.locality.case !== undefined,
    'empty locality',
  );
  columnProblems(table, problems);
  mutationProblems(table, problems);
  const isView = table.viewQuery !== '' && !table.isMaterializedView;
  if (isView) {
    check(
      table.families.length === 0 && table.indexes.length === 0,
      'a view with families or indexes',
    );
    return;
  }
  familyProblems(table, problems);
  if (table.sequenceOpts !== undefined) {
    sequenceProblems(table, problems);
    return;
  }
  check(table.columns.length > 0, 'no columns');
  indexProblems(table, problems);
  constraintProblems(table, problems);
}

const SYSTEM_COLUMNS = new Set(['crdb_internal_mvcc_timestamp', 'tableoid']);

function columnProblems(table: TableDescriptor, problems: Problems): void {
  const columns = allColumns(table);
  const { field } = ColumnDescriptorSchema;
  problems.unique(
    columns.map(({ name }) => name),
    `table ${table.name}: column`,
  );
  problems.unique(
    columns.map(({ id }) => id),
    `table ${table.name}: column id`,
  );
  for (const column of columns) {
    const about = `column ${table.name}.${column.name}`;
    const check = (condition: boolean, line: string) =>
      problems.check(condition, `${about}: ${line}`);
    check(column.name !== '' && column.id > 0, 'name and id');
    const isCounted = table.sequenceOpts === undefined && table.viewQuery === '';
    check(
      !isCounted || column.id < table.nextColumnId,
      `id ${column.id}, next ${table.nextColumnId}`,
    );
    for (const text of [
      field.defaultExpr,
      field.computeExpr,
      field.onUpdateExpr,
      field.generatedAsIdentitySequenceOption,
    ]) {
      check(!isEmptyButSet(column, text), `${text.name} is there and empty`);
    }
    const isComputed = column.computeExpr !== '';
    check(!isComputed || column.defaultExpr === '', 'computed and with a default');
    check(!isComputed || column.onUpdateExpr === '', 'computed and with ON UPDATE');
    check(!column.virtual || isComputed, 'virtual and not computed');
    check(!SYSTEM_COLUMNS.has(column.name), 'has the name of a system column');
    const computed = columns.filter(({ computeExpr }) => computeExpr !== '').map((c) => c.name);
    check(
      !isComputed || columnsIn(column.computeExpr).every((name) => !computed.includes(name)),
      'computed from a computed column',
    );
    check(!column.inaccessible, 'v21.2 refuses it hidden too, and early releases would show it');
    check(column.generatedAsIdentityType === 0 || !column.nullable, 'identity and nullable');
    if (column.type === undefined) check(false, 'no type');
    else typeProblems(column.type, about, problems);
  }
}

/** `visible_type` by OID, for the families that are told apart by it. */
const VISIBLE: Readonly<Record<number, number>> = { 700: 5, 1043: 7, 1042: 8, 18: 9, 1562: 10 };
const SPELLED: ReadonlySet<number> = new Set([
  Family.FloatFamily,
  Family.StringFamily,
  Family.CollatedStringFamily,
  Family.BitFamily,
]);

/** The stored form: what is read of it is in comments of format reference 05 §9. */
export function typeProblems(type: ColumnType, about: string, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `${about}: ${line}`);
  const { family, oid, visibleType, arrayContents } = type;
  check(oid > 0, 'a type without an OID');
  if (SPELLED.has(family)) {
    check(visibleType === (VISIBLE[oid] ?? 0), `visible_type ${visibleType} of OID ${oid}`);
  } else if (family !== Family.ArrayFamily) check(visibleType === 0, `visible_type ${visibleType}`);
  check(
    family !== Family.IntFamily || [16, 32, 64].includes(type.width),
    `INT of width ${type.width}`,
  );
  check(family !== Family.StringFamily || oid !== 19, 'NAME is of a family of its own');
  check(
    (family === Family.CollatedStringFamily) === (type.locale !== '') ||
      family === Family.ArrayFamily,
    'locale',
  );
  check((family === Family.EnumFamily) === (type.udtMetadata !== undefined), 'udt_metadata');
  check(family !== Family.EnumFamily || oid > 100_000, 'OID of an enum');
  check(
    family !== Family.DecimalFamily || type.width <= type.precision,
    `scale ${type.width} of precision ${type.precision}`,
  );
  check(arrayContents?.family !== Family.JsonFamily, 'an array of JSON');
  check(
    !(type.precision > 0 && isTime(family)) || type.timePrecisionIsSet,
    'time_precision_is_set',
  );
  if (family !== Family.ArrayFamily) return;
  check(arrayContents !== undefined, 'an array without contents');
  check(isFieldSet(type, ColumnTypeSchema.field.arrayElemType), 'array_elem_type');
  if (arrayContents === undefined) return;
  const named =
    arrayContents.family === Family.LegacyNameFamily ? Family.StringFamily : arrayContents.family;
  check(type.arrayElemType === named, `array_elem_type ${type.arrayElemType}`);
  check(
    type.width === arrayContents.width && type.visibleType === arrayContents.visibleType,
    'width of the elements',
  );
  typeProblems(arrayContents, about, problems);
}

const isTime = (family: number): boolean =>
  [Family.TimeFamily, Family.TimeTZFamily, Family.TimestampFamily, Family.TimestampTZFamily].some(
    (each) => each === family,
  );

function familyProblems(table: TableDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `table ${table.name}: ${line}`);
  const { families } = table;
  const columns = allColumns(table);
  check(families[0]?.id === 0, 'the first family is not 0');
  check(
    families.every(({ id }, i) => i === 0 || id > (families[i - 1]?.id ?? 0)),
    'families are not in the order of their ids',
  );
  problems.unique(
    families.map(({ id }) => id),
    `table ${table.name}: family`,
  );
  problems.unique(
    families.map(({ name }) => name),
    `table ${table.name}: family`,
  );
  for (const family of families) {
    check(family.name !== '', 'a family without a name');
    check(
      table.sequenceOpts !== undefined || family.id < table.nextFamilyId,
      `family ${family.id}, next ${table.nextFamilyId}`,
    );
    check(
      family.columnIds.length === family.columnNames.length,
      `columns of family ${family.name}`,
    );
    for (const [i, id] of family.columnIds.entries()) {
      const column = columns.find((each) => each.id === id);
      check(
        column?.name === family.columnNames[i],
        `family ${family.name}: column ${id} is ${column?.name}`,
      );
    }
    // It may name a column that has been dropped.
    check(
      family.defaultColumnId < table.nextColumnId || table.nextColumnId === 0,
      `family ${family.name}: default column`,
    );
  }
  const listed = families.flatMap(({ columnIds }) => columnIds);
  const stored = columns.filter(({ virtual }) => !virtual).map(({ id }) => id);
  check(sameIds(listed, stored), `columns ${stored} are in families as ${listed}`);
}

function mutationProblems(table: TableDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `table ${table.name}: ${line}`);
  for (const { mutationId, state, direction, descriptor } of table.mutations) {
    check(
      mutationId > 0 && mutationId < table.nextMutationId,
      `mutation ${mutationId}, next ${table.nextMutationId}`,
    );
    check(
      state !== DescriptorMutation_State.UNKNOWN && direction !== DescriptorMutation_Direction.NONE,
      'state of a mutation',
    );
    check(descriptor.case !== undefined, 'an empty mutation');
  }
  const swaps = table.mutations.findIndex(
    ({ descriptor: { case: kind } }) => kind === 'primaryKeySwap' || kind === 'computedColumnSwap',
  );
  check(swaps < 0 || swaps === table.mutations.length - 1, 'changes after one of the primary key');
  for (const { mutationId } of table.mutationJobs) {
    check(
      table.mutations.some((each) => each.mutationId === mutationId),
      `job of mutation ${mutationId}`,
    );
  }
}

function sequenceProblems(table: TableDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `sequence ${table.name}: ${line}`);
  const { sequenceOpts: options, columns, primaryIndex } = table;
  check(columns.length === 1 && columns[0]?.name === 'value' && columns[0].id === 1, 'columns');
  check(primaryIndex?.id === 1 && sameIds(primaryIndex.keyColumnIds, [1]), 'primary index');
  if (options === undefined) return;
  const { increment, minValue, maxValue, start } = options;
  check(
    increment !== 0n && minValue < maxValue && minValue <= start && start <= maxValue,
    'bounds',
  );
}

function constraintProblems(table: TableDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `table ${table.name}: ${line}`);
  const ids = allColumns(table).map(({ id }) => id);
  const areHere = (of: readonly number[]) => of.length > 0 && of.every((id) => ids.includes(id));
  const {
    checks,
    outboundFks,
    uniqueWithoutIndexConstraints: uniques,
    primaryIndex,
    indexes,
  } = table;
  problems.unique(
    [
      ...checks,
      ...outboundFks,
      ...uniques,
      ...indexes.filter(({ unique }) => unique),
      ...(primaryIndex === undefined ? [] : [primaryIndex]),
    ].map(({ name }) => name),
    `table ${table.name}: constraint`,
  );
  for (const { name, expr, columnIds, validity } of checks) {
    check(name !== '' && expr !== '', `check ${name}`);
    check(columnIds.length === 0 || areHere(columnIds), `check ${name}: columns ${columnIds}`);
    check(
      columnIds.join() === [...new Set(columnIds)].sort((a, b) => a - b).join(),
      `check ${name}: order of its columns`,
    );
    const named = columnsIn(expr).map(
      (column) => table.columns.find((each) => each.name === column)?.id ?? 0,
    );
    check(
      sameIds(columnIds, [...new Set(named)]),
      `check ${name}: columns ${columnIds}, not ${named}`,
    );
    check(validity <= 2, `check ${name}: validity`);
  }
  for (const { name, columnIds, tableId } of uniques) {
    check(name !== '' && tableId === table.id && areHere(columnIds), `unique ${name}`);
  }
  for (const key of outboundFks) {
    check(key.originTableId === table.id, `foreign key ${key.name}: its table`);
    check(areHere(key.originColumnIds), `foreign key ${key.name}: columns`);
    check(
      key.originColumnIds.length === key.referencedColumnIds.length,
      `foreign key ${key.name}: pairs`,
    );
  }
  for (const key of table.inboundFks) {
    check(
      key.referencedTableId === table.id && areHere(key.referencedColumnIds),
      `foreign key ${key.name} onto it`,
    );
  }
}
