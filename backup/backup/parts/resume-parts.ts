import type { Connection } from '../../../storage/ranges/connection';
import type { BackupPayload } from '../payload';
import type { PageTables } from '../rows/page-scan';
import type { Checkpoint, DonePart } from './checkpoint';
import type { Part } from './part';
import { isSystem, type PlannedTable, partsOfPlanned } from './write-parts';

export interface ResumeOptions {
  readonly db: Connection;
  /** See `LayerOptions`. */
  readonly pages: PageTables | undefined;
  readonly endTime: bigint;
  readonly checkpoint: Checkpoint | undefined;
  readonly signal: AbortSignal;
  readonly payload: BackupPayload;
}

export interface ResumedParts {
  readonly kept: readonly DonePart[];
  /** Of tables of which parts are kept: all others. */
  readonly rest: ReadonlyMap<number, readonly Part[]>;
}

/** What an earlier run has written that is the same now, and what is left to be written. */
export async function resumeParts(
  tables: readonly PlannedTable[],
  { db, pages, endTime, checkpoint, signal, payload }: ResumeOptions,
): Promise<ResumedParts> {
  const partBytes = checkpoint?.partBytes ?? Infinity;
  const kept: DonePart[] = [];
  const rest = new Map<number, readonly Part[]>();
  const isSameTime = payload.asOf !== undefined && checkpoint?.isOf(endTime) === true;
  // This machine's clock was set back: times do not tell what is new.
  if (checkpoint === undefined || !(isSameTime || checkpoint.isBefore(endTime)))
    return { kept, rest };
  const turn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  };
  const options = { turn, isAllVersions: payload.revisionHistory === true };
  for (const planned of tables) {
    const { id, table, isGone } = planned;
    if (table === undefined || isSystem(planned) || !checkpoint.hasTable(id)) continue;
    // Its rows are under another name, if at all.
    if (isGone === true && !isSameTime) continue;
    const parts = [...partsOfPlanned(db, planned, { partBytes, pages })];
    const same = isSameTime
      ? checkpoint.partsOfSameTime(table, parts)
      : await checkpoint.partsToKeep(db, table, parts, options);
    if (same.length === 0) continue;
    kept.push(...same);
    const isKept = new Set(same.map(({ part }) => part));
    rest.set(
      id,
      parts.filter((part) => !isKept.has(part)),
    );
  }
  return { kept, rest };
}
