import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import {
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../../catalog/descriptor/gen/table_pb';
import type { Connection } from '../../../storage/ranges/connection';
import { settledTime } from '../../../storage/ranges/pushed-writes';
import type { WrittenTable } from '../rows/written-table';
import { countRows } from './count-rows';
import { partsWithEnded } from './ended-parts';
import type { Part, WrittenFile, WrittenPart } from './part';

/**
 * What a run of a BACKUP has written, as its job's record keeps it. The next run has another snapshot: a part is taken over when its
 * rows are the same there, and written again when they are not. So a backup never is of two points in time.
 */

/** In the form of JSON. */
interface CheckpointRecord {
  readonly endTime: string;
  readonly partBytes: number | null;
  readonly parts: readonly PartRecord[];
}

interface PartRecord {
  readonly tableId: number;
  /** Of the table's descriptor. */
  readonly form: string;
  readonly start: string;
  readonly end: string;
  readonly introduced: boolean;
  readonly rowCount: number;
  readonly files: readonly FileRecord[];
}

interface FileRecord {
  readonly path: string;
  readonly locality: string;
  readonly start: string;
  readonly end: string;
  /** Data size, rows, index entries. */
  readonly counts: readonly [string, string, string];
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** A part and what was written of it. */
export interface DonePart {
  readonly part: Part;
  readonly written: WrittenPart;
  readonly form: string;
}

/** What of a table its pairs depend on beside its rows. */
export const formOf = (table: TableDescriptor): string =>
  createHash('sha256').update(toBinary(TableDescriptorSchema, table)).digest('hex').slice(0, 32);

export function encodeCheckpoint(
  endTime: bigint,
  partBytes: number,
  done: readonly DonePart[],
): Uint8Array {
  const record: CheckpointRecord = {
    endTime: String(endTime),
    partBytes: partBytes === Infinity ? null : partBytes,
    parts: done.map(({ part, written, form }) => ({
      tableId: part.tableId,
      form,
      start: hex(part.start),
      end: hex(part.end),
      introduced: part.introduced,
      rowCount: written.rowCount,
      files: written.files.map(fileRecord),
    })),
  };
  return Buffer.from(JSON.stringify(record));
}

const fileRecord = ({ path, locality, span, counts }: WrittenFile): FileRecord => ({
  path,
  locality,
  start: hex(span.start),
  end: hex(span.end),
  counts: [String(counts.dataSize), String(counts.rows), String(counts.indexEntries)],
});

function writtenPart({ files, rowCount }: PartRecord): WrittenPart {
  return {
    rowCount,
    files: files.map(({ path, locality, start, end, counts: [dataSize, rows, indexEntries] }) => ({
      path,
      locality,
      span: { start: unhex(start), end: unhex(end) },
      counts: {
        dataSize: BigInt(dataSize),
        rows: BigInt(rows),
        indexEntries: BigInt(indexEntries),
      },
    })),
  };
}

export interface KeepOptions {
  /** Called once in a while. */
  readonly turn: () => Promise<void>;
  /** Of WITH revision_history. */
  readonly isAllVersions?: boolean;
}

/** What an earlier run has written. */
export class Checkpoint {
  /** At which tables were cut. */
  readonly partBytes: number;
  private readonly endTime: bigint;
  private readonly parts = new Map<string, PartRecord>();

  private constructor({ endTime, partBytes, parts }: CheckpointRecord) {
    this.endTime = BigInt(endTime);
    this.partBytes = partBytes ?? Infinity;
    for (const part of parts) this.parts.set(`${part.start} ${part.end}`, part);
  }

  /** @param progress of the job's record @returns undefined when there is nothing to go on from */
  static read(progress: Uint8Array): Checkpoint | undefined {
    if (progress.length === 0) return undefined;
    return new Checkpoint(JSON.parse(Buffer.from(progress).toString('utf8')) as CheckpointRecord);
  }

  /** Whether the times of what was written since that run's snapshot tell it. @param now of this run's snapshot */
  isBefore(now: bigint): boolean {
    return this.endTime < now;
  }

  /** Whether that run's layer ends when this one's does: AS OF SYSTEM TIME. */
  isOf(endTime: bigint): boolean {
    return this.endTime === endTime;
  }

  /**
   * Parts of a table that need not be written again: whose rows are as many as they were and all older than that snapshot. Rows have
   * the time at which they were last written, so none was added or changed, and as none is missing none was deleted. Other indexes are
   * taken over when all rows are. Where versions that have ended are written as well, none may have ended since.
   * @param parts all of the table in the new snapshot
   */
  async partsToKeep(
    db: Connection,
    table: WrittenTable,
    parts: readonly Part[],
    { turn, isAllVersions = false }: KeepOptions,
  ): Promise<DonePart[]> {
    const form = formOf(table.descriptor);
    const since = settledTime(db, table.descriptor.id, this.endTime);
    const isOfRows = ({ indexIds }: Part): boolean => indexIds.includes(table.primaryId);
    const tellsEnds = isAllVersions || parts.some((part) => part.since !== undefined);
    const own = parts.filter(isOfRows);
    const ended = tellsEnds ? await partsWithEnded(db, table, own, this.endTime, turn) : [];
    if (ended === 'all') return [];
    const kept: DonePart[] = [];
    const keep = (part: Part, record: PartRecord): void => {
      kept.push({ part, written: writtenPart(record), form });
    };
    const found = parts.map((part) => ({ part, record: this.recordOf(part, form) }));
    let areAllRowsSame = true;
    for (const { part, record } of found.filter((each) => own.includes(each.part))) {
      const isSame = (count: number): boolean => {
        const { rows, newer } = countRows(db, table, part, since);
        const isCounted = part.versions === undefined && part.since === undefined;
        return newer === 0 && (!isCounted || rows === count);
      };
      if (record !== undefined && !ended.includes(part) && isSame(record.rowCount))
        keep(part, record);
      else areAllRowsSame = false;
      await turn();
    }
    if (!areAllRowsSame) return kept;
    for (const { part, record } of found) {
      if (record !== undefined && !isOfRows(part)) keep(part, record);
    }
    return kept;
  }

  /** Parts of a layer of one time that another run has begun: what was then does not change. */
  partsOfSameTime({ descriptor }: WrittenTable, parts: readonly Part[]): DonePart[] {
    const form = formOf(descriptor);
    return parts.flatMap((part) => {
      const record = this.recordOf(part, form);
      return record === undefined ? [] : [{ part, written: writtenPart(record), form }];
    });
  }

  /** Whether it has anything of the table. */
  hasTable(id: number): boolean {
    return [...this.parts.values()].some(({ tableId }) => tableId === id);
  }

  private recordOf({ start, end, introduced }: Part, form: string): PartRecord | undefined {
    const record = this.parts.get(`${hex(start)} ${hex(end)}`);
    return record?.form === form && record.introduced === introduced ? record : undefined;
  }
}
