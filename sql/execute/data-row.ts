import { ByteWriter } from '../../base/byte-writer';
import { type BinaryEncoder, compileBinaryEncoder } from '../../catalog/types/binary';
import type { Repr } from '../../catalog/types/sql-type';
import { compileTextEncoder } from '../../catalog/types/text';
import { type SessionValues, textSettings } from '../builtins/repr';
import type { FormatCode, ResultColumn } from '../engine';

/**
 * Rows as DataRow messages, ready for the socket:
 *
 *     'D'  length i32 (itself included)  columns i16  then for each column: length i32 (-1 = NULL)  bytes
 */

const DATA_ROW = 0x44;

const FIRST_BYTES = 8_192;
const NOTHING = Buffer.alloc(0);
const NULL_LENGTH = -1;

/** Writes a value's length and bytes. */
type ColumnWriter = (rows: DataRowWriter, value: Repr) => void;

export class DataRowWriter extends ByteWriter {
  rowCount = 0;
  private readonly columns: readonly ColumnWriter[];
  private readonly capacityBytes: number;
  /** Of the next buffer, which is made when there is a row for it. */
  private firstBytes: number;

  constructor(
    columns: readonly ColumnWriter[],
    capacityBytes: number,
    firstBytes: number = FIRST_BYTES,
  ) {
    super(0);
    this.firstBytes = firstBytes;
    this.columns = columns;
    this.capacityBytes = capacityBytes;
  }

  row(values: readonly Repr[]): void {
    const start = this.length;
    this.u8(DATA_ROW).u32be(0).u16be(this.columns.length);
    for (let i = 0; i < this.columns.length; i++) {
      const value = values[i];
      if (value === null || value === undefined) this.i32be(NULL_LENGTH);
      else this.columns[i]?.(this, value);
    }
    this.patchU32be(start + 1, this.length - start - 1);
    this.rowCount++;
  }

  /** What was written, in memory of its own that may be transferred; the writer starts again, empty. */
  take(): Uint8Array {
    const { length } = this;
    const taken = this.view();
    // A buffer that is mostly empty is not worth sending whole.
    const bytes = length * 2 < this.buffer.length ? copy(taken) : taken;
    this.firstBytes = Math.min(this.capacityBytes, Math.max(FIRST_BYTES, length));
    this.buffer = NOTHING;
    this.clear();
    this.rowCount = 0;
    return bytes;
  }

  /** Never from Node's pool: its memory is shared and can't be transferred. */
  protected override allocate(neededBytes: number): Buffer {
    const sizeBytes = Math.max(neededBytes, this.buffer.length * 2, this.firstBytes);
    return Buffer.from(new ArrayBuffer(sizeBytes));
  }
}

function copy(bytes: Uint8Array): Uint8Array {
  const alone = new Uint8Array(bytes.length);
  alone.set(bytes);
  return alone;
}

function binaryWriter(encode: BinaryEncoder): ColumnWriter {
  return (rows, value) => {
    const at = rows.length;
    encode(rows.u32be(0), value);
    rows.sizedFrom(at);
  };
}

/** One writer a column, chosen once for the result. @param formats none = text, one = for all, else one a column */
export function compileColumnWriters(
  columns: readonly ResultColumn[],
  formats: readonly FormatCode[],
  session: SessionValues,
): ColumnWriter[] {
  const settings = textSettings(session);
  return columns.map(({ type }, i) => {
    const format = formats.length === 1 ? formats[0] : (formats[i] ?? 0);
    if (format === 1) return binaryWriter(compileBinaryEncoder(type));
    const encode = compileTextEncoder(type, settings);
    return (rows, value) => rows.sizedUtf8(encode(value));
  });
}
