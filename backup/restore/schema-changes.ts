import { create } from '@bufbuild/protobuf';
import { CorruptionError } from '../../base/errors';
import type { Descriptor, TypeDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import {
  type IndexDescriptor,
  IndexDescriptor_Direction,
} from '../../catalog/descriptor/gen/index_pb';
import {
  type DescriptorMutation,
  DescriptorMutation_Direction,
  type TableDescriptor,
  TableDescriptor_MutationJobSchema,
} from '../../catalog/descriptor/gen/table_pb';
import { quoteIdentifier } from '../../catalog/identifiers';
import type { EnumResolver } from '../../catalog/types/from-descriptor';
import { typeFromMessage } from '../../catalog/types/from-descriptor';
import { typeName } from '../../catalog/types/type-name';
import type { NewJob } from '../../jobs/job';

/**
 * Schema changes that a backup was taken in the middle of, as jobs: one for each statement that had not ended, and one for each
 * enum with members that were being added or dropped. A RESTORE creates them when it publishes its descriptors; what they do needs
 * SQL and is in `sql/ddl/finish-change.ts`. Descriptions as CockroachDB's (format reference 07 §8).
 */

export const SCHEMA_CHANGE_JOB_TYPE = 'SCHEMA CHANGE';
export const TYPE_CHANGE_JOB_TYPE = 'TYPEDESC SCHEMA CHANGE';

export interface PendingChange {
  readonly descriptorId: number;
  /** Of a table. */
  readonly mutationId?: number;
}

export interface ChangePayload {
  readonly change: PendingChange;
  /** The job of the table's change before this one, in decimal: changes of a table are made in their order. */
  readonly after?: string;
}

export const encodeChange = (payload: ChangePayload): Uint8Array =>
  Buffer.from(JSON.stringify(payload));

export function decodeChange(bytes: Uint8Array): ChangePayload {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as ChangePayload;
  } catch (error) {
    throw new CorruptionError('store.db', undefined, 'payload of a schema change job', error);
  }
}

export interface ChangeJobs {
  readonly user: string;
  readonly enums: EnumResolver;
  /** In the caller's write transaction. @returns its id */
  create(job: NewJob): bigint;
}

/**
 * Creates the jobs that a descriptor needs, in their order, and notes them in it.
 * @returns their ids
 */
export function createChangeJobs({ union }: Descriptor, jobs: ChangeJobs): bigint[] {
  if (union.case === 'table') return tableJobs(union.value, jobs);
  if (union.case !== 'type' || !isChanging(union.value)) return [];
  const id = jobs.create({
    type: TYPE_CHANGE_JOB_TYPE,
    description: `RESTORING: type ${union.value.id}`,
    user: jobs.user,
    payload: encodeChange({ change: { descriptorId: union.value.id } }),
  });
  return [id];
}

const isChanging = (type: TypeDescriptor): boolean =>
  type.enumMembers.some(({ capability, direction }) => capability !== 0 || direction !== 0);

function tableJobs(table: TableDescriptor, jobs: ChangeJobs): bigint[] {
  const ids: bigint[] = [];
  table.mutationJobs = [];
  for (const mutationId of new Set(table.mutations.map((mutation) => mutation.mutationId))) {
    const after = ids.at(-1);
    const jobId = jobs.create({
      type: SCHEMA_CHANGE_JOB_TYPE,
      description: `RESTORING: ${descriptionOf(table, mutationId, jobs.enums)}`,
      user: jobs.user,
      payload: encodeChange({
        change: { descriptorId: table.id, mutationId },
        ...(after === undefined ? {} : { after: String(after) }),
      }),
    });
    ids.push(jobId);
    table.mutationJobs.push(create(TableDescriptor_MutationJobSchema, { mutationId, jobId }));
  }
  return ids;
}

function descriptionOf(table: TableDescriptor, mutationId: number, enums: EnumResolver): string {
  const steps = table.mutations.filter((mutation) => mutation.mutationId === mutationId);
  const swapped = steps.flatMap(({ descriptor }) =>
    descriptor.case === 'primaryKeySwap' ? [descriptor.value.newPrimaryIndexId] : [],
  );
  const key = steps
    .flatMap(({ descriptor }) => (descriptor.case === 'index' ? [descriptor.value] : []))
    .find((index) => swapped.includes(index.id));
  if (key !== undefined) {
    return `schema change on ${table.name} changing primary key to (${columnsOf(key)})`;
  }
  return steps.map((step) => stepDescription(table, step, enums)).join('; ');
}

function stepDescription(
  table: TableDescriptor,
  { descriptor, direction, rollback }: DescriptorMutation,
  enums: EnumResolver,
): string {
  const isAdding = direction === DescriptorMutation_Direction.ADD;
  const verb = isAdding ? 'adding' : 'dropping';
  const start = `${rollback ? 'rollback for ' : ''}schema change on ${table.name}`;
  switch (descriptor.case) {
    case 'column': {
      const { name, type } = descriptor.value;
      const typed = isAdding ? ` ${typeName(typeFromMessage(type ?? {}, enums))}` : '';
      return `${start} ${verb} column ${name}${typed}`;
    }
    case 'index': {
      const index = descriptor.value;
      return `${start} ${verb} index ${index.name} for ${table.name} (${columnsOf(index)})`;
    }
    case 'constraint':
      return `${start} ${verb} constraint ${descriptor.value.name}`;
    case 'computedColumnSwap':
      return `${start} changing the type of a column`;
    case 'materializedViewRefresh':
      return `${start} refreshing the materialized view`;
    default:
      return start;
  }
}

const columnsOf = ({ keyColumnNames, keyColumnDirections }: IndexDescriptor): string =>
  keyColumnNames
    .map((name, i) => {
      const descending = keyColumnDirections[i] === IndexDescriptor_Direction.DESC;
      return `${quoteIdentifier(name)} ${descending ? 'DESC' : 'ASC'}`;
    })
    .join(', ');
