import { ByteWriter } from '../../base/byte-writer';
import { SIGNATURE, TRAILER } from '../copy/binary-reader';
import type { CopyOptions } from '../copy/options';
import { headerLine } from '../copy/row-writers';
import type { CopyShape, Cursor, RowBatch } from '../engine';

const COPY_DATA = 0x64;
const HEADER_BYTES = 5;
const NOTHING = new Uint8Array(0);

function message(bytes: Uint8Array): Uint8Array {
  return new ByteWriter(bytes.length + 5)
    .u8(COPY_DATA)
    .u32be(bytes.length + 4)
    .raw(bytes)
    .view();
}

/** The binary header comes with the first row, or the trailer: clients that read by rows count on it. */
function inFirstMessage(head: Uint8Array, messages: Buffer): Uint8Array {
  const end = 1 + messages.readInt32BE(1);
  return Buffer.concat([
    message(Buffer.concat([head, messages.subarray(HEADER_BYTES, end)])),
    messages.subarray(end),
  ]);
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
    if (isBinary) this.head = Buffer.concat([SIGNATURE, Buffer.alloc(8)]);
    else if (options.header !== false) this.head = Buffer.from(headerLine(names, options));
  }

  async next(rowsMax: number): Promise<RowBatch> {
    const batch = await this.inner.next(rowsMax);
    const { head } = this;
    this.head = undefined;
    const isBinary = this.options.format === 'binary';
    const tail = batch.done && isBinary ? message(TRAILER) : NOTHING;
    if (head === undefined && tail === NOTHING) return batch;
    const bytes = Buffer.concat([batch.bytes, tail]);
    if (head === undefined) return { ...batch, bytes };
    return {
      ...batch,
      bytes: isBinary ? inFirstMessage(head, bytes) : Buffer.concat([message(head), bytes]),
    };
  }

  commandTag(rowsSent: number): string {
    return `COPY ${rowsSent}`;
  }

  async close(): Promise<void> {
    await this.inner.close();
  }
}
