import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExternalWriter } from './external-storage';
import { errorCode } from './nodelocal-errors';
import { confineLinks } from './nodelocal-path';

const TEMPORARY = /^\.ootheca-[0-9a-f]{16}\.tmp$/;

/** Names of files that are being written, or were when a server was killed: listings leave them out. */
export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name);

/** Writes to a file beside the one that is meant and renames it over when everything is on the disk. */
export class NodelocalWriter implements ExternalWriter {
  readonly name: string;
  private readonly handle: FileHandle;
  private readonly temporary: string;
  private readonly target: string;
  private readonly asError: (error: unknown) => unknown;
  private done = false;

  private constructor(
    name: string,
    handle: FileHandle,
    temporary: string,
    target: string,
    asError: (error: unknown) => unknown,
  ) {
    this.name = name;
    this.handle = handle;
    this.temporary = temporary;
    this.target = target;
    this.asError = asError;
  }

  /**
   * Makes the directories that are missing.
   * @param root the external-io-dir @param target absolute, below it by its text
   * @param asError puts the file system's errors in words
   * @throws SqlError insufficientPrivilege (42501) when symbolic links lead out of the root
   */
  static async create(
    root: string,
    target: string,
    name: string,
    asError: (error: unknown) => unknown,
  ): Promise<NodelocalWriter> {
    try {
      const directory = await makeDirectory(root, dirname(target), name);
      const temporary = join(directory, `.ootheca-${randomBytes(8).toString('hex')}.tmp`);
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
      const handle = await open(temporary, flags, 0o644);
      const path = join(directory, basename(target));
      return new NodelocalWriter(name, handle, temporary, path, asError);
    } catch (error) {
      throw asError(error);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(bytes);
    } catch (error) {
      throw this.asError(error);
    }
  }

  async finish(): Promise<void> {
    try {
      await this.handle.sync();
      await this.handle.close();
      await rename(this.temporary, this.target);
      this.done = true;
      await syncDirectory(dirname(this.target));
    } catch (error) {
      await this.abort();
      throw this.asError(error);
    }
  }

  async abort(): Promise<void> {
    if (this.done) return;
    this.done = true;
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true }).catch(() => undefined);
  }
}

/** @returns the directory's real path. What is there is checked before anything is made below it. */
async function makeDirectory(root: string, directory: string, name: string): Promise<string> {
  // The root itself is the operator's: it is made when it is missing, as when a server starts.
  await mkdir(root, { recursive: true });
  let existing = directory;
  while (!(await exists(existing))) existing = dirname(existing);
  await confineLinks(root, existing, name);
  const made = await mkdir(directory, { recursive: true });
  if (made !== undefined) await syncDirectory(dirname(made));
  return await confineLinks(root, directory, name);
}

async function exists(path: string): Promise<boolean> {
  try {
    await realpath(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Makes names in it durable. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
