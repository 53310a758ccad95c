import type { Readable } from 'node:stream';

/**
 * What a provider's client has to be able to do. Each call is one attempt that ends with the signal; errors are the client's
 * own. `ObjectStorage` tries again, resumes, checks lengths and puts errors in words, for all providers alike.
 */
export interface ObjectDriver {
  /** As in messages: s3, gs, azure, http. */
  readonly provider: string;
  /** What holds the objects, for messages: `bucket "b"`. */
  readonly container: string;
  stat(key: string, signal: AbortSignal): Promise<ObjectStat>;
  /** Bytes [start, end), at least one. The body may begin earlier and end later than that, as it says. */
  read(key: string, range: ObjectRange, signal: AbortSignal): Promise<ObjectBody>;
  /**
   * Bytes of an object of which nothing is known yet, in one request. Undefined where there is no such request, or its answer does
   * not tell what the object is: then `stat` and `read` do it.
   */
  readonly readUnknown?: (
    key: string,
    which: UnknownRange,
    signal: AbortSignal,
  ) => Promise<UnknownBody | undefined>;
  /** One page, names in bytewise order; undefined where objects can't be listed. */
  readonly listPage?: (request: ListRequest, signal: AbortSignal) => Promise<ListPage>;
  put(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Undefined where an object is written by one request only. */
  readonly startUpload?: (key: string, signal: AbortSignal) => Promise<ObjectUpload>;
  delete(key: string, signal: AbortSignal): Promise<void>;
  /** What an error of the client says. */
  reasonOf(error: unknown): ErrorReason;
  close(): void;
}

export interface ObjectStat {
  readonly sizeBytes: number;
  /** Changes when the object is written again; empty: the provider gives none. */
  readonly version: string;
}

export interface ObjectRange {
  readonly start: number;
  readonly end: number;
  /** Reading another version is an error, reason `changed`. */
  readonly version: string;
}

export interface ObjectBody {
  readonly stream: Readable;
  /** Offset in the object of the body's first byte. */
  readonly offset: number;
  /** Of the whole object, as the response says it; undefined: it does not. */
  readonly sizeBytes: number | undefined;
}

/** All of an object, or at most so many of its first or last bytes; at least one. */
export type UnknownRange = 'whole' | { readonly first: number } | { readonly last: number };

/** A body that tells of which object it is. */
export interface UnknownBody {
  readonly stream: Readable;
  readonly offset: number;
  readonly stat: ObjectStat;
}

export interface ListRequest {
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  /** Of the page before; undefined: the first page. */
  readonly token: string | undefined;
}

export interface ListPage {
  readonly keys: readonly string[];
  /** What the delimiter cut off, the delimiter included. */
  readonly prefixes: readonly string[];
  /** Undefined: this was the last page. */
  readonly token: string | undefined;
}

/** An object in parts, which come in order, all but the last of the same size. */
export interface ObjectUpload {
  /** Sending a part again, with the same bytes, is no error. @param last whether no part follows */
  part(index: number, bytes: Uint8Array, last: boolean, signal: AbortSignal): Promise<void>;
  complete(signal: AbortSignal): Promise<void>;
  abort(signal: AbortSignal): Promise<void>;
}

export interface ErrorReason {
  readonly kind:
    | 'missing'
    | 'missingContainer'
    /** Who we are is not accepted: wrong key, expired token. */
    | 'unauthenticated'
    | 'denied'
    /** The object is not the version that was opened. */
    | 'changed'
    /** May go away: try again. */
    | 'transient'
    | 'permanent';
  /** One line, without secrets. */
  readonly message: string;
}

/** A HTTP status as a reason; network errors have none. Source: the providers' error references. */
export function kindOfStatus(status: number | undefined): ErrorReason['kind'] {
  switch (status) {
    case undefined:
    case 408:
    case 425:
    case 429:
      return 'transient';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'denied';
    case 404:
    case 410:
      return 'missing';
    case 412:
      return 'changed';
    default:
      return status >= 500 && status !== 501 && status !== 505 ? 'transient' : 'permanent';
  }
}
