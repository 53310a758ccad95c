import { SQLSTATE, SqlError } from '../../base/errors';

/**
 * The one way to files outside the store: backups on nodelocal, s3, gs, azure, userfile, http.
 * One conformance suite (test/storage/external) runs on every implementation.
 */

/** Random access to one file. Readers keep no position. */
export interface ExternalFile {
  /** For messages: scheme, host and path, secrets redacted. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its last bytes, where opening it has brought them. */
  readonly tail?: Uint8Array | undefined;
  /** Bytes [start, end). Fewer bytes than asked for is an error. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** What is known of a file before it is opened. */
export interface KnownOfFile {
  /**
   * Whether it is never written again under its name, as data files of backups are: what others learnt of it when they opened it
   * may be taken for true.
   */
  readonly isFinal?: boolean;
  /** Of a final one: whether all of it is going to be read, so that nothing which is fetched early is fetched in vain. */
  readonly isWanted?: boolean;
}

/**
 * A file that is being written, in pieces of any size. Nobody sees any of it before `finish` has settled; then all of it is
 * there and survives a crash. One of `finish` and `abort` has to be called; calls do not overlap.
 */
export interface ExternalWriter {
  readonly name: string;
  /** The bytes are the caller's again once this has settled. */
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind; never throws. After `finish` it does nothing. */
  abort(): Promise<void>;
}

/** Paths are relative to the location, with `/` between their parts and none in front. */
export interface ExternalStorage {
  /** The location's URL with secrets redacted; for messages and job descriptions. */
  readonly redactedUrl: string;
  /** @throws SqlError undefinedFile (58P01) when there is no such file, see `isMissingFile`. */
  open(path: string, known?: KnownOfFile): Promise<ExternalFile>;
  /** The whole file. @throws SqlError undefinedFile (58P01); programLimitExceeded (54000) above `bytesMax`. */
  readAll(path: string, bytesMax: number): Promise<Uint8Array>;
  /**
   * Paths below `prefix`, sorted bytewise. A location that does not exist is empty.
   * @param delimiter paths that have it after the prefix are cut behind it, and each of those is told of once: what is
   *   below `data/` need not be looked at to find manifests
   * @throws SqlError featureNotSupported (0A000) where files can't be listed, see `isListingUnsupported`
   */
  list(prefix: string, delimiter?: string): AsyncIterable<string>;
  /** Writes a whole file, in place of one that is there; all of it or nothing. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** As `write`, for files that are not held in memory. */
  create(path: string): Promise<ExternalWriter>;
  /** It is no error when there is no such file. */
  delete(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Whether a storage said that there is no such file. */
export function isMissingFile(error: unknown): boolean {
  return error instanceof SqlError && error.sqlstate === SQLSTATE.undefinedFile;
}

/** Whether a storage said that its files can't be listed, as HTTP servers can't. */
export function isListingUnsupported(error: unknown): boolean {
  return error instanceof SqlError && error.sqlstate === SQLSTATE.featureNotSupported;
}

/** @throws as `ExternalStorage.open`, but for a missing file */
export async function fileExists(storage: ExternalStorage, path: string): Promise<boolean> {
  try {
    const file = await storage.open(path);
    await file.close();
    return true;
  } catch (error) {
    if (isMissingFile(error)) return false;
    throw error;
  }
}

/** `path` as a listing with a delimiter tells of it. */
export function cutAtDelimiter(path: string, prefix: string, delimiter?: string): string {
  if (delimiter === undefined || delimiter === '') return path;
  const at = path.indexOf(delimiter, prefix.length);
  return at < 0 ? path : path.slice(0, at + delimiter.length);
}
