import type { PageFile } from './page-file';
import type { RecordLayout, StoredRecordReader } from './stored-record-reader';
import { CellReader, cellAt } from './tree-page';

/** Numbers of a span of cells: where its page begins in the bytes, its first cell, the one after its last. */
export const SPAN_NUMBERS = 3;

export interface PageSpans {
  /** In the order of the rows. */
  readonly spans: Uint32Array;
  readonly rowCount: number;
}

export interface PageRunOptions extends PageSpans {
  readonly file: PageFile;
  readonly layout: RecordLayout;
  /** Whole pages, and ROWID_BYTES. */
  readonly bytes: Buffer;
}

/** Rows that follow each other in a table, in the pages that hold them. */
export class PageRun {
  readonly bytes: Buffer;
  readonly spans: Uint32Array;
  readonly rowCount: number;
  readonly layout: RecordLayout;
  readonly pageBytes: number;
  private readonly cells: CellReader;
  private span = 0;
  private cell = -1;

  constructor({ file, layout, bytes, spans, rowCount }: PageRunOptions) {
    this.bytes = bytes;
    this.spans = spans;
    this.rowCount = rowCount;
    this.layout = layout;
    this.pageBytes = file.pageBytes;
    this.cells = new CellReader(file);
  }

  /** Moves the reader to the next row. @returns false at the end */
  next(record: StoredRecordReader): boolean {
    const { spans, bytes } = this;
    for (; this.span < spans.length; this.span += SPAN_NUMBERS, this.cell = -1) {
      const page = spans[this.span] as number;
      if (this.cell < 0) this.cell = spans[this.span + 1] as number;
      if (this.cell === spans[this.span + 2]) continue;
      this.cells.read(record, bytes, page, cellAt(bytes, page, this.cell++));
      return true;
    }
    return false;
  }

  /** Moves the reader to any row. @param offset of its cell in the bytes */
  readCell(record: StoredRecordReader, offset: number): void {
    const page = offset - (offset % this.pageBytes);
    this.cells.read(record, this.bytes, page, offset);
  }
}
