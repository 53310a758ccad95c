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
}

/** What another thread can be sent. */
export function plainOptions(options: ExternalStorageOptions): ExternalStorageOptions {
  const { signal: _signal, writeLock: _lock, knownObjects: _known, ...plain } = options;
  return plain;
}
