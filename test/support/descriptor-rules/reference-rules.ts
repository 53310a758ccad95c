import {
  type Descriptor,
  type TypeDescriptor,
  TypeDescriptor_Kind,
} from '../../../catalog/descriptor/gen/descriptor_pb';
import type {
  ForeignKeyConstraint,
  TableDescriptor,
} from '../../../catalog/descriptor/gen/table_pb';
import type { ColumnType } from '../../../catalog/descriptor/gen/type_pb';
import { expressionProblems, tableExpressions, typesIn } from './expression-rules';
import { userTypes } from './object-rules';
import { type Problems, sameIds } from './problems';
import { regionProblems } from './region-rules';

/** What descriptors say of each other: each reference has its counterpart. Those to what a backup of tables lacks have none. */

export class Descriptors {
  readonly problems: Problems;
  readonly all: ReadonlyMap<number, Descriptor['union']>;
  private readonly completeDbs: ReadonlySet<number>;

  constructor(
    descriptors: readonly Descriptor[],
    completeDbs: readonly number[],
    problems: Problems,
  ) {
    this.problems = problems;
    this.completeDbs = new Set(completeDbs);
    this.all = new Map(descriptors.map(({ union }) => [union.value?.id ?? 0, union]));
  }

  table(id: number): TableDescriptor | undefined {
    const union = this.all.get(id);
    return union?.case === 'table' ? union.value : undefined;
  }

  get tables(): TableDescriptor[] {
    return [...this.all.values()].flatMap((union) => (union.case === 'table' ? [union.value] : []));
  }

  /** Whether all of its database is there. */
  isWhole({ parentId }: { readonly parentId: number }): boolean {
    return this.completeDbs.has(parentId);
  }
}

export function referenceProblems(among: Descriptors): void {
  const { problems, all } = among;
  problems.unique(
    [...all.values()].map((union) => {
      const { parentId = 0, name = '' } = (union.value ?? {}) as {
        parentId?: number;
        name?: string;
      };
      if (union.case === 'table')
        return `${parentId}/${union.value.unexposedParentSchemaId}/${name}`;
      if (union.case === 'type') return `${parentId}/${union.value.parentSchemaId}/${name}`;
      return `${union.case} ${parentId}/${name}`;
    }),
    'name',
  );
  for (const union of all.values()) {
    parentProblems(union, among);
    if (union.case === 'type') typeReferenceProblems(union.value, among);
    if (union.case === 'database') regionProblems(union.value, among);
  }
  for (const table of among.tables) {
    keyProblems(table, among);
    dependencyProblems(table, among);
    sequenceProblems(table, among);
    typeUseProblems(table, among);
    expressionProblems(table, among);
  }
}

const PUBLIC = 29;

function parentProblems(union: Descriptor['union'], among: Descriptors): void {
  const { all, problems } = among;
  if (union.case === 'database') {
    for (const { key, value } of union.value.schemas) {
      const schema = all.get(value?.id ?? 0);
      if (
        value?.dropped === true ||
        (schema === undefined && !among.isWhole({ parentId: union.value.id }))
      )
        continue;
      problems.check(
        schema?.case === 'schema' &&
          schema.value.name === key &&
          schema.value.parentId === union.value.id,
        `database ${union.value.name}: schema ${key}`,
      );
    }
    return;
  }
  if (union.case === undefined || union.case === 'function') return;
  const { parentId, name } = union.value;
  const database = all.get(parentId);
  problems.check(database?.case === 'database', `${union.case} ${name}: parent ${parentId}`);
  if (database?.case !== 'database') return;
  if (union.case === 'schema') {
    problems.check(
      database.value.schemas.some(({ key, value }) => key === name && value?.id === union.value.id),
      `schema ${name} is not in its database's list`,
    );
    return;
  }
  const schemaId =
    union.case === 'table' ? union.value.unexposedParentSchemaId : union.value.parentSchemaId;
  if (schemaId === PUBLIC) return;
  const schema = all.get(schemaId);
  problems.check(
    schema?.case === 'schema' && schema.value.parentId === parentId,
    `${union.case} ${name}: schema ${schemaId}`,
  );
}

const sameKey = (a: ForeignKeyConstraint, b: ForeignKeyConstraint): boolean =>
  a.name === b.name &&
  a.originTableId === b.originTableId &&
  a.referencedTableId === b.referencedTableId &&
  a.originColumnIds.join() === b.originColumnIds.join() &&
  a.referencedColumnIds.join() === b.referencedColumnIds.join() &&
  a.onDelete === b.onDelete &&
  a.onUpdate === b.onUpdate &&
  a.match === b.match;

