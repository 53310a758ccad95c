import { UnderWay } from '../../../base/under-way';
import { sqliteTableName } from '../../../catalog/build-table-info';
import { type Connection, PAGE_BYTES } from '../../../storage/ranges/connection';
import type { PageTables } from '../rows/page-scan';
import { isOfSystem, type WrittenTable } from '../rows/written-table';
import type { PartThreads } from '../threads/backup-thread-messages';
import type { Part, WrittenPart } from './part';
import {
  type Cutting,
  indexSpansIn,
  partsOfChanges,
  partsOfTable,
  type TableSpan,
} from './part-planner';
import type { PartWriter } from './part-writer';

/** Writes the parts of a layer, in this thread and in others. */

export interface PlannedTable {
  readonly id: number;
  /** Undefined: a sequence. */
  readonly table: WrittenTable | undefined;
  readonly spans: readonly TableSpan[];
  /** See `changesKnownSince`; undefined: the chain is compared with, if there is one. */
  readonly since?: bigint | undefined;
  /** See `Part.versions`. */
  readonly versions?: Part['versions'];
  /** The table is not there any more. */
  readonly isGone?: boolean;
}

export interface WritePartsOptions {
  /** This thread's. */
  readonly db: Connection;
  /** This thread's. */
  readonly writer: PartWriter;
  readonly threads: PartThreads;
  readonly signal: AbortSignal;
  /** Of rows: where tables are cut. */
  readonly partBytes: number;
  /** See `LayerOptions`. */
  readonly pages: PageTables | undefined;
  /** What an earlier run has left of tables. */
  readonly rest: ReadonlyMap<number, readonly Part[]>;
  /** Told of each part that is written. */
  readonly onPart: (part: Part, written: WrittenPart) => void;
  /** @param fraction of the parts that are written, as far as is known */
  readonly onProgress: (fraction: number) => void;
}

/** Of rows, in a part: less would make many files, more would leave threads without work at the end. */
const PART_BYTES_MIN = 4 << 20;
const PART_BYTES_MAX = 64 << 20;
/** Parts of this thread whose files may be under way: those of small tables have little to do but wait. */
const ENDS_MAX = 8;
/** Of what the store holds, for each thread. */
const PARTS_PER_THREAD = 16;

