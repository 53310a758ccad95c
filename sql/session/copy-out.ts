import { ByteWriter } from '../../base/byte-writer';
import { SIGNATURE, TRAILER } from '../copy/binary-reader';
import type { CopyOptions } from '../copy/options';
import { headerLine } from '../copy/row-writers';
import type { CopyShape, Cursor, RowBatch } from '../engine';

const COPY_DATA = 0x64;

function message(bytes: Uint8Array): Uint8Array {
  return new ByteWriter(bytes.length + 5)
    .u8(COPY_DATA)
    .u32be(bytes.length + 4)
    .raw(bytes)
    .view();
}

/** COPY … TO STDOUT: a query's rows in COPY's format, with what the format has before and after them. */
export class CopyOutCursor implements Cursor {
  readonly columns = null;
  readonly copyOut: CopyShape;
  private readonly inner: Cursor;
  private readonly options: CopyOptions;
  private head: Uint8Array | undefined;

  constructor(inner: Cursor, names: readonly string[], options: CopyOptions) {
    this.inner = inner;
    this.options = options;
    const isBinary = options.format === 'binary';
    this.copyOut = { isBinary, columnCount: names.length };
    if (isBinary) this.head = message(Buffer.concat([SIGNATURE, Buffer.alloc(8)]));
    else if (options.header !== false) {
      this.head = message(Buffer.from(headerLine(names, options)));
    }
  }

  async next(rowsMax: number): Promise<RowBatch> {
    const batch = await this.inner.next(rowsMax);
    const { head } = this;
    this.head = undefined;
    const tail = batch.done && this.options.format === 'binary' ? message(TRAILER) : undefined;
    if (head === undefined && tail === undefined) return batch;
    const parts = [head, batch.bytes, tail].filter((part) => part !== undefined);
    return { ...batch, bytes: Buffer.concat(parts) };
  }

  commandTag(rowsSent: number): string {
    return `COPY ${rowsSent}`;
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}
