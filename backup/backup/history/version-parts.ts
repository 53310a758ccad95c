import { defined } from '../../../base/invariant';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import type { Connection } from '../../../storage/ranges/connection';
import { isPushedAfter } from '../../../storage/ranges/pushed-writes';
import { readSequenceAsOf, sequenceChanges } from '../../../storage/ranges/sequence-rows';
import { encodeSequence, type PairSink } from '../../format/datum/row-encoder';
import type { Base } from '../layer/base';
import type { PairOutput } from '../layer/pair-output';
import { countRows } from '../parts/count-rows';
import { type Part, SEQUENCE_INDEX } from '../parts/part';
import type { RowSource } from '../rows/row-scan';
import type { CompileExpressions, OpenExpressions } from '../rows/table-source';
import type { WrittenTable } from '../rows/written-table';
import type { TableEpoch } from '../targets/revisions';
import type { SystemRows } from '../targets/system-source';
import type { PastTable, PastTables } from './past-tables';
import { RowTimes, wallOf } from './row-times';
import { TableVersions, type WrittenEpoch } from './table-versions';

/** Parts whose pairs come of versions that rows have had: see table-versions.ts. */

const ROWS_PER_TURN = 1_000;
/** Rows are what the layer's last descriptors call so: those of a table that is gone are counted as entries, as CockroachDB does. */
const NO_INDEX = 0;

export interface VersionPartsOptions {
  readonly db: Connection;
  readonly past: PastTables;
  readonly base: Base | undefined;
  readonly openExpressions: OpenExpressions;
  /** Of a full cluster, where this one writes system tables. */
  readonly systemRows: SystemRows | undefined;
  /** Reads the rows of a part of the primary index. */
  readonly openRows: (table: WrittenTable, part: Part) => Promise<RowSource>;
  /** Writes a part of the primary index whose rows are all there is. @returns how many */
  readonly writeRows: (table: WrittenTable, part: Part, output: PairOutput) => Promise<number>;
}

export class VersionParts {
  private readonly options: VersionPartsOptions;
  private readonly compilers = new Map<CatalogSnapshot, Promise<CompileExpressions>>();

  constructor(options: VersionPartsOptions) {
    this.options = options;
  }

  /** Of the index whose pairs count as rows. */
  primaryIdOf(tableId: number): number {
    const { own, isGone } = this.options.past.of(tableId);
    return isGone ? NO_INDEX : (own.at(-1)?.written.primaryId ?? SEQUENCE_INDEX);
  }

  /** @returns rows that are there, where that tells whether a later run would write the same */
  async write(part: Part, output: PairOutput): Promise<number> {
    const table = this.options.past.of(part.tableId);
    const [only] = table.own;
    if (part.versions === 'ordered' && only !== undefined) {
      let count = 0;
      for (const id of part.indexIds) {
        if (id === only.written.primaryId) count = await this.writeOrdered(only, part, output);
        else await this.writeSorted(table, { ...part, indexIds: [id] }, output);
      }
      return count;
    }
    await this.writeSorted(table, part, output);
    return 0;
  }

  private versions({ tableId, indexIds, introduced }: Part, output: PairOutput): TableVersions {
    const { db, base, past } = this.options;
    const { start, end } = past.window;
    const isWhole = base === undefined || introduced || past.complete === undefined;
    return new TableVersions(tableId, {
      db,
      end,
      indexIds: new Set(indexIds),
      expressions: (epoch) => this.expressions(epoch),
      output,
      after: isWhole ? undefined : start,
    });
  }

  private expressions({ catalog }: TableEpoch): Promise<CompileExpressions> {
    const { db, openExpressions } = this.options;
    const compiler = this.compilers.get(catalog) ?? openExpressions(db, catalog);
    this.compilers.set(catalog, compiler);
    return compiler;
  }

  private async writeSorted(
    { id, epochs, own, source }: PastTable,
    part: Part,
    output: PairOutput,
  ): Promise<void> {
    const { past, base, systemRows } = this.options;
    const versions = this.versions(part, output);
    const system = systemRows?.descriptor(id);
    // Rows that are as they were have no version in the window.
    const isOfChanges =
      source === 'ordered' && base !== undefined && !part.introduced && past.complete !== undefined;
    const wanted = isOfChanges ? 'changed' : 'all';
    try {
      if (own.length === 0) this.addSequence(epochs, versions);
      for (const [i, epoch] of own.entries()) {
        if (systemRows === undefined || system === undefined)
          await versions.add(epoch, { isFirst: i === 0, wanted });
        else {
          const rows = systemRows.versions(system, past.window, past.catalogTimes);
          versions.addGiven(epoch.written, rows);
        }
      }
      await versions.write();
    } finally {
      versions.close();
    }
  }

  /** Rows of the table as it is, in the order of their keys, among them those that its history has. */
  private async writeOrdered(epoch: WrittenEpoch, part: Part, output: PairOutput): Promise<number> {
    const { written } = epoch;
    const { from, until } = part;
    const ended = this.versions({ ...part, indexIds: [written.primaryId] }, output);
    try {
      await ended.add(epoch, { isFirst: true, wanted: 'ended', from, until });
      if (ended.isEmpty && this.isAllThereIs(written, part))
        return await this.options.writeRows(written, part, output);
      return await this.writeAmong(ended, written, part, output);
    } finally {
      ended.close();
    }
  }

  /** None of the rows is newer than the window, and all tell their times. */
  private isAllThereIs(table: WrittenTable, part: Part): boolean {
    const { db, past } = this.options;
    const { start, end } = past.window;
    if (isPushedAfter(db, part.tableId, start)) return false;
    return countRows(db, table, part, end).newer === 0;
  }

  private async writeAmong(
    ended: TableVersions,
    table: WrittenTable,
    part: Part,
    output: PairOutput,
  ): Promise<number> {
    const { end } = this.options.past.window;
    const source = await this.options.openRows(table, part);
    const times = new RowTimes(end);
    const timeSlot = table.encoding.rows.columns.length;
    let began = 0n;
    const sink: PairSink = (key, value) => ended.writePresent(key, value, began);
    let count = 0;
    try {
      while (source.next()) {
        began = ended.visible(wallOf(times.of(source.row, timeSlot)));
        if (began <= end) table.rows.encode(source.row, sink);
        if (++count % ROWS_PER_TURN === 0) await output.turn();
      }
    } finally {
      source.close();
    }
    await ended.write();
    return count;
  }

  /** Its values: of one that was not advanced yet, that before its first. */
  private addSequence(epochs: readonly TableEpoch[], versions: TableVersions): void {
    const { db, past } = this.options;
    const { start, end } = past.window;
    for (const { from, to, table } of epochs) {
      const { id, sequenceOpts } = table;
      const { increment, start: first } = defined(sequenceOpts, 'options of a sequence');
      const last = to === undefined || to > end ? undefined : to;
      const add = (value: bigint | undefined, time: bigint): void =>
        encodeSequence(id, value ?? first - increment, (key, pair) =>
          versions.addPair(key, pair, time, last),
        );
      let began = from;
      if (start > began) began = start;
      add(readSequenceAsOf(db, id, began), began);
      for (const { time, value } of sequenceChanges(db, id, began)) {
        if (time > end || (last !== undefined && time >= last)) break;
        add(value, time);
      }
    }
  }
}
