import { defined } from '../../base/invariant';
import type { PageFile } from './page-file';
import { PageRun, type PageSpans, SPAN_NUMBERS } from './page-run';
import { type RecordLayout, ROWID_BYTES, type StoredRecordReader } from './stored-record-reader';
import { CellReader, cellAt, cellCount, isLeaf, PageKind, RIGHT_MOST_OFFSET } from './tree-page';
import type { TreeShape } from './tree-shape';

/** Of a run. */
const RUN_LEAVES = 256;
/** Of a run, where a tree has any. */
const RUN_INTERIORS = 64;
/** Leaves that are read ahead while one follows the other in the file. */
const AHEAD_MAX = 16;
/** Source: SQLite, BTCURSOR_MAX_DEPTH. */
const DEPTH_MAX = 20;

/** An interior page on the way down. */
interface Level {
  readonly page: Buffer;
  number: number;
  /** Twice the index of the child that the way goes to; one more: at the cell after it, which is a row of an index. */
  at: number;
  cells: number;
}

/** @returns below 0 when the row that the reader stands at comes before the one looked for, 0 when it is it */
export type CompareRow = (row: StoredRecordReader) => number;

/**
 * Walks a table in the order of its key, at a page or more a step. It stands at a row, or at the end.
 *
 * A tree with rowids has its rows in leaves. An index has them in interior pages too: one between each two children.
 */
export class TreeCursor {
  private readonly file: PageFile;
  private readonly layout: RecordLayout;
  private readonly isRowid: boolean;
  private readonly cells: CellReader;
  /** From the root down; all leaves are equally deep. */
  private readonly levels: readonly Level[];
  /** How many of the levels lead to the current row. */
  private depth: number;
  /** When all of them do, the row is in this one. */
  private leafNumber: number;
  private cell = 0;
  /** Leaves that follow each other in the file. */
  private ahead: Buffer;
  private aheadFirst = 0;
  private aheadCount = 0;
  private isEnd = false;
  private run: Buffer | undefined;

  constructor(file: PageFile, shape: TreeShape, layout: RecordLayout) {
    this.file = file;
    this.layout = layout;
    this.isRowid = shape.isRowid;
    this.cells = new CellReader(file);
    this.ahead = this.newPages(1);
    const levels: Level[] = [];
    let number = shape.rootPage;
    for (;;) {
      const page = this.newPages(1);
      file.read(number, 1, page, 0);
      if (isLeaf(this.checkedKind(page, 0, number))) break;
      if (levels.length === DEPTH_MAX) throw file.damaged(`page ${number} is too deep`);
      levels.push({ page, number, at: 0, cells: cellCount(page, 0) });
      number = childOf(page, 0);
    }
    this.levels = levels;
    this.depth = levels.length;
    this.leafNumber = number;
    // An empty table is an empty leaf.
    this.isEnd = levels.length === 0 && this.leafCells() === 0;
  }

  private newPages(count: number): Buffer {
    return Buffer.alloc(count * this.file.pageBytes + ROWID_BYTES);
  }

  private checkedKind(bytes: Buffer, page: number, number: number): number {
    const kind = bytes[page] as number;
    const isOwn = this.isRowid
      ? kind === PageKind.leaf || kind === PageKind.interior
      : kind === PageKind.indexLeaf || kind === PageKind.indexInterior;
    if (!isOwn) throw this.file.damaged(`page ${number} is none of the table's`);
    return kind;
  }

  /** Moves to the first row that does not come before the one looked for. @param record to compare; of this layout */
  seek(record: StoredRecordReader, compare: CompareRow): void {
    const [root] = this.levels;
    if (root === undefined) this.seekInLeaf(record, compare);
    else this.seekFrom(root, record, compare);
    this.isEnd = false;
    if (this.interior() === undefined && this.cell === this.leafCells()) this.nextPlace();
  }

