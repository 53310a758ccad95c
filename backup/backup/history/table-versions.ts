import type { ByteWriter } from '../../../base/byte-writer';
import { defined } from '../../../base/invariant';
import { type Connection, storeDirectory } from '../../../storage/ranges/connection';
import {
  isNewerSql,
  type VersionSource,
  versionSource,
} from '../../../storage/ranges/history-reads';
import { quoteName, TIMESTAMP_COLUMN } from '../../../storage/ranges/physical-table';
import { visibleTimes } from '../../../storage/ranges/pushed-writes';
import { recordOf } from '../../../storage/staging/record-of';
import type { RecordReader } from '../../../storage/staging/record-reader';
import { compareKeys } from '../../format/compare-keys';
import type { PairSink } from '../../format/datum/row-encoder';
import type { PairOutput } from '../layer/pair-output';
import type { KeyRange } from '../rows/key-steps';
import type { SortedPair } from '../rows/pair-records';
import { PairSorter } from '../rows/pair-sorter';
import { RowScan } from '../rows/row-scan';
import { storedColumnIds } from '../rows/table-encoding';
import { type CompileExpressions, expressionsOf, type RowExpressions } from '../rows/table-source';
import type { WrittenTable } from '../rows/written-table';
import type { TableEpoch } from '../targets/revisions';
import type { RowVersion } from '../targets/system-source';
import { HistoryScan } from './history-scan';
import { RowTimes, wallOf } from './row-times';

/**
 * All versions of a table's pairs within a window of time. A row is written by each descriptor that it has lived under; from when a
 * version of it was there until when becomes two events for each of its pairs, which are sorted by key. Of a key, what differs from the
 * moment before is a version, and where nothing follows a tombstone.
 */

/** One state of a table that its pairs depend on. */
export interface WrittenEpoch {
  readonly epoch: TableEpoch;
  readonly written: WrittenTable;
}

const PER_TURN = 1_000;
const NO_VALUE = new Uint8Array();

export interface TableVersionsOptions {
  readonly db: Connection;
  /** Of the window: what came later is not there. */
  readonly end: bigint;
  /** Indexes whose pairs are made. */
  readonly indexIds: ReadonlySet<number>;
  readonly expressions: (epoch: TableEpoch) => Promise<CompileExpressions>;
  readonly output: PairOutput;
  /** Versions up to then are left out; undefined: none is. */
  readonly after: bigint | undefined;
  /** Of each key the newest version alone, where it is another than that up to then. */
  readonly isNewestOnly?: boolean;
}

/** What is added of a table. */
export interface VersionsOf extends KeyRange {
  /** Rows keep their times from before the epoch: nothing was there before it. */
  readonly isFirst: boolean;
  readonly wanted: VersionsWanted;
}

/** Of the versions of a window of time: all; those that began or ended in it; those that have ended since it began. */
export type VersionsWanted = 'all' | 'changed' | 'ended';

/** What is encoded of each row. */
type Encode = (row: RecordReader, sink: PairSink) => void;

/** The pairs of some indexes. */
interface PairsOf {
  /** Of which they are made. */
  readonly columnIds: ReadonlySet<number>;
  readonly predicate?: string;
  readonly encode: Encode;
}

export class TableVersions {
  /** When what carries a time was there for anybody. */
  readonly visible: (written: bigint) => bigint;
  private readonly sorter: PairSorter;
  private readonly options: TableVersionsOptions;
  private count = 0;
  private sorted: Iterator<KeyEvents, undefined> | undefined;
  /** Not written yet. */
  private next: KeyEvents | undefined;

  constructor(tableId: number, options: TableVersionsOptions) {
    this.options = options;
    this.sorter = new PairSorter(storeDirectory(options.db));
    this.visible = visibleTimes(options.db, tableId);
  }

  /** Nothing has been added. */
  get isEmpty(): boolean {
    return this.count === 0;
  }

