import { defined } from '../../../base/invariant';
import { sqliteColumnName, sqliteTableName } from '../../../catalog/build-table-info';
import type { Repr } from '../../../catalog/types/sql-type';
import type { Connection } from '../../../storage/ranges/connection';
import { quoteName } from '../../../storage/ranges/physical-table';
import { recordOf } from '../../../storage/staging/record-of';
import { compareKeys } from '../../format/compare-keys';
import { encodeTablePrefix } from '../../format/datum/table-key';
import type { KeySpan } from '../../restore/coverage';
import type { Base } from '../layer/base';
import { bindKey, type KeySteps, keySteps, stepsFrom } from '../rows/key-steps';
import type { PageTable, PageTables } from '../rows/page-scan';
import { NO_EXPRESSIONS } from '../rows/table-source';
import { type IndexSpan, indexSpans, type WrittenTable } from '../rows/written-table';
import type { Part } from './part';

/** Cuts what of a layer belongs to one table into parts, one after the other as they are asked for. */

/** Rows that tell how large those that follow are. */
const SAMPLE_ROWS = 100;
/** What a row's pair has beside its values, about. */
const ROW_BYTES = 32;
const COLUMN_BYTES = 2;
/** Of a part. */
const ROWS_MIN = 1_000;

export interface TableSpan extends IndexSpan {
  /** New to the chain. */
  readonly introduced: boolean;
}

/** Where tables are cut. */
export interface Cutting {
  /** Of rows, that a part aims at; Infinity: nothing is cut. */
  readonly partBytes: number;
  readonly pages?: PageTables | undefined;
}

/** Spans of a table in their order, those that a chain covers apart from those that are new to it. */
export function tableSpans(
  tableId: number,
  indexIds: readonly number[],
  base: Base | undefined,
): TableSpan[] {
  const isNew = (id: number): boolean =>
    base !== undefined && !indexSpans(tableId, [id]).every((span) => base.covers(span));
  const news = indexIds.filter(isNew);
  const old = indexIds.filter((id) => !news.includes(id));
  return [
    ...indexSpans(tableId, old).map((span) => ({ ...span, introduced: false })),
    ...indexSpans(tableId, news).map((span) => ({ ...span, introduced: true })),
  ].sort(byStart);
}

/** Spans of which rows and their history tell what has changed are one part each. @param since see known-changes.ts */
export function* partsOfChanges(
  db: Connection,
  table: WrittenTable,
  spans: readonly TableSpan[],
  { since, ...cutting }: Cutting & { readonly since: bigint },
): Generator<Part> {
  const tableId = table.descriptor.id;
  for (const span of spans.filter(({ introduced }) => !introduced))
    yield { tableId, ...span, since };
  const introduced = spans.filter((span) => span.introduced);
  if (introduced.length > 0) yield* partsOfTable(db, table, introduced, cutting);
}

/**
 * Spans with a small table are one part each. A large table has a part for each of its other indexes, and its rows are cut.
 */
export function* partsOfTable(
  db: Connection,
  table: WrittenTable,
  spans: readonly TableSpan[],
  cutting: Cutting,
): Generator<Part> {
  const tableId = table.descriptor.id;
  // Rows of an interleaved table come with those of others.
  const isWhole = cutting.partBytes === Infinity || table.rootId !== undefined;
  const cuts = isWhole ? [] : new RowCuts(db, table, cutting).all();
  const iterator = cuts[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) {
    for (const span of spans) yield { tableId, ...span };
    return;
  }
  for (const span of spans) {
    for (const each of indexSpansIn(tableId, span)) {
      if (each.indexIds[0] !== table.primaryId) {
        yield { tableId, ...each };
        continue;
      }
      let { start } = each;
      let from: readonly Repr[] | undefined;
      for (let cut: IteratorResult<Cut> = first; cut.done !== true; cut = iterator.next()) {
        const { key, values, rowsBefore } = cut.value;
        const range = {
          start,
          end: key,
          ...(from && { from }),
          until: values,
          rowsMax: rowsBefore,
        };
        yield { tableId, ...each, ...range };
        start = key;
        from = values;
      }
      yield { tableId, ...each, start, ...(from && { from }) };
    }
  }
}

/** A span index by index. */
export function indexSpansIn(tableId: number, span: TableSpan): TableSpan[] {
  const { indexIds } = span;
  const starts = indexIds.map((id, i) => (i === 0 ? span.start : encodeTablePrefix(tableId, id)));
  return indexIds.map((id, i) => ({
    ...span,
    start: defined(starts[i], 'start of an index'),
    end: starts[i + 1] ?? span.end,
    indexIds: [id],
  }));
}

