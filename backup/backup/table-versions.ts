import type { ByteWriter } from '../../base/byte-writer';
import { defined } from '../../base/invariant';
import { sqliteColumnName, sqliteTableName } from '../../catalog/build-table-info';
import type { Repr } from '../../catalog/types/sql-type';
import type { Connection } from '../../storage/ranges/connection';
import { versionsSql, withQueries } from '../../storage/ranges/history-reads';
import { PairSorter } from '../../storage/ranges/pair-sorter';
import { END_COLUMN, quoteName, TIMESTAMP_COLUMN } from '../../storage/ranges/physical-table';
import { visibleTimes } from '../../storage/ranges/pushed-writes';
import { recordOf } from '../../storage/staging/record-of';
import type { RecordReader } from '../../storage/staging/record-reader';
import type { PairSink } from '../format/datum/row-encoder';
import type { PairOutput } from './pair-output';
import type { TableEpoch } from './revisions';
import type { RowVersion } from './system-source';
import { type CompileExpressions, NO_EXPRESSIONS, type RowExpressions } from './table-source';
import type { WrittenTable } from './written-table';

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

/** Where the versions of a span of keys go. */
export interface VersionOutput {
  readonly output: PairOutput;
  /** Those up to then are left out; undefined: none is. */
  readonly after: bigint | undefined;
}

const PER_TURN = 1_000;
const NO_VALUE = new Uint8Array();

export interface TableVersionsOptions {
  readonly db: Connection;
  /** Of the window: what came later is not there. */
  readonly end: bigint;
  readonly expressions: (epoch: TableEpoch) => Promise<CompileExpressions>;
  /** Lets messages in. */
  readonly turn: () => Promise<void>;
}

/** What is encoded of each row. */
type Encode = (row: RecordReader, sink: PairSink) => void;

export class TableVersions {
  private readonly sorter = new PairSorter();
  private readonly options: TableVersionsOptions;
  private readonly visible: (written: bigint) => bigint;

  constructor(tableId: number, options: TableVersionsOptions) {
    this.options = options;
    this.visible = visibleTimes(options.db, tableId);
  }

  /** @param isFirst rows keep their times from before the epoch: nothing was there before it */
  async add(of: WrittenEpoch, isFirst: boolean): Promise<void> {
    const { rows, indexes } = of.written;
    const whole = indexes.filter(({ predicate }) => predicate === '');
    await this.scan(of, isFirst, '', (row, sink) => {
      rows.encode(row, sink);
      for (const { encoder } of whole) encoder.encode(row, sink);
    });
    for (const { encoder, predicate } of indexes)
      if (predicate !== '')
        await this.scan(of, isFirst, predicate, (row, sink) => encoder.encode(row, sink));
  }

  private async scan(
    { epoch, written }: WrittenEpoch,
    isFirst: boolean,
    predicate: string,
    encode: Encode,
  ): Promise<void> {
    const { from } = epoch;
    const expressions = await this.expressions(epoch, written, predicate);
    const { db, turn } = this.options;
    const statement = db.prepare(selectText(db, epoch, written, expressions));
    const rows = statement.raw(true).safeIntegers(true).iterate(expressions.parameters);
    const width = written.encoding.rows.columns.length;
    let [began, ended]: [bigint, bigint | undefined] = [0n, undefined];
    const sink: PairSink = (key, value) => this.addPair(key, value, began, ended);
    let count = 0;
    for (const row of rows as IterableIterator<Repr[]>) {
      [began, ended] = this.times(row, width, epoch);
      if (!isFirst && began < from) began = from;
      if (began > this.options.end) continue;
      if (ended !== undefined && (ended <= began || ended <= from)) continue;
      encode(recordOf(row.slice(0, width)), sink);
      if (++count % PER_TURN === 0) await turn();
    }
  }

  /** Rows that no table of the store has. */
  addGiven({ rows, indexes }: WrittenTable, versions: Iterable<RowVersion>): void {
    for (const { values, began, ended } of versions) {
      const record = recordOf([...values]);
      const sink: PairSink = (key, value) => this.addPair(key, value, began, ended);
      rows.encode(record, sink);
      for (const { encoder } of indexes) encoder.encode(record, sink);
    }
  }

  /** A pair that is so until the next one of its key. */
  addPair(key: ByteWriter, value: ByteWriter, began: bigint, ended: bigint | undefined): void {
    const bytes = key.toBytes();
    this.sorter.add({ key: bytes, value: value.toBytes(), timestamp: began });
    if (ended !== undefined) this.sorter.add({ key: bytes, value: NO_VALUE, timestamp: ended });
  }

  private async expressions(
    epoch: TableEpoch,
    { descriptor, encoding }: WrittenTable,
    predicate: string,
  ): Promise<RowExpressions> {
    const virtualIds = new Set(encoding.virtualIds);
    if (predicate === '' && virtualIds.size === 0) return NO_EXPRESSIONS;
    const compile = await this.options.expressions(epoch);
    return compile({ table: descriptor, encoding, virtualIds, predicate });
  }

  /** When a version began, and ended as far as the epoch and the window reach. */
  private times(
    row: readonly Repr[],
    at: number,
    { to }: TableEpoch,
  ): [began: bigint, ended: bigint | undefined] {
    const [written, over] = [row[at], row[at + 1]];
    const began = this.visible(BigInt(String(written ?? 0).split('.')[0] ?? 0));
    let ended = typeof over === 'bigint' ? this.visible(over) : undefined;
    if (to !== undefined && (ended === undefined || ended > to)) ended = to;
    if (ended !== undefined && ended > this.options.end) ended = undefined;
    return [began, ended];
  }

  async write(outputOf: (key: Uint8Array) => VersionOutput): Promise<void> {
    let key: Uint8Array = NO_VALUE;
    let events: Event[] = [];
    let count = 0;
    const finishKey = async (): Promise<void> => {
      if (events.length === 0) return;
      const { output, after } = outputOf(key);
      for (const { time, value } of versionsOf(events).reverse())
        if (after === undefined || time > after)
          output.add(key, key.length, value, value.length, time);
      if (++count % PER_TURN === 0) await output.turn();
    };
    for (const pair of this.sorter.sorted()) {
      if (Buffer.compare(pair.key, key) !== 0) {
        await finishKey();
        key = pair.key;
        events = [];
      }
      events.push({ time: BigInt(pair.timestamp), value: pair.value });
    }
    await finishKey();
  }

  close(): void {
    this.sorter.close();
  }
}

function selectText(
  db: Connection,
  { from, to }: TableEpoch,
  { descriptor, encoding }: WrittenTable,
  { alias, texts, condition }: RowExpressions,
): string {
  const own = (name: string): string => `${alias}.${quoteName(name)}`;
  const outputs = encoding.rows.columns.map(({ id }, slot) =>
    slot < encoding.storedCount
      ? own(sqliteColumnName(id))
      : `(${texts[slot - encoding.storedCount] ?? 'NULL'})`,
  );
  outputs.push(own(TIMESTAMP_COLUMN), own(END_COLUMN));
  const where = condition === undefined ? '' : ` WHERE ${condition}`;
  const name = quoteName(sqliteTableName(descriptor.id));
  const sql = `SELECT ${outputs.join(', ')} FROM ${name} AS ${alias}${where}`;
  return withQueries(sql, new Map([[name, versionsSql(db, descriptor.id, from, to)]]));
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
