import { wallNanos } from '../../base/clock';
import type { Repr } from '../../catalog/types/sql-type';
import { RecordBuilder } from '../../storage/staging/record-builder';
import { StagingFile } from '../../storage/staging/staging-file';
import {
  compileRowDecoderInto,
  decodeSequenceValue,
  type RowDecoder,
  type RowValues,
} from '../format/datum/row-decoder';
import { decodeTablePrefix } from '../format/datum/table-key';
import { readVersions } from '../format/mvcc/read-versions';
import { VALUE_HEADER_BYTES } from '../format/mvcc/value';
import type { VersionIterator } from '../format/mvcc/version-iterator';
import type { SpanFiles } from './span-files';
import type { SourceTable, StagedRange, StageTask } from './stage-task';

/**
 * Stages any range: merges the versions of all layers, decodes rows of every type. What is wrong with a backup is found and said
 * here.
 * @throws the signal's reason; CorruptionError, SqlError for what is wrong with the backup or the device
 */
export async function stageRows(
  { table, asOf, path }: StageTask,
  files: SpanFiles,
  signal: AbortSignal,
): Promise<StagedRange> {
  const reader =
    table.rows === undefined ? new SequenceReader(table) : new RowReader(table, table.rows, path);
  try {
    for await (const versions of readVersions(files.spans, asOf)) {
      signal.throwIfAborted();
      reader.take(versions, files.description);
    }
    return reader.finish();
  } finally {
    reader.close();
  }
}

/** Family 0, which every index entry has, ends a key with this byte (format reference 04 §5). */
const FAMILY_0_SUFFIX = 0x88;

class RowReader {
  private readonly table: SourceTable;
  private readonly decoder: RowDecoder;
  private readonly secondaryIndexIds: ReadonlySet<number>;
  private readonly row: StagedRow;
  private readonly columns: readonly string[];
  private readonly path: string;
  private file: StagingFile | undefined;
  private sizeBytes = 0;
  private indexEntries = 0;
  /** Neighbours often have the same version; a bigint is made only when it changes. */
  private wallHigh = -1;
  private wallLow = -1;
  private version = 0n;

  constructor(table: SourceTable, rows: NonNullable<SourceTable['rows']>, path: string) {
    this.table = table;
    this.row = new StagedRow(rows.anySlots);
    this.decoder = compileRowDecoderInto(rows.layout, this.row, this.addRow);
    this.secondaryIndexIds = new Set(table.secondaryIndexIds);
    this.columns = rows.columns;
    this.path = path;
  }

  take(versions: VersionIterator, file: string): void {
    const { decoder } = this;
    decoder.file = file;
    while (versions.next()) {
      if (versions.wallLow !== this.wallLow || versions.wallHigh !== this.wallHigh) {
        this.wallLow = versions.wallLow;
        this.wallHigh = versions.wallHigh;
        this.version = versions.wallTime;
      }
      const { keyBuffer, keyLength, valueBytes, dataStart, dataEnd } = versions;
      const { tag } = versions;
      const { version } = this;
      const isRow = decoder.add(keyBuffer, keyLength, tag, valueBytes, dataStart, dataEnd, version);
      if (!isRow) {
        if (!this.isIndexEntry(versions.key, file)) continue;
        if (keyBuffer[keyLength - 1] === FAMILY_0_SUFFIX) this.indexEntries++;
      }
      this.sizeBytes += keyLength + this.table.keyGrowth + VALUE_HEADER_BYTES + dataEnd - dataStart;
    }
  }

  private isIndexEntry(key: Uint8Array, file: string): boolean {
    const prefix = decodeTablePrefix(key, file);
    return prefix.tableId === this.table.tableId && this.secondaryIndexIds.has(prefix.indexId);
  }

  private readonly addRow = (version: bigint): void => {
    this.row.setVersion(version);
    this.file ??= new StagingFile(this.path, this.columns);
    this.file.add(this.row.record);
  };

  finish(): StagedRange {
    this.decoder.finish();
    this.file?.finish();
    const { sizeBytes, indexEntries } = this;
    const rowCount = this.file?.rowCount ?? 0;
    return { contents: { sizeBytes, indexEntries, rowCount }, hasFile: rowCount > 0 };
  }

  close(): void {
    this.file?.close();
  }
}

/** A row as the record that it is in SQLite. */
class StagedRow implements RowValues {
  readonly record: RecordBuilder;
  private readonly anySlots: readonly boolean[];
  private readonly newest = wallNanos();
  private version = -1n;
  private versionHigh = 0;
  private versionLow = 0;

  constructor(anySlots: readonly boolean[]) {
    this.record = new RecordBuilder(anySlots.length + 1);
    this.anySlots = anySlots;
  }

  clear(): void {
    this.record.clear();
  }

  set(slot: number, value: Repr): void {
    const { record } = this;
    if (typeof value === 'number') {
      // What keeps a number as it is takes it for a REAL (decision 0002).
      if (this.anySlots[slot] === true) record.setReal(slot, value);
      else record.setInteger(slot, value);
    } else if (typeof value === 'string') record.setString(slot, value);
    else if (value === null) record.setNull(slot);
    else if (typeof value === 'bigint') record.setInteger(slot, value);
    else record.setBlob(slot, value, 0, value.length);
  }

  setBytes(slot: number, bytes: Buffer, start: number, end: number): void {
    this.record.setBlob(slot, bytes, start, end);
  }

  setText(slot: number, bytes: Buffer, start: number, end: number): boolean {
    return this.record.setText(slot, bytes, start, end);
  }

  isBytes(slot: number): boolean {
    return this.record.isBlob(slot);
  }

  /**
   * The row's timestamp, in the last slot. Of a cluster whose clock was ahead of this one's it is now: for readers of the past nothing
   * is from the future.
   */
  setVersion(version: bigint): void {
    if (version !== this.version) {
      this.version = version;
      const time = version > this.newest ? this.newest : version;
      this.versionHigh = Number(time >> 32n);
      this.versionLow = Number(time & 0xffffffffn);
    }
    this.record.setWords(this.anySlots.length, this.versionHigh, this.versionLow);
  }
}

class SequenceReader {
  private readonly table: SourceTable;
  private value: bigint | undefined;
  private rowCount = 0;
  private sizeBytes = 0;

  constructor(table: SourceTable) {
    this.table = table;
  }

  take(versions: VersionIterator, file: string): void {
    const { keyGrowth, name } = this.table;
    while (versions.next()) {
      this.value = decodeSequenceValue(versions.tag, versions.data, `${file} (${name})`);
      this.rowCount++;
      this.sizeBytes +=
        versions.keyLength + keyGrowth + VALUE_HEADER_BYTES + versions.dataEnd - versions.dataStart;
    }
  }

  finish(): StagedRange {
    const { rowCount, sizeBytes, value } = this;
    const contents = { rowCount, indexEntries: 0, sizeBytes };
    return { contents, hasFile: false, ...(value === undefined ? {} : { sequenceValue: value }) };
  }

  close(): void {}
}