/** @returns the parts in no order @throws the signal's reason; the first error of a part */
export async function writeParts(
  tables: readonly PlannedTable[],
  options: WritePartsOptions,
): Promise<WrittenPart[]> {
  const { db, writer, threads, signal, onProgress, partBytes } = options;
  const parts = new PartQueue(db, tables, options);
  const expected = tables.length + storeBytes(db) / partBytes;
  const written: WrittenPart[] = [];
  const failed = new AbortController();
  const stop = (): void => void threads.close();
  const fail = (error: unknown): void => {
    failed.abort(error);
    stop();
  };
  const note = (part: Part, result: WrittenPart): void => {
    written.push(result);
    options.onPart(part, result);
    onProgress(Math.min(1, written.length / Math.max(expected, parts.count)));
  };
  const run = async (next: () => Part | undefined, write: PartWriter['write']): Promise<void> => {
    const ends = new UnderWay();
    for (let part = next(); part !== undefined; part = next()) {
      failed.signal.throwIfAborted();
      const begun = part;
      const finish = await write(begun);
      while (ends.count >= ENDS_MAX) await ends.less();
      ends.add(finish().then((result) => note(begun, result)));
    }
    await ends.all();
  };
  const elsewhere = async (part: Part): Promise<() => Promise<WrittenPart>> => {
    const result = await threads.run({ kind: 'write', part });
    return async () => result ?? { files: [], rowCount: 0 };
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const runs = Array.from({ length: threads.capacity }, () => run(() => parts.next(), elsewhere));
    runs.push(
      run(
        () => parts.nextOwn(),
        (part) => writer.write(part),
      ),
    );
    for (const each of runs) each.catch(fail);
    await Promise.allSettled(runs);
    signal.throwIfAborted(); // errors of what was stopped are not what is wrong
    failed.signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return written;
}

const storeBytes = (db: Connection): number =>
  Number(db.pragma('page_count', { simple: true })) * PAGE_BYTES;

/** @returns Infinity where one thread writes all: nothing is cut */
export function partBytesOf(db: Connection, { capacity }: PartThreads): number {
  if (capacity === 0) return Infinity;
  const fitting = storeBytes(db) / (PARTS_PER_THREAD * capacity);
  return Math.min(PART_BYTES_MAX, Math.max(PART_BYTES_MIN, fitting));
}

export const isSystem = ({ table }: PlannedTable): boolean =>
  table !== undefined && isOfSystem(table);

/** The parts of all tables, cut as they are taken. */
class PartQueue {
  /** How many have been taken. */
  count = 0;
  private readonly own: Iterator<Part>;
  private readonly shared: Iterator<Part>;

  constructor(
    db: Connection,
    tables: readonly PlannedTable[],
    { partBytes, pages, rest }: Pick<WritePartsOptions, 'partBytes' | 'pages' | 'rest'>,
  ) {
    this.own = partsOf(db, tables.filter(isSystem), { cutting: { partBytes: Infinity }, rest });
    const others = tables.filter((table) => !isSystem(table));
    this.shared = partsOf(db, others, { cutting: { partBytes, pages }, rest });
  }

  /** For any thread. */
  next(): Part | undefined {
    return this.take(this.shared);
  }

  /** For the thread that has made the queue. */
  nextOwn(): Part | undefined {
    return this.take(this.own) ?? this.next();
  }

  private take(parts: Iterator<Part>): Part | undefined {
    const next = parts.next();
    if (next.done === true) return undefined;
    this.count++;
    return next.value;
  }
}

function* partsOf(
  db: Connection,
  tables: readonly PlannedTable[],
  { cutting, rest }: Pick<WritePartsOptions, 'rest'> & { readonly cutting: Cutting },
): Generator<Part> {
  for (const planned of tables) {
    const left = rest.get(planned.id);
    if (left !== undefined) yield* left;
    else yield* partsOfPlanned(db, planned, cutting);
  }
}

export function* partsOfPlanned(
  db: Connection,
  planned: PlannedTable,
  cutting: Cutting,
): Generator<Part> {
  const { id, table, spans, since, versions } = planned;
  if (versions !== undefined) yield* partsOfVersions(db, planned, cutting);
  else if (table === undefined)
    for (const span of spans)
      yield { tableId: id, ...span, ...(since !== undefined && !span.introduced && { since }) };
  else if (since === undefined) yield* partsOfTable(db, table, spans, cutting);
  else yield* partsOfChanges(db, table, spans, { ...cutting, since });
}

/** Rows that make it worth while to write each index of a table by itself. */
const SPLIT_ROWS_MIN = 20_000;

/** What is sorted is not cut within an index. `since`: of the spans that a chain covers few versions are expected. */
function* partsOfVersions(
  db: Connection,
  { id, table, spans, since, versions, isGone }: PlannedTable,
  cutting: Cutting,
): Generator<Part> {
  const isOrdered = versions === 'ordered' && table !== undefined;
  const cut = isOrdered ? spans.filter(({ introduced }) => introduced || since === undefined) : [];
  const isSplit =
    cutting.partBytes !== Infinity && since === undefined && isGone !== true && isLarge(db, id);
  for (const span of spans.filter((each) => !cut.includes(each)))
    for (const each of isSplit ? indexSpansIn(id, span) : [span])
      yield { tableId: id, ...each, versions: 'sorted' };
  if (!isOrdered || cut.length === 0) return;
  for (const part of partsOfTable(db, table, cut, cutting)) yield { ...part, versions };
}

function isLarge(db: Connection, tableId: number): boolean {
  const name = sqliteTableName(tableId);
  const exists = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`);
  if (exists.get(name) === undefined) return false;
  return db.prepare(`SELECT 1 FROM ${name} LIMIT 1 OFFSET ${SPLIT_ROWS_MIN}`).get() !== undefined;
}
