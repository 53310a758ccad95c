import { PUBLIC_SCHEMA_ID } from '../../../catalog/constants';
import { INITIAL_LOCATIONS } from '../../../catalog/initial-locations';
import { timestampOfMicros } from '../../../catalog/types/datetime';
import {
  arrayOf,
  BOOL,
  BYTES,
  DECIMAL,
  INT8,
  OID,
  STRING,
  TIMESTAMP,
  TIMESTAMPTZ,
} from '../../../catalog/types/table';
import { listComments } from '../../../storage/ranges/comment-rows';
import { listDescriptors } from '../../../storage/ranges/descriptor-rows';
import {
  listLocations,
  listScheduledJobs,
  listUiData,
} from '../../../storage/ranges/restored-system-rows';
import { listStartSettings } from '../../../storage/ranges/role-setting-rows';
import { listSettings } from '../../../storage/ranges/setting-rows';
import { statisticsOfTable } from '../../../storage/ranges/statistic-rows';
import { listRoleMembers, listRoleOptions, listUsers } from '../../../storage/ranges/user-rows';
import { coordinatorOf } from '../crdb-internal/job-values';
import { systemTable } from '../system-table';
import { redactedPayload } from './redacted-payload';

/** Tables of the system database that show what the store has: descriptors, users, settings, jobs. */

const time = (micros: number | null): bigint | undefined =>
  micros === null ? undefined : timestampOfMicros(micros);

export const namespace = systemTable({
  schema: 'system',
  name: 'namespace',
  columns: { parentID: INT8, parentSchemaID: INT8, name: STRING, id: INT8 },
  *rows({ catalog }) {
    for (const { id, databaseId, schemaId, name, kind } of catalog.entries()) {
      yield { parentID: databaseId, parentSchemaID: schemaId, name, id };
      if (kind === 'database')
        yield { parentID: id, parentSchemaID: 0, name: 'public', id: PUBLIC_SCHEMA_ID };
    }
  },
});

export const descriptor = systemTable({
  schema: 'system',
  name: 'descriptor',
  volatile: true,
  columns: { id: INT8, descriptor: BYTES },
  *rows({ engine }) {
    for (const { id, descriptor: bytes } of listDescriptors(engine.db))
      yield { id, descriptor: bytes };
  },
});

/** Admins alone may read it: it shows what passwords are checked by, as CockroachDB does. */
const NO_PASSWORD = new Uint8Array(0);

export const users = systemTable({
  schema: 'system',
  name: 'users',
  volatile: true,
  columns: { username: STRING, hashedPassword: BYTES, isRole: BOOL },
  *rows({ engine }) {
    for (const { username, hashedPassword, isRole } of listUsers(engine.db))
      yield { username, hashedPassword: hashedPassword ?? NO_PASSWORD, isRole };
  },
});

export const roleOptions = systemTable({
  schema: 'system',
  name: 'role_options',
  volatile: true,
  columns: { username: STRING, option: STRING, value: STRING },
  *rows({ engine }) {
    for (const { username, option, value } of listRoleOptions(engine.db))
      yield { username, option, value };
  },
});

export const roleMembers = systemTable({
  schema: 'system',
  name: 'role_members',
  volatile: true,
  columns: { role: STRING, member: STRING, isAdmin: BOOL },
  *rows({ engine }) {
    for (const { role, member, isAdmin } of listRoleMembers(engine.db))
      yield { role, member, isAdmin };
  },
});

export const databaseRoleSettings = systemTable({
  schema: 'system',
  name: 'database_role_settings',
  volatile: true,
  columns: { database_id: OID, role_name: STRING, settings: arrayOf(STRING) },
  *rows({ engine }) {
    for (const { databaseId, role, settings } of listStartSettings(engine.db))
      yield { database_id: databaseId, role_name: role, settings };
  },
});

