import { BinaryReader } from '@bufbuild/protobuf/wire';
import { CorruptionError } from '../../base/errors';
import { microsOfTimestamp } from '../../catalog/types/datetime';
import { isFinished, JOB_STATUSES } from '../../jobs/job';
import type { SystemTable } from './system-tables';

/**
 * Jobs of the source cluster, kept as history: they are shown, and none of them goes on, since what they worked on was restored
 * as it was at one time. Those that had not ended have been canceled by that.
 */

/** Field of the payload that holds a job's details → its type. Source: CockroachDB, job payloads. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [10, 'BACKUP'],
  [11, 'RESTORE'],
  [12, 'SCHEMA CHANGE'],
  [13, 'IMPORT'],
  [14, 'CHANGEFEED'],
  [15, 'CREATE STATS'],
  [21, 'SCHEMA CHANGE GC'],
  [22, 'TYPEDESC SCHEMA CHANGE'],
  [23, 'STREAM INGESTION'],
  [24, 'NEW SCHEMA CHANGE'],
  [25, 'MIGRATION'],
  [26, 'AUTO SPAN CONFIG RECONCILIATION'],
]);

const AUTOMATIC_STATISTICS = '__auto__';

interface Payload {
  type: string;
  description: string;
  username: string;
  started: bigint | null;
  finished: bigint | null;
  error: string;
  statement: string;
}

function readPayload(bytes: Uint8Array): Payload {
  const payload: Payload = {
    type: 'UNKNOWN',
    description: '',
    username: '',
    started: null,
    finished: null,
    error: '',
    statement: '',
  };
  eachField(bytes, (field, reader, skip) => {
    if (field === 1) payload.description = reader.string();
    else if (field === 2) payload.username = reader.string();
    else if (field === 3) payload.started = BigInt(reader.int64());
    else if (field === 4) payload.finished = BigInt(reader.int64());
    else if (field === 8) payload.error = reader.string();
    else if (field === 16) payload.statement = reader.string();
    else {
      const type = TYPES.get(field);
      if (type === 'CREATE STATS') payload.type = statisticsType(reader.bytes());
      else {
        if (type !== undefined) payload.type = type;
        skip();
      }
    }
  });
  return payload;
}

const STATISTICS_NAME_FIELD = 1;

function statisticsType(details: Uint8Array): string {
  let isAutomatic = false;
  eachField(details, (field, reader, skip) => {
    if (field === STATISTICS_NAME_FIELD) isAutomatic = reader.string() === AUTOMATIC_STATISTICS;
    else skip();
  });
  return isAutomatic ? 'AUTO CREATE STATS' : 'CREATE STATS';
}

function readFraction(progress: Uint8Array): number {
  let fraction = 0;
  eachField(progress, (field, reader, skip) => {
    if (field === 1) fraction = reader.float();
    else skip();
  });
  return fraction;
}

function eachField(
  bytes: Uint8Array,
  read: (field: number, reader: BinaryReader, skip: () => void) => void,
): void {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      read(field, reader, () => reader.skip(wireType, field));
    }
  } catch (error) {
    throw new CorruptionError('system.jobs', undefined, 'a job that can not be read', error);
  }
}

const INSERT = `INSERT OR IGNORE INTO jobs (id, type, description, statement, user_name, status, created, started,
    finished, modified, fraction_completed, error, payload, progress, num_runs)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', x'', 0)`;

/** Jobs of this cluster stay; of the same id they win. */
export function takeOverJobs({ db, rows }: SystemTable): void {
  const insert = db.prepare(INSERT);
  for (const { id, status, created, payload, progress } of rows()) {
    if (typeof id !== 'bigint' || !(payload instanceof Uint8Array)) continue;
    const job = readPayload(payload);
    const ended = JOB_STATUSES.some((known) => known === status && isFinished(known));
    const createdMicros = typeof created === 'bigint' ? microsOfTimestamp(created) : 0n;
    insert.run(
      id,
      job.type,
      job.description,
      job.statement,
      job.username,
      ended ? status : 'canceled',
      createdMicros,
      job.started,
      ended ? job.finished : createdMicros,
      job.finished ?? createdMicros,
      progress instanceof Uint8Array ? readFraction(progress) : 0,
      job.error,
    );
  }
}
