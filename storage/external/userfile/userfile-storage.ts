import { posix } from 'node:path';
import { CorruptionError, notSupported, SqlError } from '../../../base/errors';
import { limits } from '../../../base/limits';
import type { Connection } from '../../ranges/connection';
import {
  beginUserfile,
  completeUserfile,
  deleteUserfile,
  findUserfile,
  putUserfilePiece,
  USERFILE_PIECE_BYTES,
  type UserfileRow,
  userfilePieces,
  userfilesAfter,
} from '../../ranges/userfile-rows';
import type { WriteLocker } from '../../ranges/write-lock';
import { writeTransaction } from '../../ranges/write-transaction';
import {
  cutAtDelimiter,
  type ExternalFile,
  type ExternalStorage,
  type ExternalWriter,
} from '../external-storage';
import type { UserfileWrite } from '../storage-options';

export interface UserfileOptions {
  /** `db.schema.name`: whose files. */
  readonly tablePrefix: string;
  /** Of the location, as in the URL. */
  readonly pathPrefix: string;
  readonly redactedUrl: string;
  readonly user: string;
  /** Undefined: for reading only, but for what goes into `writes`. */
  readonly lock: WriteLocker | undefined;
  /** Whole files are left to the caller. */
  readonly writes: UserfileWrite[] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Names of files that are read from the store at once. */
const LISTED_AT_ONCE = 1000;

/** Files of users, as rows of the store. */
export class UserfileStorage implements ExternalStorage {
  readonly redactedUrl: string;
  private readonly db: Connection;
  private readonly options: UserfileOptions;
  private readonly base: string;

  /** @param db becomes this storage's own */
  constructor(db: Connection, options: UserfileOptions) {
    this.db = db;
    this.options = options;
    this.redactedUrl = options.redactedUrl;
    this.base = posix.join('/', options.pathPrefix).replace(/\/$/, '');
  }

  async open(path: string): Promise<ExternalFile> {
    const found = findUserfile(this.db, this.options.tablePrefix, this.filename(path));
    if (found !== undefined) return new Userfile(this.db, found, this.nameOf(path));
    throw new SqlError(
      'undefinedFile',
      `external_storage: file doesn't exist: file ${this.filename(path)} does not exist in the UserFileTableSystem`,
    );
  }

  async readAll(path: string, bytesMax: number): Promise<Uint8Array> {
    const file = await this.open(path);
    if (file.sizeBytes > bytesMax) {
      throw new SqlError(
        'programLimitExceeded',
        `${file.name} has ${file.sizeBytes} bytes, at most ${bytesMax} are read`,
      );
    }
    return await file.read(0, file.sizeBytes);
  }

