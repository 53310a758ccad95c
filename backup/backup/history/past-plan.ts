import { notSupported } from '../../../base/errors';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import type { Connection } from '../../../storage/ranges/connection';
import { settledTime } from '../../../storage/ranges/pushed-writes';
import type { Base } from '../layer/base';
import { SEQUENCE_INDEX } from '../parts/part';
import { tableSpans } from '../parts/part-planner';
import type { PlannedTable } from '../parts/write-parts';
import type { BackupPayload } from '../payload';
import { changesKnownSince } from './known-changes';
import type { PastTable, PastTables } from './past-tables';

/** How the tables of a layer of earlier versions are written. */

export interface PastPlanOptions {
  readonly db: Connection;
  readonly past: PastTables;
  readonly base: Base | undefined;
  readonly endTime: bigint;
  readonly payload: Pick<BackupPayload, 'isOfCommit'>;
}

/** @throws SqlError for all that can't be written, before the first is */
export function planPast(options: PastPlanOptions): PlannedTable[] {
  const tables = options.past.ids.map((id) => options.past.of(id));
  return tables.map((table) => plan(table, options));
}

function plan({ id, own, source, isGone }: PastTable, options: PastPlanOptions): PlannedTable {
  const indexIds = new Set(own.flatMap(({ written }) => written.indexIds));
  if (own.length === 0) indexIds.add(SEQUENCE_INDEX);
  const spans = tableSpans(id, [...indexIds], options.base);
  const table = own.at(-1)?.written;
  const planned = { id, table, spans, isGone };
  const interleaved = own.find(({ written }) => written.rootId !== undefined)?.epoch.table;
  // Of those that are as they were, the rows are written as those of now are.
  const isAsItWas = source === 'still' && options.past.complete === undefined;
  if (interleaved !== undefined && !isAsItWas) throw withoutHistory(interleaved, options.payload);
  if (source === 'sorted') return { ...planned, versions: source };
  const since = knownSince(table, options);
  if (source === 'still') return { ...planned, since };
  // Rows that are newer than a time of the past are none of its changes.
  const isAllVersions = options.past.complete !== undefined;
  return { ...planned, versions: source, ...(isAllVersions && { since }) };
}

const withoutHistory = ({ name }: TableDescriptor, { isOfCommit }: PastPlanOptions['payload']) =>
  isOfCommit === true
    ? notSupported(
        `BACKUP in a transaction of the interleaved table "${name}", which was changed after the COMMIT before the backup began,`,
        'Run BACKUP outside of a transaction.',
      )
    : notSupported(
        `BACKUP of earlier versions of the interleaved table "${name}"`,
        'Leave out AS OF SYSTEM TIME and revision_history. ALTER TABLE … ALTER PRIMARY KEY takes the INTERLEAVE clause from a table.',
      );

/** From when on rows and their history tell what belongs into a layer onto a chain; undefined: it is compared with the chain. */
function knownSince(
  table: PlannedTable['table'],
  { db, past, base, endTime }: PastPlanOptions,
): bigint | undefined {
  if (base === undefined || table === undefined) return undefined;
  const { id } = table.descriptor;
  if (past.complete !== undefined) return settledTime(db, id, base.startTime);
  return changesKnownSince(db, table, base.startTime, endTime);
}

/** Of the tables that are there at the layer's end, as they are written. */
export function pastDescriptors(past: PastTables): Map<number, TableDescriptor> {
  const descriptors = new Map<number, TableDescriptor>();
  for (const id of past.ids) {
    const last = past.of(id).epochs.at(-1);
    if (last !== undefined && last.to === undefined) descriptors.set(id, past.descriptorOf(last));
  }
  return descriptors;
}
