import { closeSync, fdatasync, openSync } from 'node:fs';
import { SqlError } from '../../base/errors';
import { storeFile } from './connection';

/**
 * Brings commits to the disk that were made without a sync of their own (synchronous=NORMAL: they are in the WAL, and nowhere
 * else). The sync runs in a thread of Node's pool; commits that come while one is under way share the next.
 * docs/decisions/0016-short-statements-in-the-main-thread.md says what that is worth.
 */
export class GroupSync {
  private readonly path: string;
  private file: number | undefined;
  private running: Promise<void> | undefined;
  private following: Promise<void> | undefined;
  private brokenState = false;

  /** @param directory of the store; a connection to it stays open, so that its WAL stays the same file */
  constructor(directory: string) {
    this.path = `${storeFile(directory)}-wal`;
  }

  /** A sync has failed: nobody knows what later ones are worth. */
  get broken(): boolean {
    return this.brokenState;
  }

  /** When all that was committed before is on the disk. @throws SqlError ioError (58030) */
  wait(): Promise<void> {
    if (this.running === undefined) return this.begin();
    // The one that is under way may have begun before this commit.
    this.following ??= this.running.then(
      () => this.begin(),
      () => this.begin(),
    );
    return this.following;
  }

  private begin(): Promise<void> {
    this.following = undefined;
    const sync = this.sync().finally(() => {
      if (this.running === sync) this.running = undefined;
    });
    this.running = sync;
    return sync;
  }

  private async sync(): Promise<void> {
    try {
      this.file ??= openSync(this.path, 'r+');
      const file = this.file;
      await new Promise<void>((resolve, reject) => {
        fdatasync(file, (error) => (error === null ? resolve() : reject(error)));
      });
    } catch (error) {
      this.brokenState = true;
      const reason = error instanceof Error ? error.message : String(error);
      throw new SqlError('ioError', `the change is made, but may be lost with power: ${reason}`, {
        cause: error,
      });
    }
  }

  /** Nothing is waited for any more. */
  close(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.file = undefined;
  }
}
