import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SqlError } from '../../base/errors';
import {
  cutAtDelimiter,
  type ExternalFile,
  type ExternalStorage,
  type ExternalWriter,
} from '../../storage/external/external-storage';

/** Files held in memory, as a location of a backup. */
export class MemoryStorage implements ExternalStorage {
  readonly redactedUrl = 'memory:';
  readonly files: Map<string, Uint8Array>;
  /** Every read of an open file: for tests of what is read, and how much at once. */
  readonly reads: { readonly path: string; readonly start: number; readonly end: number }[] = [];

  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    this.files = new Map(files);
  }

  /** Everything below a directory of the disk. */
  static fromDirectory(directory: string): MemoryStorage {
    const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return new MemoryStorage(
      files.map((entry): [string, Uint8Array] => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(directory.length + 1), readFileSync(path)];
      }),
    );
  }

  async open(path: string): Promise<ExternalFile> {
    const bytes = this.get(path);
    const { reads } = this;
    return {
      name: `${this.redactedUrl}/${path}`,
      sizeBytes: bytes.length,
      async read(start, end) {
        if (start < 0 || end < start || end > bytes.length)
          throw new RangeError(`read of [${start}, ${end}) in ${bytes.length} bytes`);
        reads.push({ path, start, end });
        return bytes.subarray(start, end);
      },
      async close() {},
    };
  }

  async readAll(path: string, bytesMax: number): Promise<Uint8Array> {
    const bytes = this.get(path);
    if (bytes.length > bytesMax) throw new SqlError('programLimitExceeded', `${path} is too large`);
    return bytes;
  }

  async *list(prefix: string, delimiter?: string): AsyncGenerator<string> {
    const paths = [...this.files.keys()].filter((path) => path.startsWith(prefix));
    const told = new Set(paths.map((path) => cutAtDelimiter(path, prefix, delimiter)));
    yield* [...told].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, Uint8Array.from(bytes));
  }

  async create(path: string): Promise<ExternalWriter> {
    const pieces: Uint8Array[] = [];
    return {
      name: `${this.redactedUrl}/${path}`,
      write: async (bytes) => void pieces.push(Uint8Array.from(bytes)),
      finish: async () => void this.files.set(path, Buffer.concat(pieces)),
      abort: async () => undefined,
    };
  }

  async delete(path: string): Promise<void> {
    this.files.delete(path);
  }

  async close(): Promise<void> {}

  private get(path: string): Uint8Array {
    const bytes = this.files.get(path);
    if (bytes === undefined)
      throw new SqlError('undefinedFile', `memory storage file does not exist: ${path}`);
    return bytes;
  }
}
