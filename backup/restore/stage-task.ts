import type { RangeContents } from '../../storage/ranges/ranges';
import type { RowLayout } from '../format/datum/row-decoder';
import type { HlcTime } from '../format/mvcc/version-iterator';
import type { SpanPart } from './span-files';

/** What a thread needs to stage a range, and what comes of it. Plain data. */

/** How the keys of a backed-up table become rows. */
export interface SourceTable {
  readonly name: string;
  /** Of the backup. */
  readonly tableId: number;
  readonly secondaryIndexIds: readonly number[];
  /** Bytes that a key grows by when its table id is rewritten. */
  readonly keyGrowth: number;
  /** Undefined for a sequence. */
  readonly rows?: {
    readonly layout: RowLayout;
    /** Of the staging file: the layout's columns and the timestamp. */
    readonly columns: readonly string[];
    /** CREATE TABLE of a staging file in the order of the key, where the kernel can make one. */
    readonly keyedSql?: string;
    /** Columns that keep a value as it is, where others hold one storage class. */
    readonly anySlots: readonly boolean[];
  };
}

export interface StageTask {
  readonly table: SourceTable;
  readonly parts: readonly SpanPart[];
  readonly asOf: HlcTime | undefined;
  /** The table is empty so far: its rows are staged in the order of its key, if `keyedSql` says how. */
  readonly isFirst: boolean;
  /** Where the staging file is to be made. */
  readonly path: string;
}

export interface StagedRange {
  /** As RESTORE counts it. */
  readonly contents: RangeContents;
  /** Whether there is a staging file: not for a range without rows. */
  readonly hasFile: boolean;
  /** Of a sequence that has one. */
  readonly sequenceValue?: bigint;
}
