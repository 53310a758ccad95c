import { create } from '@bufbuild/protobuf';
import { ByteWriter } from '../../../base/byte-writer';
import { defined } from '../../../base/invariant';
import {
  type TableDescriptor,
  TableDescriptor_MutationJobSchema,
} from '../../../catalog/descriptor/gen/table_pb';
import { timestampOfMicros } from '../../../catalog/types/datetime';
import type { Repr } from '../../../catalog/types/sql-type';
import { indexSpans, type WrittenTable } from '../rows/written-table';

/**
 * Indexes whose entries a backup lacks are being added, as far as it says. Who restores single databases makes jobs for that;
 * who restores a full cluster has its jobs from `system.jobs`, so each such table needs one there.
 */

export interface IndexBuild {
  /** Of system.jobs, by column name. */
  readonly row: Readonly<Record<string, Repr>>;
  /** Since when the table is so, and until when; undefined: it still is. */
  readonly from: bigint;
  readonly to: bigint | undefined;
}

/** Numbers of fields of jobs' payloads and progress. Source: rows of system.jobs in backups of v21.2-alpha. */
const PAYLOAD = { description: 1, user: 2, startedMicros: 3, descriptorIds: 6, schemaChange: 12 };
const CHANGE = { resumeSpans: 2, tableId: 5, mutationId: 6, formatVersion: 7, writeTime: 10 };
const PROGRESS = { modifiedMicros: 2, schemaChange: 12 };
const RESUME_SPAN = 1;
const SPAN = { key: 3, endKey: 4 };
const FORMAT_VERSION = 2;

const VARINT = 0;
const BYTES = 2;

class Message {
  private readonly writer = new ByteWriter(64);

  number(field: number, value: number | bigint): this {
    this.writer.uvarint(field * 8 + VARINT).uvarint(value);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.writer
      .uvarint(field * 8 + BYTES)
      .uvarint(value.length)
      .raw(value);
    return this;
  }

  toBytes(): Uint8Array {
    return this.writer.toBytes();
  }
}

/**
 * Gives the table's descriptor the job of its mutations.
 * @param lived when the table was so, in nanoseconds since 1970
 * @returns undefined when all indexes are written
 */
export function indexBuild(
  table: WrittenTable,
  lived: Pick<IndexBuild, 'from' | 'to'>,
): IndexBuild | undefined {
  const { descriptor, deferredMutationId: mutationId } = table;
  if (mutationId === undefined) return undefined;
  const jobId = jobIdOf(descriptor.id, mutationId);
  const nowMicros = lived.from / 1000n;
  const mutations = descriptor.mutations.filter((each) => each.mutationId === mutationId);
  descriptor.mutationJobs.push(create(TableDescriptor_MutationJobSchema, { mutationId, jobId }));
  const names = mutations.map(({ descriptor: { value } }) =>
    value !== undefined && 'name' in value ? value.name : '',
  );
  const change = changeMessage(descriptor, mutationId, mutations.length);
  const payload = new Message()
    .bytes(
      PAYLOAD.description,
      Buffer.from(`adding index ${names.join(', ')} of ${descriptor.name}`),
    )
    .bytes(PAYLOAD.user, Buffer.from('root'))
    .number(PAYLOAD.startedMicros, nowMicros)
    .bytes(PAYLOAD.descriptorIds, new ByteWriter(8).uvarint(descriptor.id).toBytes())
    .bytes(PAYLOAD.schemaChange, change);
  const progress = new Message()
    .number(PROGRESS.modifiedMicros, nowMicros)
    .bytes(PROGRESS.schemaChange, new Uint8Array());
  return {
    ...lived,
    row: {
      id: jobId,
      status: 'running',
      created: timestampOfMicros(Number(nowMicros)),
      payload: payload.toBytes(),
      progress: progress.toBytes(),
    },
  };
}

/** The same in each layer of a chain, and none that a clock gives (see `uniqueId`). */
const jobIdOf = (tableId: number, mutationId: number): bigint =>
  (BigInt(tableId) << 32n) | BigInt(mutationId);

function changeMessage(table: TableDescriptor, mutationId: number, count: number): Uint8Array {
  const primary = defined(table.primaryIndex, `primary index of ${table.name}`);
  const change = new Message();
  for (const { start, end } of indexSpans(table.id, [primary.id])) {
    const span = new Message().bytes(SPAN.key, start).bytes(SPAN.endKey, end).toBytes();
    const list = new Message().bytes(RESUME_SPAN, span).toBytes();
    for (let i = 0; i < count; i++) change.bytes(CHANGE.resumeSpans, list);
  }
  return change
    .number(CHANGE.tableId, table.id)
    .number(CHANGE.mutationId, mutationId)
    .number(CHANGE.formatVersion, FORMAT_VERSION)
    .bytes(CHANGE.writeTime, new Uint8Array())
    .toBytes();
}
