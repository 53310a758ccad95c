import { readSync } from 'node:fs';
import { SqlError } from '../../base/errors';
import type { Connection } from '../ranges/connection';

/**
 * The pages of the store's file, read without SQLite. They are what a snapshot sees from `isAllInFile` on, for as long as its read
 * transaction is open: docs/decisions/0046-pages-without-sqlite.md.
 */
export class PageFile {
  readonly pageBytes: number;
  readonly path: string;
  readonly pageCount: number;
  private readonly fd: number;

  /** @param fd of the store's file @param db with the read transaction of the snapshot */
  constructor(fd: number, db: Connection) {
    const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }));
    this.fd = fd;
    this.path = db.name;
    this.pageBytes = number('page_size');
    this.pageCount = number('page_count');
  }

  /**
   * Reads pages that follow each other.
   * @param first counted from 1 @throws SqlError ioError (58030), dataCorrupted (XX001)
   */
  read(first: number, count: number, target: Buffer, at: number): void {
    if (first < 1 || first + count - 1 > this.pageCount) throw this.damaged(`page ${first}`);
    const length = count * this.pageBytes;
    for (let done = 0; done < length; ) {
      const position = (first - 1) * this.pageBytes + done;
      const read = this.readSome(target, at + done, length - done, position);
      if (read === 0) throw this.damaged(`its end is missing, from byte ${position} on`);
      done += read;
    }
  }

  private readSome(target: Buffer, at: number, length: number, position: number): number {
    try {
      return readSync(this.fd, target, at, length, position);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SqlError('ioError', `could not read the store "${this.path}": ${reason}`);
    }
  }

  /** @param detail what is wrong */
  damaged(detail: string): SqlError {
    return new SqlError('dataCorrupted', `the store is damaged: ${this.path}`, { detail });
  }
}

/**
 * Brings the WAL into the store's file.
 * @param db not read-only; nobody may write until the snapshot is taken that the file is to be read for
 * @returns false when not all of it could be, because of readers of older snapshots or another checkpoint
 */
export function isAllInFile(db: Connection): boolean {
  const [row] = db.pragma('wal_checkpoint(PASSIVE)') as {
    busy: bigint;
    log: bigint;
    checkpointed: bigint;
  }[];
  return row !== undefined && row.busy === 0n && row.log === row.checkpointed;
}