function keyProblems(table: TableDescriptor, among: Descriptors): void {
  const { problems } = among;
  for (const key of table.outboundFks) {
    const other = among.table(key.referencedTableId);
    const about = `foreign key ${table.name}.${key.name}`;
    if (other === undefined) {
      problems.check(!among.isWhole(table), `${about}: its target is not there`);
      continue;
    }
    problems.check(
      other.inboundFks.some((each) => sameKey(each, key)),
      `${about}: ${other.name} does not know of it`,
    );
    const unique = [
      ...(other.primaryIndex === undefined ? [] : [other.primaryIndex]),
      ...other.indexes,
    ].filter((index) => index.unique && index.predicate === '');
    const isUnique =
      unique.some(({ keyColumnIds, partitioning }) =>
        sameIds(keyColumnIds.slice(partitioning?.numImplicitColumns ?? 0), key.referencedColumnIds),
      ) ||
      other.uniqueWithoutIndexConstraints.some(
        ({ columnIds, predicate }) =>
          predicate === '' && sameIds(columnIds, key.referencedColumnIds),
      ) ||
      unique.some(
        ({ keyColumnIds, sharded }) =>
          sharded?.isSharded === true && sameIds(keyColumnIds.slice(1), key.referencedColumnIds),
      );
    problems.check(isUnique, `${about}: nothing makes its target unique`);
  }
  for (const key of table.inboundFks) {
    const other = among.table(key.originTableId);
    const about = `foreign key ${key.name} onto ${table.name}`;
    if (other === undefined)
      problems.check(!among.isWhole(table), `${about}: its table is not there`);
    else
      problems.check(
        other.outboundFks.some((each) => sameKey(each, key)),
        `${about}: ${other.name} does not know of it`,
      );
  }
}

function dependencyProblems(table: TableDescriptor, among: Descriptors): void {
  const { problems } = among;
  problems.unique(table.dependsOn, `${table.name}: depends on`);
  for (const id of table.dependsOn) {
    const other = among.table(id);
    if (other === undefined)
      problems.check(!among.isWhole(table), `${table.name} depends on ${id}, which is not there`);
    else
      problems.check(
        other.dependedOnBy.some((each) => each.id === table.id),
        `${table.name} depends on ${other.name}, which does not know of it`,
      );
  }
  for (const { id, columnIds, byId, indexId } of table.dependedOnBy) {
    const other = among.table(id);
    if (other === undefined) {
      problems.check(!among.isWhole(table), `${id}, which depends on ${table.name}, is not there`);
      continue;
    }
    const isView = other.viewQuery !== '';
    const isSequence = table.sequenceOpts !== undefined;
    const knows = isView
      ? other.dependsOn.includes(table.id)
      : other.columns.some(({ usesSequenceIds }) => usesSequenceIds.includes(table.id));
    problems.check(knows, `${other.name} does not know that it depends on ${table.name}`);
    problems.check(
      indexId === 0 ||
        [table.primaryIndex, ...table.indexes].some((index) => index?.id === indexId),
      `${table.name}: index ${indexId} that ${other.name} uses`,
    );
    problems.check(!byId || isSequence, `${table.name}: by_id is for sequences`);
    const columns = isSequence && !isView ? other.columns : table.columns;
    problems.check(
      columnIds.every((each) => columns.some((column) => column.id === each)),
      `${table.name}: columns that ${other.name} uses`,
    );
  }
}