  async *list(prefix: string, delimiter?: string): AsyncIterable<string> {
    const below = `${this.base}/`;
    const start = below + prefix;
    let last: string | undefined;
    // The name before the first that begins so: of those that are shorter, the longest comes last.
    let after = start.slice(0, -1);
    while (true) {
      const page = userfilesAfter(this.db, this.options.tablePrefix, after, LISTED_AT_ONCE);
      for (const { filename } of page) {
        if (filename > start && !filename.startsWith(start)) return;
        if (!filename.startsWith(start)) continue;
        const path = cutAtDelimiter(filename.slice(below.length), prefix, delimiter);
        if (path !== last) yield path;
        last = path;
      }
      if (page.length < LISTED_AT_ONCE) return;
      after = page.at(-1)?.filename ?? after;
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const { writes } = this.options;
    if (writes !== undefined) {
      writes.push((db) => this.writeIn(db, path, bytes));
      return;
    }
    const writer = await this.create(path);
    try {
      await writer.write(bytes);
      await writer.finish();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  async create(path: string): Promise<ExternalWriter> {
    const { tablePrefix, user } = this.options;
    const filename = this.filename(path);
    const fileId = await this.change((db) => beginUserfile(db, tablePrefix, filename, user));
    return new UserfileWriter(this.nameOf(path), fileId, (body) => this.change(body));
  }

  async delete(path: string): Promise<void> {
    const { tablePrefix } = this.options;
    const filename = this.filename(path);
    const remove = (db: Connection): void => {
      const found = findUserfile(db, tablePrefix, filename);
      if (found !== undefined) deleteUserfile(db, found.fileId);
    };
    const { writes } = this.options;
    if (writes === undefined) await this.change(remove);
    else writes.push(remove);
  }

  async close(): Promise<void> {
    this.db.close();
  }

  private async change<T>(body: (db: Connection) => T): Promise<T> {
    const { lock, signal } = this.options;
    if (lock === undefined) {
      throw notSupported(
        'writing to userfile inside a transaction',
        'Run the statement outside of BEGIN … COMMIT.',
      );
    }
    return await writeTransaction(lock, this.db, 'userfile', body, signal);
  }

  private writeIn(db: Connection, path: string, bytes: Uint8Array): void {
    const { tablePrefix, user } = this.options;
    const filename = this.filename(path);
    if (findUserfile(db, tablePrefix, filename) !== undefined) {
      const { dir, base } = posix.parse(this.nameOf(path));
      throw new SqlError('duplicateFile', `${dir} already contains a ${base} file`);
    }
    const fileId = beginUserfile(db, tablePrefix, filename, user);
    for (let offset = 0; offset < bytes.length; offset += USERFILE_PIECE_BYTES) {
      const piece = bytes.subarray(offset, offset + USERFILE_PIECE_BYTES);
      putUserfilePiece(db, fileId, offset, piece);
    }
    completeUserfile(db, fileId, bytes.length);
  }

  private filename(path: string): string {
    return posix.join('/', this.base, path);
  }

  private nameOf(path: string): string {
    return `userfile://${this.options.tablePrefix}${this.filename(path)}`;
  }
}

type Change = <T>(body: (db: Connection) => T) => Promise<T>;

class Userfile implements ExternalFile {
  readonly name: string;
  readonly sizeBytes: number;
  private readonly db: Connection;
  private readonly fileId: number;

  constructor(db: Connection, { fileId, sizeBytes }: UserfileRow, name: string) {
    this.db = db;
    this.fileId = fileId;
    this.sizeBytes = sizeBytes;
    this.name = name;
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const count = end - start;
    const inRange = Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0;
    if (!inRange || count < 0 || end > this.sizeBytes) {
      const words = `bytes up to ${end} wanted, the file has ${this.sizeBytes}`;
      throw new CorruptionError(this.name, start, words);
    }
    if (count > limits.externalReadBytesMax) {
      throw new SqlError('programLimitExceeded', `${this.name}: read of ${count} bytes`);
    }
    const bytes = Buffer.allocUnsafeSlow(count);
    let done = 0;
    for (const { byteOffset, payload } of userfilePieces(this.db, this.fileId, start, end)) {
      const wanted = payload.subarray(Math.max(0, start - byteOffset), end - byteOffset);
      bytes.set(wanted, done);
      done += wanted.length;
    }
    if (done === count) return bytes;
    throw new CorruptionError(this.name, start + done, 'the file was deleted while it was read');
  }

  async close(): Promise<void> {}
}

class UserfileWriter implements ExternalWriter {
  readonly name: string;
  private readonly fileId: number;
  private readonly change: Change;
  private readonly piece = Buffer.allocUnsafeSlow(USERFILE_PIECE_BYTES);
  private heldBytes = 0;
  private sentBytes = 0;
  private done = false;

  constructor(name: string, fileId: number, change: Change) {
    this.name = name;
    this.fileId = fileId;
    this.change = change;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const taken = rest.subarray(0, USERFILE_PIECE_BYTES - this.heldBytes);
      this.piece.set(taken, this.heldBytes);
      this.heldBytes += taken.length;
      rest = rest.subarray(taken.length);
      if (this.heldBytes === USERFILE_PIECE_BYTES) await this.send();
    }
  }

  async finish(): Promise<void> {
    if (this.heldBytes > 0) await this.send();
    await this.change((db) => completeUserfile(db, this.fileId, this.sentBytes));
    this.done = true;
  }

  async abort(): Promise<void> {
    if (this.done) return;
    this.done = true;
    // What can't be removed now goes when the store is opened again.
    await this.change((db) => deleteUserfile(db, this.fileId)).catch(() => undefined);
  }

  private async send(): Promise<void> {
    const piece = this.piece.subarray(0, this.heldBytes);
    const offset = this.sentBytes;
    await this.change((db) => putUserfilePiece(db, this.fileId, offset, piece));
    this.sentBytes += this.heldBytes;
    this.heldBytes = 0;
  }
}