  async add(of: WrittenEpoch, about: VersionsOf): Promise<void> {
    const { indexIds } = this.options;
    const { rows, primaryId, encoding } = of.written;
    const indexes = of.written.indexes.filter(({ id }) => indexIds.has(id));
    const whole = indexes.filter(({ predicate }) => predicate === '');
    if (indexIds.has(primaryId)) {
      const columnIds = storedColumnIds(encoding);
      await this.scan(of, about, { columnIds, encode: (row, sink) => rows.encode(row, sink) });
    }
    if (whole.length > 0) {
      const columnIds = new Set(whole.flatMap((index) => [...index.columnIds]));
      const encode: Encode = (row, sink) => {
        for (const { encoder } of whole) encoder.encode(row, sink);
      };
      await this.scan(of, about, { columnIds, encode });
    }
    for (const { encoder, predicate, columnIds } of indexes) {
      if (predicate === '') continue;
      const encode: Encode = (row, sink) => encoder.encode(row, sink);
      await this.scan(of, about, { columnIds, predicate, encode });
    }
  }

  private async scan(of: WrittenEpoch, about: VersionsOf, pairs: PairsOf): Promise<void> {
    const { db, end } = this.options;
    const { epoch, written } = of;
    const { encoding, descriptor } = written;
    const compile = (): Promise<CompileExpressions> => this.options.expressions(epoch);
    const expressions = await expressionsOf(descriptor, encoding, pairs, compile);
    const source = versionSource(db, descriptor.id, epoch.from);
    const keyIds = encoding.rows.primaryKey.map(({ columnId }) => columnId);
    const columnIds = new Set([...pairs.columnIds, ...keyIds]);
    if (about.wanted !== 'ended') {
      const rows = new RowScan(db, {
        tableId: descriptor.id,
        table: source.table,
        encoding,
        columnIds,
        expressions: { ...expressions, condition: conditionOf(expressions, epoch, about, source) },
        endTime: end,
        from: undefined,
        rowsMax: Number.MAX_SAFE_INTEGER,
      });
      await this.addRows(rows, of, about, pairs);
    }
    const history = new HistoryScan(db, { ...about, source, encoding, columnIds, expressions });
    await this.addRows(history, of, about, pairs);
  }

  private async addRows(
    rows: RowScan | HistoryScan,
    { epoch, written }: WrittenEpoch,
    { isFirst }: VersionsOf,
    { encode }: PairsOf,
  ): Promise<void> {
    const { end, output } = this.options;
    const timeSlot = written.encoding.rows.columns.length;
    const endSlot = rows instanceof HistoryScan ? rows.endSlot : undefined;
    // A version without a time was there before all that is kept.
    const [begins, ends] = [new RowTimes(0n), new RowTimes(0n)];
    let [began, ended]: [bigint, bigint | undefined] = [0n, undefined];
    const sink: PairSink = (key, value) => this.addPair(key, value, began, ended);
    let count = 0;
    try {
      while (rows.next()) {
        began = this.visible(wallOf(begins.of(rows.row, timeSlot)));
        ended =
          endSlot === undefined ? undefined : this.visible(wallOf(ends.of(rows.row, endSlot)));
        if (epoch.to !== undefined && (ended === undefined || ended > epoch.to)) ended = epoch.to;
        if (ended !== undefined && ended > end) ended = undefined;
        if (!isFirst && began < epoch.from) began = epoch.from;
        const isThere = began <= end && (ended === undefined || ended > began);
        if (isThere) encode(rows.row, sink);
        if (++count % PER_TURN === 0) await output.turn();
      }
    } finally {
      rows.close();
    }
  }

  /** Rows that no table of the store has. */
  addGiven({ rows, indexes }: WrittenTable, versions: Iterable<RowVersion>): void {
    const { indexIds } = this.options;
    const chosen = indexes.filter(({ id }) => indexIds.has(id));
    for (const { values, began, ended } of versions) {
      const record = recordOf([...values]);
      const sink: PairSink = (key, value) => this.addPair(key, value, began, ended);
      rows.encode(record, sink);
      for (const { encoder } of chosen) encoder.encode(record, sink);
    }
  }

  /** A pair that is so until the next one of its key. */
  addPair(key: ByteWriter, value: ByteWriter, began: bigint, ended: bigint | undefined): void {
    this.count++;
    this.sorter.add(key.bytes, key.length, value.bytes, value.length, began);
    if (ended !== undefined) this.sorter.add(key.bytes, key.length, NO_VALUE, 0, ended);
  }

