import { closeSync, openSync, writeSync } from 'node:fs';
import { toStagingError } from './staging-errors';

/** Pages of a staging file: large ones have fewer levels, fewer overflow pages and fewer reads. */
export const PAGE_BYTES = 32 << 10;

/** Pages that are written together. */
const BATCH_PAGES = 16;

/** A file of pages numbered from 1 that is written from its beginning to its end; page 1 comes last. */
export class PageFileWriter {
  readonly pageBytes: number;
  private readonly path: string;
  private readonly file: number;
  private readonly batch: Buffer;
  private batched = 0;
  /** The last page that was added. */
  private last = 1;

  /**
   * @param pageBytes a power of two from 512 to 32768
   * @throws SqlError diskFull (53100), ioError (58030), as all methods do
   */
  constructor(path: string, pageBytes = PAGE_BYTES) {
    this.path = path;
    this.pageBytes = pageBytes;
    this.batch = Buffer.alloc(BATCH_PAGES * pageBytes);
    this.file = this.attempt(() => openSync(path, 'w', 0o600));
  }

  get pageCount(): number {
    return this.last;
  }

  /** The number of the page that the next `add` writes. */
  get nextPage(): number {
    return this.last + 1;
  }

  /** @param page is copied @returns its number */
  add(page: Uint8Array): number {
    if (this.batched === BATCH_PAGES) this.flush();
    this.batch.set(page, this.batched * this.pageBytes);
    this.batched++;
    this.last++;
    return this.last;
  }

  private flush(): void {
    const first = this.last - this.batched + 1;
    this.writeAt(this.batch.subarray(0, this.batched * this.pageBytes), first);
    this.batched = 0;
  }

  private writeAt(bytes: Uint8Array, page: number): void {
    this.attempt(() => {
      const start = (page - 1) * this.pageBytes;
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.file, bytes, at, bytes.length - at, start + at);
      }
    });
  }

  /** Writes page 1 and what is held back. No sync: nobody reads a staging file after a crash. */
  finish(firstPage: Uint8Array): void {
    if (this.batched > 0) this.flush();
    this.writeAt(firstPage, 1);
  }

  close(): void {
    closeSync(this.file);
  }

  private attempt<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw toStagingError(error, this.path);
    }
  }
}
