import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CorruptionError, SqlError } from '../../base/errors';
import { limits } from '../../base/limits';
import {
  cutAtDelimiter,
  type ExternalFile,
  type ExternalStorage,
  type ExternalWriter,
} from './external-storage';
import { asStatError, fileError, isMissing, writeError } from './nodelocal-errors';
import { confine, confineLinks, joinRelative } from './nodelocal-path';
import { isTemporaryName, NodelocalWriter } from './nodelocal-writer';
import type { ExternalStorageOptions } from './storage-options';
import { type LocationUri, redactUri, refuseUnknownParams } from './uri';

/**
 * Opens `nodelocal://<node id | self>/<path>`: files under the external-io-dir of this node, and nowhere else.
 * @throws see `openStorage`
 */
export async function openNodelocal(
  location: LocationUri,
  uri: string,
  options: ExternalStorageOptions,
): Promise<ExternalStorage> {
  checkNode(location.host, uri, options.nodeId);
  refuseUnknownParams(location, 'nodelocal', []);
  if (options.externalIoDir === undefined) {
    throw new SqlError('objectNotInPrerequisiteState', 'local file access is disabled', {
      hint: 'Start the server with --external-io-dir.',
    });
  }
  return new NodelocalStorage(resolve(options.externalIoDir), location.path, redactUri(uri));
}

function checkNode(host: string, uri: string, nodeId: number): void {
  if (host === '') {
    throw new SqlError(
      'invalidParameterValue',
      "host component of nodelocal URI must be a node ID (use 'self' to specify each node should access its own local filesystem): " +
        redactUri(uri),
    );
  }
  if (host === 'self') return;
  if (!/^[0-9]{1,9}$/.test(host)) {
    throw new SqlError(
      'invalidParameterValue',
      `host component of nodelocal URI must be a node ID: ${redactUri(uri)}`,
    );
  }
  const node = Number(host);
  // 0 is what `self` means.
  if (node === 0 || node === nodeId) return;
  throw new SqlError(
    'undefinedObject',
    `failed to create blob client: connecting to node ${node}: failed to resolve n${node}: unable to look up descriptor for n${node}`,
  );
}

/** One listing under way. */
interface Walk {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  filesLeft: number;
}

class NodelocalStorage implements ExternalStorage {
  readonly redactedUrl: string;
  private readonly root: string;
  private readonly base: string;

  /** @param root the external-io-dir, absolute @param base path of the location below it, as written in the URL */
  constructor(root: string, base: string, redactedUrl: string) {
    this.root = root;
    this.base = base;
    this.redactedUrl = redactedUrl;
  }

  async open(path: string): Promise<ExternalFile> {
    const relative = joinRelative(this.base, path);
    const full = this.confineForRead(relative);
    const name = fileName(this.redactedUrl, path);
    let handle: FileHandle | undefined;
    try {
      const real = await confineLinks(this.root, full, relative);
      // Non-blocking, so that opening a FIFO nobody writes to does not hang; it is refused below.
      handle = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const { size } = await regularFile(handle, full);
      return new NodelocalFile(handle, name, size);
    } catch (error) {
      await handle?.close();
      throw fileError(error, full);
    }
  }

