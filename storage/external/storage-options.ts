import type { Connection } from '../ranges/connection';
import type { WriteLocker } from '../ranges/write-lock';
import type { Patience } from './objects/attempts';
import type { KnownObjects } from './objects/known-objects';

/** What locations depend on beside their URLs. Plain data, but for the last fields: those belong to one thread. */
export interface ExternalStorageOptions {
  /** Where `nodelocal` URLs lead; undefined when the server was started without it. */
  readonly externalIoDir: string | undefined;
  /** This node's id in `nodelocal` URLs, beside `self`. */
  readonly nodeId: number;
  /** `--external-io-disable-http`. */
  readonly httpDisabled?: boolean;
  /** `--external-io-disable-implicit-credentials`. */
  readonly implicitCredentialsDisabled?: boolean;
  /** The cluster setting `cloudstorage.http.custom_ca`: PEM; empty: none. */
  readonly customCa?: string;
  /** The cluster setting `cloudstorage.timeout`: of each operation on an object storage; 0 or undefined: without end. */
  readonly timeoutMs?: number;
  /** Whose files `userfile:///` URLs mean. */
  readonly user?: string;
  /** Where the store is: `userfile` and `external` URLs lead into it. */
  readonly storeDirectory?: string;
  readonly patience?: Patience;
  /** Whether s3, gs, azure and http are spoken to in a thread of their own, see `hostObjectThread`. */
  readonly objectThread?: boolean;
  /** Ends what is under way, with its reason. */
  readonly signal?: AbortSignal;
  /** Of object storages that are opened in this thread. */
  readonly knownObjects?: KnownObjects;
  /** For writing to `userfile`. */
  readonly writeLock?: WriteLocker;
  /** In place of the lock: whole files for `userfile` are put here, for the caller to write in its own transaction. */
  readonly userfileWrites?: UserfileWrite[];
}

/** In a write transaction. @throws SqlError duplicateFile (58P02) when a file of the name is there by then */
export type UserfileWrite = (db: Connection) => void;

/** What another thread can be sent. */
export function plainOptions(options: ExternalStorageOptions): ExternalStorageOptions {
  const {
    signal: _signal,
    writeLock: _lock,
    knownObjects: _known,
    userfileWrites: _writes,
    ...plain
  } = options;
  return plain;
}
