/**
 * The one way to files outside the store: backups on nodelocal, s3, gs, azure, userfile, http.
 * One conformance suite (test/storage/external) runs on every implementation.
 */

/** Random access to one file. Readers keep no position. */
export interface ExternalFile {
  /** For messages: scheme, host and path, secrets redacted. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Bytes [start, end). Fewer bytes than asked for is an error. */
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface ExternalStorage {
  /** The location's URL with secrets redacted; for messages and job descriptions. */
  readonly redactedUrl: string;
  /** @throws SqlError undefinedFile (58P01) when there is no such file. */
  open(path: string): Promise<ExternalFile>;
  /** The whole file. @throws SqlError undefinedFile (58P01); programLimitExceeded (54000) above `bytesMax`. */
  readAll(path: string, bytesMax: number): Promise<Uint8Array>;
  /** Paths below `prefix`, relative to the location, sorted bytewise. A location that does not exist is empty. */
  list(prefix: string): AsyncIterable<string>;
  close(): Promise<void>;
}