  private seekFrom(root: Level, record: StoredRecordReader, compare: CompareRow): void {
    let number = root.number;
    for (const [i, level] of this.levels.entries()) {
      this.readLevel(level, number);
      this.depth = i + 1;
      const cell = this.firstNotBefore(level.page, 0, record, compare);
      level.at = 2 * cell;
      if (!this.isRowid && cell < level.cells) {
        this.cells.read(record, level.page, 0, cellAt(level.page, 0, cell));
        if (compare(record) === 0) {
          level.at++;
          return;
        }
      }
      number = childOf(level.page, cell);
    }
    this.leafNumber = number;
    this.seekInLeaf(record, compare);
  }

  private seekInLeaf(record: StoredRecordReader, compare: CompareRow): void {
    const page = this.readLeaf();
    this.cell = this.firstNotBefore(this.ahead, page, record, compare);
  }

  /** @returns the page's cells when all come before */
  private firstNotBefore(
    bytes: Buffer,
    page: number,
    record: StoredRecordReader,
    compare: CompareRow,
  ): number {
    const isInteriorOfRowids = bytes[page] === PageKind.interior;
    let low = 0;
    let high = cellCount(bytes, page);
    while (low < high) {
      const middle = (low + high) >> 1;
      const cell = cellAt(bytes, page, middle);
      if (isInteriorOfRowids) record.resetToRowid(this.cells.rowidOf(bytes, cell), bytes);
      else this.cells.read(record, bytes, page, cell);
      if (compare(record) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private readLevel(level: Level, number: number): void {
    this.file.read(number, 1, level.page, 0);
    if (isLeaf(this.checkedKind(level.page, 0, number)))
      throw this.file.damaged(`page ${number} is not as deep as others`);
    level.number = number;
    level.at = 0;
    level.cells = cellCount(level.page, 0);
  }

  /** @returns where the current leaf is in `ahead`, which may be another buffer then */
  private readLeaf(): number {
    const { file, leafNumber: number } = this;
    const { pageBytes } = file;
    if (number < this.aheadFirst || number >= this.aheadFirst + this.aheadCount) {
      const isNext = number === this.aheadFirst + this.aheadCount;
      const wanted = isNext ? Math.min(2 * this.aheadCount, AHEAD_MAX) : 1;
      const count = Math.max(1, Math.min(wanted, file.pageCount - number + 1));
      if (this.ahead.length < count * pageBytes) this.ahead = this.newPages(AHEAD_MAX);
      file.read(number, count, this.ahead, 0);
      this.aheadFirst = number;
      this.aheadCount = count;
    }
    const page = (number - this.aheadFirst) * pageBytes;
    if (!isLeaf(this.checkedKind(this.ahead, page, number)))
      throw file.damaged(`page ${number} is deeper than others`);
    return page;
  }

  private leafCells(): number {
    const page = this.readLeaf();
    return cellCount(this.ahead, page);
  }

  /** Of the current row, where that lies in an interior page. */
  private interior(): Level | undefined {
    const level = this.levels[this.depth - 1];
    return level !== undefined && level.at % 2 === 1 ? level : undefined;
  }

  /** Moves to the next row of an interior page, or the next leaf's first one. */
  private nextPlace(): void {
    for (;;) {
      const level = this.levels[this.depth - 1];
      if (level === undefined) {
        this.isEnd = true;
        return;
      }
      level.at += this.isRowid ? 2 : 1;
      if (level.at > 2 * level.cells) {
        this.depth--;
        continue;
      }
      if (level.at % 2 === 0) this.descend(childOf(level.page, level.at / 2));
      return;
    }
  }

  private descend(child: number): void {
    let number = child;
    while (this.depth < this.levels.length) {
      const level = defined(this.levels[this.depth++], 'a level');
      this.readLevel(level, number);
      number = childOf(level.page, 0);
    }
    this.leafNumber = number;
    this.cell = 0;
  }

  /** Moves so many rows on. @returns false when there are not so many: it stands at the end */
  skip(count: number): boolean {
    let left = count;
    while (!this.isEnd) {
      const isInterior = this.interior() !== undefined;
      const here = isInterior ? 1 : this.leafCells() - this.cell;
      if (left < here) {
        if (!isInterior) this.cell += left;
        return true;
      }
      left -= here;
      this.nextPlace();
    }
    return false;
  }

  /** Moves the reader to the current row. @returns false at the end */
  read(record: StoredRecordReader): boolean {
    if (this.isEnd) return false;
    const interior = this.interior();
    if (interior === undefined) {
      const page = this.readLeaf();
      this.cells.read(record, this.ahead, page, cellAt(this.ahead, page, this.cell));
    } else {
      const { page } = interior;
      this.cells.read(record, page, 0, cellAt(page, 0, cellIndex(interior)));
    }
    return true;
  }

  /**
   * Takes the current row and some that follow.
   * @param rowsMax when there are more in the pages of the run, the cursor stands at none of them afterwards
   * @returns good until this is called again; undefined at the end
   */
  takeRun(rowsMax: number): PageRun | undefined {
    if (this.isEnd || rowsMax <= 0) return undefined;
    const { file, layout } = this;
    const { pageBytes } = file;
    const isSmall = this.levels.length === 0;
    this.run ??= this.newPages(isSmall ? 1 : RUN_INTERIORS + RUN_LEAVES);
    const run = this.run;
    const firstLeaf = isSmall ? 0 : RUN_INTERIORS;
    const leaves: number[] = [];
    const spans: number[] = [];
    let copied: Level | undefined;
    let interiors = 0;
    while (!this.isEnd && leaves.length < RUN_LEAVES && interiors < RUN_INTERIORS) {
      const interior = this.interior();
      if (interior === undefined) {
        spans.push((firstLeaf + leaves.length) * pageBytes, this.cell, ALL_CELLS);
        leaves.push(this.leafNumber);
      } else {
        // The cells of a page come one after the other, but for leaves, until a row above is met.
        if (interior !== copied) interior.page.copy(run, interiors++ * pageBytes, 0, pageBytes);
        copied = interior;
        const cell = cellIndex(interior);
        spans.push((interiors - 1) * pageBytes, cell, cell + 1);
      }
      this.nextPlace();
    }
    this.readPages(leaves, run, firstLeaf * pageBytes);
    const bytes = run.subarray(0, (firstLeaf + leaves.length) * pageBytes + ROWID_BYTES);
    return new PageRun({ file, layout, bytes, ...this.limited(spans, bytes, rowsMax) });
  }

  /** Neighbours are read together. */
  private readPages(numbers: readonly number[], target: Buffer, at: number): void {
    const { file } = this;
    for (let i = 0; i < numbers.length; ) {
      const first = numbers[i] as number;
      let count = 1;
      while (numbers[i + count] === first + count) count++;
      file.read(first, count, target, at + i * file.pageBytes);
      i += count;
    }
  }

  /** The spans, whose pages are there, without rows that are too many. */
  private limited(spans: readonly number[], bytes: Buffer, rowsMax: number): PageSpans {
    const limited = new Uint32Array(spans.length);
    let length = 0;
    let rowCount = 0;
    for (; length < spans.length && rowCount < rowsMax; length += SPAN_NUMBERS) {
      const page = spans[length] as number;
      const first = spans[length + 1] as number;
      const wanted = spans[length + 2] as number;
      this.checkSpan(bytes, page, wanted);
      const end = wanted === ALL_CELLS ? cellCount(bytes, page) : wanted;
      const count = Math.min(end - first, rowsMax - rowCount);
      limited.set([page, first, first + count], length);
      rowCount += count;
    }
    return { spans: limited.subarray(0, length), rowCount };
  }

  private checkSpan(bytes: Buffer, page: number, wanted: number): void {
    const kind = bytes[page];
    const leafKind = this.isRowid ? PageKind.leaf : PageKind.indexLeaf;
    if (kind !== (wanted === ALL_CELLS ? leafKind : PageKind.indexInterior))
      throw this.file.damaged(`a page of kind ${kind} among those of a table`);
  }
}

const ALL_CELLS = -1;

/** At which the way stands. */
const cellIndex = ({ at }: Level): number => (at - 1) / 2;

const childOf = (page: Buffer, index: number): number =>
  page.readUInt32BE(index === cellCount(page, 0) ? RIGHT_MOST_OFFSET : cellAt(page, 0, index));
