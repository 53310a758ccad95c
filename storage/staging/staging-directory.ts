import { mkdirSync, readdirSync, rmSync, unlink } from 'node:fs';
import { join } from 'node:path';
import { toStagingError } from './staging-errors';

/** Of a store's directory. */
export const STAGING_DIRECTORY = 'staging';

/** Removes what a server that died has left; before anything is staged. */
export function clearStaging(storeDirectory: string): void {
  rmSync(join(storeDirectory, STAGING_DIRECTORY), { recursive: true, force: true });
}

/** The staging files of one job. */
export class StagingDirectory {
  private readonly directory: string;
  private readonly prefix: string;

  /** @throws SqlError diskFull (53100), ioError (58030) */
  constructor(storeDirectory: string, jobId: bigint) {
    this.directory = join(storeDirectory, STAGING_DIRECTORY);
    this.prefix = `job-${jobId}-`;
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toStagingError(error, this.directory);
    }
    this.clear();
  }

  path(rangeId: number): string {
    return join(this.directory, `${this.prefix}range-${rangeId}.db`);
  }

  /** Freeing a file's pages takes a while: it is not waited for. A file that stays is removed by `clear`. */
  remove(rangeId: number): void {
    unlink(this.path(rangeId), () => undefined);
  }

  /** Removes the job's files; nobody may be writing them. */
  clear(): void {
    for (const name of readdirSync(this.directory)) {
      if (name.startsWith(this.prefix)) rmSync(join(this.directory, name), { force: true });
    }
  }
}