interface Cut {
  /** Of the first row of the next part. */
  readonly values: readonly Repr[];
  readonly key: Uint8Array;
  /** Rows from the cut before to this one. */
  readonly rowsBefore: number;
}

/** Where to cut the rows of a table. */
class RowCuts {
  private readonly db: Connection;
  private readonly table: WrittenTable;
  private readonly partBytes: number;
  private readonly keys: KeySteps;
  private readonly sizes: KeySteps;
  private readonly counts: KeySteps;
  private readonly pages: PageTable | undefined;

  constructor(db: Connection, table: WrittenTable, { partBytes, pages }: Cutting) {
    this.db = db;
    this.table = table;
    this.partBytes = partBytes;
    const { encoding } = table;
    this.pages = pages?.of(table.descriptor.id, encoding);
    const { alias } = NO_EXPRESSIONS;
    const stored = encoding.rows.columns.slice(0, encoding.storedCount);
    const own = (id: number): string => `${alias}.${quoteName(sqliteColumnName(id))}`;
    const size = stored.map(({ id }) => `ifnull(octet_length(${own(id)}), 0)`).join(' + ');
    const keys = encoding.rows.primaryKey.map(({ columnId }) => own(columnId)).join(', ');
    this.keys = this.steps((rest) => `SELECT ${keys} ${rest} LIMIT 1 OFFSET @n`);
    this.sizes = this.steps((rest) => `SELECT ${size} ${rest} LIMIT ${SAMPLE_ROWS}`);
    this.counts = this.steps((rest) => `SELECT count(*) FROM (SELECT 1 ${rest})`);
  }

  private steps(text: (rest: string) => string): KeySteps {
    const { descriptor, encoding } = this.table;
    return keySteps(sqliteTableName(descriptor.id), encoding, NO_EXPRESSIONS, (rest) =>
      this.db.prepare(text(rest)),
    );
  }

  *all(): Generator<Cut> {
    for (let from: readonly Repr[] | undefined; ; ) {
      const rowsBefore = this.rowsOfPart(from);
      const values = this.keyAt(from, rowsBefore);
      if (values === undefined) return;
      yield { values, key: this.encode(values), rowsBefore };
      from = values;
    }
  }

  private rowsOfPart(from: readonly Repr[] | undefined): number {
    let bytes = 0;
    let count = 0;
    for (const statement of stepsFrom(this.sizes, from, true)) {
      const sizes = statement.pluck().all(bindKey(from)) as bigint[];
      for (const size of sizes) bytes += Number(size);
      count += sizes.length;
      if (count >= SAMPLE_ROWS) break;
    }
    const columnCount = this.table.encoding.storedCount;
    const rowBytes = ROW_BYTES + COLUMN_BYTES * columnCount + bytes / Math.max(1, count);
    return Math.max(ROWS_MIN, Math.floor(this.partBytes / rowBytes));
  }

  /** The key of the row that is `offset` rows after the one with the key `from`. */
  private keyAt(from: readonly Repr[] | undefined, offset: number): Repr[] | undefined {
    if (this.pages !== undefined) return this.keyInPages(this.pages, from, offset);
    let rest = offset;
    const counts = stepsFrom(this.counts, from, true);
    for (const [i, statement] of stepsFrom(this.keys, from, true).entries()) {
      const found = statement.raw().get({ ...bindKey(from), n: BigInt(rest) });
      if (found !== undefined) return found as Repr[];
      rest -= Number(counts[i]?.pluck().get(bindKey(from)) ?? 0);
    }
    return undefined;
  }

  private keyInPages(
    pages: PageTable,
    from: readonly Repr[] | undefined,
    offset: number,
  ): Repr[] | undefined {
    const cursor = pages.cursor(from);
    const row = pages.reader();
    if (!cursor.skip(offset) || !cursor.read(row)) return undefined;
    return this.table.encoding.keySlots.map((slot) => row.value(slot));
  }

  private encode(values: readonly Repr[]): Uint8Array {
    const { encoding, rows } = this.table;
    const row: Repr[] = encoding.rows.columns.map(() => null);
    for (const [i, slot] of encoding.keySlots.entries()) row[slot] = values[i] ?? null;
    return rows.rowKey(recordOf(row));
  }
}

/** Spans in the order of their keys. */
export const byStart = (a: KeySpan, b: KeySpan): number =>
  compareKeys(a.start, a.start.length, b.start, b.start.length);
