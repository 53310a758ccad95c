import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { type TableDescriptor, TableDescriptorSchema } from '../../catalog/descriptor/gen/table_pb';
import type { Connection } from '../../storage/ranges/connection';
import { isNewerSql } from '../../storage/ranges/history-reads';
import { TIMESTAMP_COLUMN } from '../../storage/ranges/physical-table';
import { bindKey, keySteps, stepsFrom } from './key-steps';
import type { Part, WrittenFile, WrittenPart } from './part';
import { NO_EXPRESSIONS } from './table-source';
import type { WrittenTable } from './written-table';

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

  /**
   * Parts of a table that need not be written again: whose rows are as many as they were and all older than that snapshot. Rows have
   * the time at which they were last written, so none was added or changed, and as none is missing none was deleted. Other indexes are
   * taken over when all rows are.
   * @param parts all of the table in the new snapshot @param turn called once in a while
   */
  async partsToKeep(
    db: Connection,
    table: WrittenTable,
    parts: readonly Part[],
    turn: () => Promise<void>,
  ): Promise<DonePart[]> {
    const kept: DonePart[] = [];
    const form = formOf(table.descriptor);
    const keep = (part: Part, record: PartRecord): void => {
      kept.push({ part, written: writtenPart(record), form });
    };
    const found = parts.map((part) => ({ part, record: this.recordOf(part, form) }));
    const isOfRows = ({ indexIds }: Part): boolean => indexIds.includes(table.primaryId);
    let areAllRowsSame = true;
    for (const { part, record } of found.filter((each) => isOfRows(each.part))) {
      if (record !== undefined && this.hasSameRows(db, table, part, record.rowCount))
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

  /** Whether it has anything of the table. */
  hasTable(id: number): boolean {
    return [...this.parts.values()].some(({ tableId }) => tableId === id);
  }

  private recordOf({ start, end, introduced }: Part, form: string): PartRecord | undefined {
    const record = this.parts.get(`${hex(start)} ${hex(end)}`);
    return record?.form === form && record.introduced === introduced ? record : undefined;
  }

  private hasSameRows(
    db: Connection,
    { descriptor, encoding }: WrittenTable,
    { from, rowsMax = Number.MAX_SAFE_INTEGER }: Part,
    rowCount: number,
  ): boolean {
    const { alias } = NO_EXPRESSIONS;
    const isNew = isNewerSql(`${alias}.${TIMESTAMP_COLUMN}`, this.endTime);
    const steps = keySteps(descriptor.id, encoding, NO_EXPRESSIONS, (rest) =>
      db.prepare(
        `SELECT count(*), total(isNew) FROM (SELECT ${isNew} AS isNew ${rest} LIMIT @limit)`,
      ),
    );
    let count = 0;
    for (const statement of stepsFrom(steps, from, true)) {
      const limit = BigInt(rowsMax - count);
      const [rows, news] = statement.raw().get({ ...bindKey(from), limit }) as [bigint, number];
      if (news !== 0) return false;
      count += Number(rows);
    }
    return count === rowCount;
  }
}
