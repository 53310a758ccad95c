import type { Repr } from '../../../catalog/types/sql-type';
import type { KeySpan } from '../../restore/coverage';

/** The only index of a sequence. */
export const SEQUENCE_INDEX = 1;

/** What one thread writes at a time: a table, or a part of a large one. Plain data. */
export interface Part extends KeySpan {
  readonly tableId: number;
  /** The layers before do not cover the span: all of it is written. */
  readonly introduced: boolean;
  /** Indexes whose pairs lie in the span, in their order; of a sequence its only one. */
  readonly indexIds: readonly number[];
  /** Of the primary index: the key of its first row, where that is not the table's. */
  readonly from?: readonly Repr[];
  /** Of the primary index: the key of the first row that follows, where there are more. */
  readonly until?: readonly Repr[];
  /** Of the primary index, where that is not all there are. */
  readonly rowsMax?: number;
  /** Rows and their history tell what has changed: what carries a later time (known-changes.ts). */
  readonly since?: bigint;
  /** Its pairs come of versions that rows have had (version-parts.ts); see `PastTable.source`. */
  readonly versions?: 'ordered' | 'sorted';
}

/** A data file, as the manifest tells of it. Plain data. */
export interface WrittenFile {
  readonly path: string;
  readonly locality: string;
  readonly span: KeySpan;
  readonly counts: {
    readonly dataSize: bigint;
    readonly rows: bigint;
    readonly indexEntries: bigint;
  };
}

export interface WrittenPart {
  readonly files: readonly WrittenFile[];
  /** Of the primary index. */
  readonly rowCount: number;
}
