import { CorruptionError } from '../../base/errors';
import type { LayerLocation } from '../chain';
import type { KeptKey } from '../encryption-secret';
import type { Partition } from './layer/localities';
import type { BackupScope } from './targets/targets';

/** What a BACKUP job needs to go on after a crash; kept in the job's record, secrets of the URLs included. */
export interface BackupPayload extends KeptKey {
  readonly scope: BackupScope;
  /** The location's URL and the directory below it. */
  readonly uri: string;
  /** Locations of other localities; the same directory. */
  readonly partitions?: readonly Partition[];
  readonly directory: string;
  /** The directory is one of a collection, whose LATEST is to name it. */
  readonly inCollection: boolean;
  /** In hexadecimal: the manifest's. */
  readonly backupId: string;
  /** The chain that the layer goes onto, the full backup first; none: it is a full backup itself. */
  readonly base?: readonly LayerLocation[];
  /** All versions since the layer before. */
  readonly revisionHistory?: true;
  /** In nanoseconds since 1970: the layer's end; none: the time of its snapshot. */
  readonly asOf?: string;
  /** `asOf` is the COMMIT of the transaction that has made the job: nobody has stated it. */
  readonly isOfCommit?: true;
}

export const encodeBackupPayload = (payload: BackupPayload): Uint8Array =>
  Buffer.from(JSON.stringify(payload));

export function decodeBackupPayload(bytes: Uint8Array): BackupPayload {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as BackupPayload;
  } catch (error) {
    throw new CorruptionError('store.db', undefined, 'payload of a BACKUP job', error);
  }
}
