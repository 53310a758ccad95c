import { create } from '@bufbuild/protobuf';
import { invariant } from '../../../base/invariant';
import { SpanSchema, TimestampSchema } from '../../../catalog/descriptor/gen/common_pb';
import { compareKeys } from '../../format/compare-keys';
import { stripFamilySuffix } from '../../format/datum/table-key';
import {
  type BackupManifest_File,
  BackupManifest_FileSchema,
  type RowCount,
  RowCountSchema,
} from '../../format/gen/backup_pb';
import { RowCounter, type WholeRows } from '../../format/row-counter';
import { type DataBlock, TableWriter } from '../../format/sstable/table-writer';
import type { KeySpan } from '../../restore/coverage';
import type { WrittenFile } from '../parts/part';
import { EngineVersion } from './engine-version';

/** Of the pairs in one file; CockroachDB's default of `kv.bulk_sst.target_size`. */
const FILE_BYTES_TARGET = 64 << 20;

/** A table that is complete, and what the manifest says of it. Its path is not known yet. */
export interface FinishedFile {
  /** Whoever writes them may take them away. */
  readonly pieces: Uint8Array[];
  readonly span: KeySpan;
  readonly counts: RowCount;
}

/** A data block of whole rows. */
export interface RowBlock extends DataBlock, WholeRows {
  /** Without its version. */
  readonly firstKey: Uint8Array;
  /** Without its version. */
  readonly lastKeyLength: number;
}

export interface SpanWriterOptions {
  /** Of the backup. */
  readonly endTime: bigint;
  readonly primaryIndexOf: (tableId: number) => number | undefined;
  readonly fileBytesTarget?: number;
}

/** Cuts the pairs of one span, which come in key order, into tables. Rows are not torn apart. */
export class SpanWriter {
  /** To be written by whoever adds pairs. */
  readonly finished: FinishedFile[] = [];
  readonly versions: EngineVersion;
  private readonly span: KeySpan;
  private readonly options: SpanWriterOptions;
  private table = new TableWriter();
  private counter: RowCounter;
  /** Where the current file's span begins. */
  private start: Uint8Array;
  private lastKey = Buffer.alloc(0);
  private lastLength = 0;

  constructor(span: KeySpan, options: SpanWriterOptions) {
    this.span = span;
    this.options = options;
    this.versions = new EngineVersion(options.endTime);
    this.counter = new RowCounter(options.primaryIndexOf);
    this.start = span.start;
  }

  /** `key[0, keyLength)`, without MVCC suffix, and `value[0, valueLength)`, empty: deleted; both are copied. */
  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    this.goTo(key, keyLength);
    this.keep(key, keyLength);
    this.counter.add(key, keyLength, valueLength);
    this.table.addVersion(key, keyLength, this.versions.of(timestamp), value, valueLength);
  }

  /** Adds rows, or entries of other indexes, that are whole. */
  addBlock(block: RowBlock): void {
    this.goTo(block.firstKey, block.firstKey.length);
    const lastKey = block.lastKey.subarray(0, block.lastKeyLength);
    this.keep(lastKey, lastKey.length);
    this.counter.addWhole(block);
    this.table.addBlock(block);
  }

  /** Ends the file before the key, if that is large enough. */
  private goTo(key: Uint8Array, keyLength: number): void {
    const order = compareKeys(this.lastKey, this.lastLength, key, keyLength);
    invariant(order <= 0, 'pairs of a backup come in the order of their keys');
    const { fileBytesTarget = FILE_BYTES_TARGET } = this.options;
    if (this.counter.sizeBytes >= fileBytesTarget) this.cutBefore(key.subarray(0, keyLength));
  }

  private keep(key: Uint8Array, length: number): void {
    if (length > this.lastKey.length) this.lastKey = Buffer.alloc(length * 2);
    const { lastKey } = this;
    for (let i = 0; i < length; i++) lastKey[i] = key[i] as number;
    this.lastLength = length;
  }

  /** Ends the file, unless the key is of the row that was added last. */
  private cutBefore(key: Uint8Array): void {
    const row = stripFamilySuffix(key) ?? key;
    const last = this.lastKey.subarray(0, this.lastLength);
    if (compareKeys(last, Math.min(last.length, row.length), row, row.length) === 0) return;
    const end = Uint8Array.from(row);
    this.finishFile(end);
    this.start = end;
    this.table = new TableWriter();
    this.counter = new RowCounter(this.options.primaryIndexOf);
  }

  private finishFile(end: Uint8Array): void {
    this.finished.push({
      pieces: this.table.finish(),
      span: { start: this.start, end },
      counts: this.counter.counts(),
    });
  }

  /** After the last pair. A span without any has no file. */
  finish(): void {
    if (this.table.entryCount > 0) this.finishFile(this.span.end);
  }
}

export const spanMessage = ({ start, end }: KeySpan) =>
  create(SpanSchema, { key: start, endKey: end });

export function fileMessage({ path, locality, span, counts }: WrittenFile): BackupManifest_File {
  return create(BackupManifest_FileSchema, {
    span: spanMessage(span),
    path,
    entryCounts: create(RowCountSchema, counts),
    localityKv: locality,
    startTime: create(TimestampSchema),
    endTime: create(TimestampSchema),
  });
}