  async readAll(path: string, bytesMax: number): Promise<Uint8Array> {
    const file = await this.open(path);
    try {
      if (file.sizeBytes > bytesMax) {
        throw new SqlError(
          'programLimitExceeded',
          `${file.name} has ${file.sizeBytes} bytes, at most ${bytesMax} are read`,
        );
      }
      return await file.read(0, file.sizeBytes);
    } finally {
      await file.close();
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const writer = await this.create(path);
    try {
      await writer.write(bytes);
    } catch (error) {
      await writer.abort();
      throw error;
    }
    await writer.finish();
  }

  async create(path: string): Promise<ExternalWriter> {
    const full = confine(this.root, joinRelative(this.base, path));
    const name = fileName(this.redactedUrl, path);
    return NodelocalWriter.create(this.root, full, name, (error) => writeError(error, full));
  }

  async delete(path: string): Promise<void> {
    const relative = joinRelative(this.base, path);
    const full = confine(this.root, relative);
    try {
      // The link is what goes, not what it leads to: only its directory has to be inside.
      await confineLinks(this.root, dirname(full), relative);
      await unlink(full);
    } catch (error) {
      if (!isMissing(error)) throw writeError(error, full);
    }
  }

  async *list(prefix: string, delimiter?: string): AsyncIterable<string> {
    const slash = prefix.lastIndexOf('/');
    const folder = slash < 0 ? '' : prefix.slice(0, slash);
    const relative = joinRelative(this.base, folder);
    const start = confine(this.root, relative);
    try {
      await confineLinks(this.root, start, relative);
    } catch (error) {
      if (isMissing(error)) return;
      throw fileError(error, start);
    }
    const walk: Walk = { prefix, delimiter, filesLeft: limits.listedFilesMax };
    let last: string | undefined;
    for await (const path of this.walk(start, folder === '' ? '' : `${folder}/`, 0, walk)) {
      if (path !== last) yield path;
      last = path;
    }
  }

  async close(): Promise<void> {}

  private async *walk(
    directory: string,
    shown: string,
    depth: number,
    walk: Walk,
  ): AsyncIterable<string> {
    const { prefix, delimiter } = walk;
    if (depth > limits.directoryDepthMax) {
      throw new SqlError('programLimitExceeded', `directories nested too deep: ${directory}`);
    }
    for (const entry of await sortedEntries(directory)) {
      if (--walk.filesLeft < 0) {
        throw new SqlError(
          'programLimitExceeded',
          `more than ${limits.listedFilesMax} files below ${this.redactedUrl}`,
        );
      }
      const path = shown + entry.name;
      const full = join(directory, entry.name);
      if (entry.isDirectory()) {
        const below = `${path}/`;
        if (!below.startsWith(prefix) && !prefix.startsWith(below)) continue;
        const cut = cutAtDelimiter(below, prefix, delimiter);
        if (cut !== below || (delimiter !== undefined && below.endsWith(delimiter))) yield cut;
        else yield* this.walk(full, below, depth + 1, walk);
      } else if (path.startsWith(prefix) && (await this.isListed(entry, full))) {
        yield cutAtDelimiter(path, prefix, delimiter);
      }
    }
  }

  private async isListed(entry: Dirent, path: string): Promise<boolean> {
    if (entry.isFile()) return !isTemporaryName(entry.name);
    return await this.isFileLink(path);
  }

  /** A symbolic link to a file of the external-io-dir. Links to directories are not followed: they may form a circle. */
  private async isFileLink(path: string): Promise<boolean> {
    try {
      const real = await confineLinks(this.root, path, path);
      return (await stat(real)).isFile();
    } catch {
      return false;
    }
  }

  /** The real thing confines when it looks at the file, and says so. */
  private confineForRead(relative: string): string {
    try {
      return confine(this.root, relative);
    } catch (error) {
      throw asStatError(error);
    }
  }
}

/** Directories sort as if their names ended in `/`: their files then come out in bytewise order of whole paths. */
async function sortedEntries(directory: string): Promise<Dirent[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return [];
    throw fileError(error, directory);
  }
  const keyed = entries.map((entry) => ({
    entry,
    key: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name),
  }));
  return keyed.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ entry }) => entry);
}

class NodelocalFile implements ExternalFile {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly handle: FileHandle;

  constructor(handle: FileHandle, name: string, sizeBytes: number) {
    this.handle = handle;
    this.name = name;
    this.sizeBytes = sizeBytes;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const count = end - start;
    const inRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0;
    if (!inRange || count < 0 || end > this.sizeBytes) {
      throw new CorruptionError(
        this.name,
        start,
        `bytes up to ${end} wanted, the file has ${this.sizeBytes}`,
      );
    }
    if (count > limits.externalReadBytesMax) {
      throw new SqlError('programLimitExceeded', `${this.name}: read of ${count} bytes`);
    }
    const bytes = Buffer.allocUnsafeSlow(count);
    let done = 0;
    while (done < count) {
      const { bytesRead } = await this.handle
        .read(bytes, done, count - done, start + done)
        .catch((error: unknown) => {
          throw fileError(error, this.name);
        });
      if (bytesRead === 0) {
        const missing = `${count - done} bytes missing: the file was cut while it was read`;
        throw new CorruptionError(this.name, start + done, missing);
      }
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function regularFile(handle: FileHandle, path: string): Promise<{ size: number }> {
  const found = await handle.stat();
  if (found.isFile()) return found;
  const kind = found.isDirectory() ? 'is a directory' : 'is not a regular file';
  throw new SqlError('ioError', `nodelocal storage file cannot be read: ${path} ${kind}`);
}

const fileName = (redactedUrl: string, path: string): string =>
  `${redactedUrl.replace(/\?.*$/s, '').replace(/\/$/, '')}/${path}`;