  /**
   * Writes a pair that is there at the window's end, and what was added of keys up to it. To be called in the order of keys, after all
   * has been added.
   * @param key good during the call, as `value`
   */
  writePresent(key: ByteWriter, value: ByteWriter, began: bigint): void {
    const { output, after } = this.options;
    let order = this.orderOfNext(key);
    for (; order < 0; order = this.orderOfNext(key)) this.writeNext();
    if (order > 0) {
      if (after === undefined || began > after)
        output.add(key.bytes, key.length, value.bytes, value.length, began);
      return;
    }
    this.next?.events.push({ time: began, value: value.toBytes() });
    this.writeNext();
  }

  /** Of the next key that was added, with another one; positive when there is none. */
  private orderOfNext(key: ByteWriter): number {
    if (this.sorted === undefined) this.advance();
    if (this.next === undefined) return 1;
    return compareKeys(this.next.key, this.next.key.length, key.bytes, key.length);
  }

  private advance(): void {
    this.sorted ??= byKey(this.sorter.sorted());
    this.next = this.sorted.next().value;
  }

  private writeNext(): void {
    const { key, events } = defined(this.next, 'a key');
    const { output, after, isNewestOnly = false } = this.options;
    const versions = isNewestOnly ? newestOf(versionsOf(events), after) : versionsOf(events);
    for (const { time, value } of versions.reverse())
      if (after === undefined || time > after)
        output.add(key, key.length, value, value.length, time);
    this.advance();
  }

  /** Writes all that was added and has not been written. */
  async write(): Promise<void> {
    if (this.sorted === undefined) this.advance();
    for (let count = 1; this.next !== undefined; count++) {
      this.writeNext();
      if (count % PER_TURN === 0) await this.options.output.turn();
    }
  }

  close(): void {
    this.sorter.close();
  }
}

interface KeyEvents {
  readonly key: Uint8Array;
  readonly events: Event[];
}

function* byKey(pairs: Iterable<SortedPair>): Generator<KeyEvents, undefined> {
  let last: KeyEvents | undefined;
  for (const { key, value, timestamp } of pairs) {
    if (last === undefined || Buffer.compare(key, last.key) !== 0) {
      if (last !== undefined) yield last;
      last = { key, events: [] };
    }
    last.events.push({ time: BigInt(timestamp), value });
  }
  if (last !== undefined) yield last;
  return undefined;
}

/** Of rows that have not ended. */
export function conditionOf(
  { alias, condition }: RowExpressions,
  { to }: Pick<TableEpoch, 'to'>,
  { wanted }: Pick<VersionsOf, 'wanted'>,
  { settled }: VersionSource,
): string | undefined {
  const time = `${alias}.${quoteName(TIMESTAMP_COLUMN)}`;
  const conditions = condition === undefined ? [] : [`(${condition})`];
  if (to !== undefined) conditions.push(`${time} < ${to}`);
  if (wanted === 'changed') conditions.push(`(${isNewerSql(time, settled)})`);
  return conditions.length === 0 ? undefined : conditions.join(' AND ');
}

/** A pair began to be so, or has ended (no value). */
interface Event {
  readonly time: bigint;
  readonly value: Uint8Array;
}

/** What becomes of one key, oldest first. At one time a value outdoes the end of another. */
export function versionsOf(events: readonly Event[]): Event[] {
  const ordered = [...events].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const versions: Event[] = [];
  let present: Uint8Array = NO_VALUE;
  for (let i = 0; i < ordered.length; ) {
    const { time } = defined(ordered[i], 'an event');
    let next: Uint8Array = NO_VALUE;
    for (; ordered[i]?.time === time; i++) {
      const { value } = defined(ordered[i], 'an event');
      if (value.length > 0) next = value;
    }
    if (Buffer.compare(next, present) === 0) continue;
    versions.push({ time, value: next });
    present = next;
  }
  return versions;
}

/** The last of the versions, unless it is the same as what was there at a time. @param versions oldest first */
export function newestOf(versions: readonly Event[], at: bigint | undefined): Event[] {
  const newest = versions.at(-1);
  if (newest === undefined) return [];
  const before = versions.filter(({ time }) => at !== undefined && time <= at).at(-1);
  const isSame = Buffer.compare(before?.value ?? NO_VALUE, newest.value) === 0;
  return isSame ? [] : [newest];
}