export const settings = systemTable({
  schema: 'system',
  name: 'settings',
  volatile: true,
  columns: { name: STRING, value: STRING, lastUpdated: TIMESTAMP, valueType: STRING },
  *rows({ engine }) {
    for (const { name, value, valueType, lastUpdatedMicros } of listSettings(engine.db))
      yield { name, value, lastUpdated: time(lastUpdatedMicros), valueType };
  },
});

export const comments = systemTable({
  schema: 'system',
  name: 'comments',
  volatile: true,
  columns: { type: INT8, object_id: INT8, sub_id: INT8, comment: STRING },
  *rows({ engine }) {
    for (const { type, objectId, subId, comment } of listComments(engine.db))
      yield { type, object_id: objectId, sub_id: subId, comment };
  },
});

/** Payload and progress are in the encoding of this program. */
export const jobs = systemTable({
  schema: 'system',
  name: 'jobs',
  volatile: true,
  columns: {
    id: INT8,
    status: STRING,
    created: TIMESTAMP,
    payload: BYTES,
    progress: BYTES,
    created_by_type: STRING,
    created_by_id: INT8,
    claim_session_id: BYTES,
    claim_instance_id: INT8,
    num_runs: INT8,
    last_run: TIMESTAMP,
  },
  *rows({ engine }) {
    for (const automatic of [false, true])
      for (const job of engine.jobs.list({ automatic, includeOld: true }))
        yield {
          id: job.id,
          status: job.status,
          created: time(job.createdMicros),
          payload: redactedPayload(job.payload),
          progress: job.progress,
          created_by_type: job.createdBy?.type,
          created_by_id: job.createdBy?.id,
          claim_instance_id: coordinatorOf(job),
          num_runs: job.numRuns,
          last_run: time(job.lastRunMicros),
        };
  },
});

export const tableStatistics = systemTable({
  schema: 'system',
  name: 'table_statistics',
  volatile: true,
  columns: {
    tableID: INT8,
    statisticID: INT8,
    name: STRING,
    columnIDs: arrayOf(INT8),
    createdAt: TIMESTAMP,
    rowCount: INT8,
    distinctCount: INT8,
    nullCount: INT8,
    histogram: BYTES,
  },
  *rows({ engine, catalog }) {
    for (const { id, kind } of catalog.entries()) {
      if (kind !== 'table') continue;
      for (const row of statisticsOfTable(engine.db, id))
        yield {
          tableID: id,
          statisticID: row.statisticId,
          name: row.name,
          columnIDs: row.columnIds.map(BigInt),
          createdAt: time(row.createdMicros),
          rowCount: row.rowCount,
          distinctCount: row.distinctCount,
          nullCount: row.nullCount,
          histogram: row.histogram,
        };
    }
  },
});

export const locations = systemTable({
  schema: 'system',
  name: 'locations',
  volatile: true,
  columns: {
    localityKey: STRING,
    localityValue: STRING,
    latitude: DECIMAL,
    longitude: DECIMAL,
  },
  *rows({ engine }) {
    const restored = listLocations(engine.db);
    if (restored.length > 0) yield* restored;
    else yield* INITIAL_LOCATIONS;
  },
});

export const ui = systemTable({
  schema: 'system',
  name: 'ui',
  volatile: true,
  columns: { key: STRING, value: BYTES, lastUpdated: TIMESTAMP },
  rows: ({ engine }) => listUiData(engine.db),
});

export const scheduledJobs = systemTable({
  schema: 'system',
  name: 'scheduled_jobs',
  volatile: true,
  columns: {
    schedule_id: INT8,
    schedule_name: STRING,
    created: TIMESTAMPTZ,
    owner: STRING,
    next_run: TIMESTAMPTZ,
    schedule_state: BYTES,
    schedule_expr: STRING,
    schedule_details: BYTES,
    executor_type: STRING,
    execution_args: BYTES,
  },
  rows: ({ engine }) => listScheduledJobs(engine.db),
});

export const migrations = systemTable({
  schema: 'system',
  name: 'migrations',
  columns: { major: INT8, minor: INT8, patch: INT8, internal: INT8, completed_at: TIMESTAMP },
  rows: () => [],
});
