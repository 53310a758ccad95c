import type { EncryptionSecret } from '../encryption-secret';
import type { HlcTime } from '../format/mvcc/version-iterator';

/** What a RESTORE statement asks for, free of syntax. */

export interface TablePattern {
  /** Name parts as written: table, schema.table, database.table or database.schema.table; without the star. */
  readonly parts: readonly string[];
  /** `database.*` or `database.schema.*` */
  readonly star: boolean;
  /** `RESTORE TABLE a.b AS c`: the name it gets. */
  readonly as?: string | null;
}

export type RestoreTargets =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'databases'; readonly names: readonly string[] }
  | { readonly kind: 'tables'; readonly patterns: readonly TablePattern[] };

export interface RestoreOptions {
  readonly intoDb?: string;
  readonly skipMissingForeignKeys: boolean;
  readonly skipMissingSequences: boolean;
  readonly skipMissingSequenceOwners: boolean;
  readonly skipMissingViews: boolean;
  /** The cluster need not have the regions of the backup's databases. */
  readonly skipLocalitiesCheck?: boolean;
  /** Of the one database that is restored. */
  readonly newDbName?: string;
  /** A schema of the target database that everything goes to. */
  readonly intoSchema?: string;
  /** No rows. */
  readonly schemaOnly?: boolean;
  /** With `schemaOnly`: all that would be restored is read and checked. */
  readonly verifyData?: boolean;
  /** At an error the job pauses instead of being reverted. */
  readonly pauseOnError?: boolean;
  /** Of an encrypted backup. */
  readonly secret?: EncryptionSecret;
  readonly asOf?: HlcTime;
}

/** Who restores, and how names without a database are read. */
export interface RestoreContext {
  readonly user: string;
  readonly currentDatabase: string;
  readonly searchPath: readonly string[];
  /** Told of what the statement's author may not expect. */
  readonly notice?: (notice: { readonly message: string; readonly hint: string }) => void;
}
