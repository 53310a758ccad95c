import { notSupported } from '../../base/errors';
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

/** Writes a value's length and bytes at `at` and gives the end. */
type ColumnWriter = (rows: DataRowWriter, value: Repr) => void;

export class DataRowWriter {
  private buffer: Buffer;
  private used = 0;
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
    this.firstBytes = firstBytes;
    this.columns = columns;
    this.capacityBytes = capacityBytes;
    this.buffer = NOTHING;
  }

  get sizeBytes(): number {
    return this.used;
  }

  row(values: readonly Repr[]): void {
    const start = this.used;
    this.reserve(7);
    this.buffer[start] = DATA_ROW;
    this.buffer.writeInt16BE(this.columns.length, start + 5);
    this.used = start + 7;
    for (let i = 0; i < this.columns.length; i++) {
      const value = values[i];
      if (value === null || value === undefined) {
        this.reserve(4);
        this.buffer.writeInt32BE(-1, this.used);
        this.used += 4;
      } else this.columns[i]?.(this, value);
    }
    this.buffer.writeInt32BE(this.used - start - 1, start + 1);
    this.rowCount++;
  }

  text(text: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 code unit.
    this.reserve(4 + text.length * 3);
    const written = this.buffer.write(text, this.used + 4, 'utf8');
    this.buffer.writeInt32BE(written, this.used);
    this.used += 4 + written;
  }

  bytes(bytes: Uint8Array): void {
    this.reserve(4 + bytes.length);
    this.buffer.writeInt32BE(bytes.length, this.used);
    this.buffer.set(bytes, this.used + 4);
    this.used += 4 + bytes.length;
  }

  /** What was written, in memory of its own that may be transferred; the writer starts again, empty. */
  take(): Uint8Array {
    const taken = this.buffer.subarray(0, this.used);
    // A buffer that is mostly empty is not worth sending whole.
    const bytes = this.used * 2 < this.buffer.length ? copy(taken) : taken;
    this.firstBytes = Math.min(this.capacityBytes, Math.max(FIRST_BYTES, this.used));
    this.buffer = NOTHING;
    this.used = 0;
    this.rowCount = 0;
    return bytes;
  }

  private reserve(count: number): void {
    const needed = this.used + count;
    if (needed <= this.buffer.length) return;
    const grown = allocate(Math.max(needed, this.buffer.length * 2, this.firstBytes));
    this.buffer.copy(grown, 0, 0, this.used);
    this.buffer = grown;
  }
}

/** Never from Node's pool: its memory is shared and can't be transferred. */
function allocate(sizeBytes: number): Buffer {
  return Buffer.from(new ArrayBuffer(sizeBytes));
}

function copy(bytes: Uint8Array): Uint8Array {
  const alone = new Uint8Array(bytes.length);
  alone.set(bytes);
  return alone;
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
    if (format === 1) throw notSupported('the binary result format');
    const encode = compileTextEncoder(type, settings);
    return (rows, value) => rows.text(encode(value));
  });
}
