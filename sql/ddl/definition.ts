import type { PendingChange } from '../../backup/restore/schema-changes';
import type { CatalogChange } from '../../catalog/catalog-reader';
import type { ExternalStorageOptions } from '../../storage/external/storage-options';
import type { SessionValues } from '../builtins/repr';
import type { Notice } from '../engine';

/** A schema change as a thread is given it: its text, and what of its session it depends on. Plain data. */
export interface Definition {
  readonly sql: string;
  readonly user: string;
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly session: SessionValues;
  /** Of the transaction: nanoseconds since 1970. */
  readonly nowNanos: bigint;
  /** Values of placeholders, in their text form. */
  readonly parameters?: readonly (Uint8Array | null)[];
  /** For statements that read backups. */
  readonly storage?: ExternalStorageOptions;
  /** Instead of the text. */
  readonly pending?: PendingRun;
}

/** A schema change that a restore brought unfinished. */
export interface PendingRun {
  readonly change: PendingChange;
  readonly jobId: bigint;
  /** It could not be finished: what it was adding goes. */
  readonly revert: boolean;
}

/** All rows of a table of the store that is no table of users. */
export interface MetaTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface DefinitionResult {
  /** The command tag. */
  readonly tag: string;
  readonly notices: readonly Notice[];
  readonly change: CatalogChange;
  /** Those whose rows the change has changed. */
  readonly metaTables: readonly MetaTable[];
  /** Relations whose rows the change depends on, other than those it changes. */
  readonly reads: readonly number[];
}
