import { ByteWriter } from '../../base/byte-writer';
import { limits } from '../../base/limits';
import { type BinaryEncoder, compileBinaryEncoder } from '../../catalog/types/binary';
import type { Repr } from '../../catalog/types/sql-type';
import { compileTextEncoder } from '../../catalog/types/text';
import { type SessionValues, textSettings } from '../builtins/repr';
import type { CopyOptions } from '../copy/options';
import { compileCopyRow } from '../copy/row-writers';
import type { FormatCode, ResultColumn } from '../engine';

/**
 * Rows as messages, ready for the socket:
 *
 *     'D'  length i32 (itself included)  columns i16  then for each column: length i32 (-1 = NULL)  bytes
 *     'd'  length i32 (itself included)  a row in COPY's format
 */

const DATA_ROW = 0x44;
const COPY_DATA = 0x64;

const FIRST_BYTES = 8_192;
const NOTHING = Buffer.alloc(0);
const NULL_LENGTH = -1;

/** How rows are written: in DataRow messages (none = all text, one = for all columns, else one a column), or as COPY does. */
export type RowFormat = readonly FormatCode[] | CopyOptions;

type RowEncoder = (out: ByteWriter, values: readonly Repr[]) => void;

/** Writes a value's length and bytes. */
type ColumnWriter = (out: ByteWriter, value: Repr) => void;

export interface RowWriterOptions {
  /** About as much as a batch holds. */
  readonly capacityBytes: number;
  /** Of the first buffer, when little is expected. */
  readonly firstBytes?: number;
  /** What it gives stays in this thread. */
  readonly isPooled?: boolean;
}

/** Of answers that may be long. */
export const FULL_BATCH: RowWriterOptions = { capacityBytes: limits.rowBatchBytesMax };

export class RowWriter extends ByteWriter {
  rowCount = 0;
  private readonly messageType: number;
  private readonly encode: RowEncoder;
  private readonly capacityBytes: number;
  /** Of the next buffer, which is made when there is a row for it. */
  private firstBytes: number;
  private readonly isPooled: boolean;

  constructor(
    messageType: number,
    encode: RowEncoder,
    { capacityBytes, firstBytes = FIRST_BYTES, isPooled = false }: RowWriterOptions,
  ) {
    super(0);
    this.messageType = messageType;
    this.encode = encode;
    this.capacityBytes = capacityBytes;
    this.firstBytes = firstBytes;
    this.isPooled = isPooled;
  }

  row(values: readonly Repr[]): void {
    const start = this.length;
    this.u8(this.messageType).u32be(0);
    this.encode(this, values);
    this.patchU32be(start + 1, this.length - start - 1);
    this.rowCount++;
  }

  /** What was written, in memory of its own, which may be transferred unless it is pooled; the writer starts again, empty. */
  take(): Uint8Array {
    const { length } = this;
    const taken = this.view();
    // A buffer that is mostly empty is not worth sending whole.
    const bytes = !this.isPooled && length * 2 < this.buffer.length ? copy(taken) : taken;
    this.firstBytes = Math.min(this.capacityBytes, Math.max(FIRST_BYTES, length));
    this.buffer = NOTHING;
    this.clear();
    this.rowCount = 0;
    return bytes;
  }

  /** What is to be transferred never comes from Node's pool, whose memory is shared. */
  protected override allocate(neededBytes: number): Buffer {
    const sizeBytes = Math.max(neededBytes, this.buffer.length * 2, this.firstBytes);
    if (this.isPooled) return Buffer.allocUnsafe(sizeBytes);
    return Buffer.from(new ArrayBuffer(sizeBytes));
  }
}

function copy(bytes: Uint8Array): Uint8Array {
  const alone = new Uint8Array(bytes.length);
  alone.set(bytes);
  return alone;
}

/** The writer of a result's rows, its encoders chosen once. */
export function openRowWriter(
  columns: readonly ResultColumn[],
  format: RowFormat,
  session: SessionValues,
  options: RowWriterOptions,
): RowWriter {
  if ('format' in format) {
    const types = columns.map(({ type }) => type);
    const names = columns.map(({ name }) => name);
    const encode = compileCopyRow(types, format, names, textSettings(session));
    return new RowWriter(COPY_DATA, encode, options);
  }
  const writers = compileColumnWriters(columns, format, session);
  const encode: RowEncoder = (out, values) => {
    out.u16be(writers.length);
    for (let i = 0; i < writers.length; i++) {
      const value = values[i];
      if (value === null || value === undefined) out.i32be(NULL_LENGTH);
      else writers[i]?.(out, value);
    }
  };
  return new RowWriter(DATA_ROW, encode, options);
}

function compileColumnWriters(
  columns: readonly ResultColumn[],
  formats: readonly FormatCode[],
  session: SessionValues,
): ColumnWriter[] {
  const settings = textSettings(session);
  return columns.map(({ type }, i) => {
    const format = formats.length === 1 ? formats[0] : (formats[i] ?? 0);
    if (format === 1) return binaryWriter(compileBinaryEncoder(type));
    const encode = compileTextEncoder(type, settings);
    return (out, value) => out.sizedUtf8(encode(value));
  });
}

function binaryWriter(encode: BinaryEncoder): ColumnWriter {
  return (out, value) => {
    const at = out.length;
    encode(out.u32be(0), value);
    out.sizedFrom(at);
  };
}