function sequenceProblems(table: TableDescriptor, among: Descriptors): void {
  const { problems } = among;
  for (const column of table.columns) {
    const about = `column ${table.name}.${column.name}`;
    for (const id of column.usesSequenceIds) {
      const sequence = among.table(id);
      if (sequence === undefined) {
        problems.check(!among.isWhole(table), `${about} uses sequence ${id}, which is not there`);
        continue;
      }
      problems.check(
        sequence.sequenceOpts !== undefined,
        `${about}: ${sequence.name} is no sequence`,
      );
      problems.check(
        sequence.dependedOnBy.some(
          (each) => each.id === table.id && each.columnIds.includes(column.id),
        ),
        `${about}: ${sequence.name} does not know of it`,
      );
    }
    for (const id of column.ownsSequenceIds) {
      const owner = among.table(id)?.sequenceOpts?.sequenceOwner;
      if (among.table(id) === undefined)
        problems.check(!among.isWhole(table), `${about} owns ${id}, which is not there`);
      else
        problems.check(
          owner?.ownerTableId === table.id && owner.ownerColumnId === column.id,
          `${about} owns ${id}, whose owner is another`,
        );
    }
  }
  const { ownerTableId = 0, ownerColumnId = 0 } = table.sequenceOpts?.sequenceOwner ?? {};
  if (ownerTableId === 0) return;
  const owner = among.table(ownerTableId);
  if (owner === undefined)
    problems.check(!among.isWhole(table), `sequence ${table.name}: its owner is not there`);
  else
    problems.check(
      owner.columns.find(({ id }) => id === ownerColumnId)?.ownsSequenceIds.includes(table.id) ===
        true,
      `sequence ${table.name}: ${owner.name} does not know that it owns it`,
    );
}

/** Ids of user-defined types that a table names in its columns and expressions. */
function usedTypes(table: TableDescriptor): Set<number> {
  const used = new Set<number>(table.dependsOnTypes);
  for (const { type } of table.columns)
    for (const id of type === undefined ? [] : userTypes(type)) used.add(id);
  for (const { text } of tableExpressions(table)) for (const id of typesIn(text)) used.add(id);
  return used;
}

function typeUseProblems(table: TableDescriptor, among: Descriptors): void {
  const { problems, all } = among;
  for (const id of usedTypes(table)) {
    const type = all.get(id);
    problems.check(type?.case === 'type', `table ${table.name}: type ${id} is not there`);
    if (type?.case !== 'type') continue;
    for (const column of table.columns)
      if (column.type !== undefined) userTypeProblems(column.type, table, among);
    problems.check(
      type.value.referencingDescriptorIds.includes(table.id),
      `type ${type.value.name} does not know that ${table.name} uses it`,
    );
  }
}

/** RESTORE gives both a type and its array new ids: a column has to know both. */
function userTypeProblems(
  { oid, udtMetadata, arrayContents }: ColumnType,
  table: TableDescriptor,
  among: Descriptors,
): void {
  if (oid <= 100_000) return;
  const of = among.all.get(oid - 100_000);
  const type = of?.case === 'type' ? of.value : undefined;
  const about = `table ${table.name}: type ${type?.name ?? oid}`;
  if (arrayContents === undefined) {
    const array = 100_000 + (type?.arrayTypeId ?? 0);
    among.problems.check(udtMetadata?.arrayTypeOid === array, `${about}: its array`);
    return;
  }
  among.problems.check(
    type?.alias?.arrayContents?.oid === arrayContents.oid,
    `${about}: what it is an array of`,
  );
  userTypeProblems(arrayContents, table, among);
}

/** A table that names its home region uses the enum of regions. */
function namesHomeRegion(table: TableDescriptor, { kind }: TypeDescriptor): boolean {
  const locality = table.localityConfig?.locality;
  const isHome = locality?.case === 'regionalByTable' && locality.value.region !== '';
  return kind === TypeDescriptor_Kind.MULTIREGION_ENUM && isHome;
}

function typeReferenceProblems(
  type: Extract<Descriptor['union'], { case: 'type' }>['value'],
  among: Descriptors,
): void {
  const { problems, all } = among;
  if (type.arrayTypeId !== 0) {
    const array = all.get(type.arrayTypeId);
    problems.check(
      array?.case === 'type' && array.value.alias?.arrayContents?.oid === 100_000 + type.id,
      `type ${type.name}: its array type`,
    );
    problems.check(
      array?.case === 'type' &&
        (array.value.alias?.arrayContents?.udtMetadata?.arrayTypeOid ?? 0) ===
          100_000 + type.arrayTypeId,
      `type ${type.name}: what its array type says of it`,
    );
    problems.check(
      array?.case === 'type' && array.value.parentSchemaId === type.parentSchemaId,
      `type ${type.name}: the schema of its array type`,
    );
  }
  for (const id of type.referencingDescriptorIds) {
    const user = all.get(id);
    // RESTORE keeps the ids of others, and what is not there is refused.
    problems.check(user !== undefined, `type ${type.name}: ${id}, which uses it, is not there`);
    if (user?.case === 'table')
      problems.check(
        usedTypes(user.value).has(type.id) || namesHomeRegion(user.value, type),
        `type ${type.name}: ${user.value.name} does not use it`,
      );
  }
}
