import { defined, invariant } from '../../../base/invariant';
import { PageRun } from '../../../storage/pages/page-run';
import type { RecordReader } from '../../../storage/staging/record-reader';
import type { TableImage } from '../../../storage/staging/table-image';
import type { PairSink } from '../../format/datum/row-encoder';
import { RowTimes } from '../history/row-times';
import type { SpanOutput } from '../layer/pair-output';
import type { SpanWriter } from '../layer/span-writer';
import type { RowSource } from '../rows/row-scan';
import type { KernelIndex } from './kernel-config';
import { IMAGE_BYTES_MAX, KernelResult, PairKernel, PairOrder, type PairRow } from './pair-kernel';
import { SortedRuns } from './sorted-runs';

/** Of pairs that are sorted in memory, their pointers apart; more of them are put aside. */
const HELD_BYTES_MAX = 16 << 20;
/** Between two looks at the signal and at files that wait to be written, where all rows have been read. */
const BLOCKS_PER_TURN = 256;

export interface KernelWriterOptions {
  /** A `PairOrder`. */
  readonly order: number;
  readonly writer: SpanWriter;
  /** Of rows without a time of their own. */
  readonly endTime: bigint;
  /** For a file of pairs that are more than memory holds. */
  readonly temporaryDirectory: string;
  /** See HELD_BYTES_MAX. */
  readonly heldBytesMax?: number | undefined;
}

/** What of rows is written. */
export interface KernelPairs {
  readonly index: KernelIndex;
  /** Makes the pairs of rows that the kernel leaves to JavaScript. */
  readonly encode: (row: RecordReader, sink: PairSink) => void;
  /** Slot of rows' times. */
  readonly timeSlot: number;
  /** Slot of the times at which they ended; undefined: they have not. */
  readonly endSlot?: number | undefined;
}

/** The rows of a chunk. */
export type ChunkRows = Pick<RowSource, 'row' | 'nextInChunk' | 'readCell'>;

/** Writes pairs with the kernel. */
export class KernelWriter {
  private readonly options: KernelWriterOptions;
  private readonly kernel = PairKernel.take();
  private readonly times: RowTimes;
  private readonly runs: SortedRuns;
  private timestamp: bigint | string = 0n;
  private row: PairRow = { isPrimary: false, began: 0n, ended: 0n };
  private isTooMuch = false;

  constructor(options: KernelWriterOptions) {
    this.options = options;
    this.times = new RowTimes(options.endTime);
    this.runs = new SortedRuns(options.temporaryDirectory);
    this.kernel.open(options.order, options.heldBytesMax ?? HELD_BYTES_MAX);
  }

  /**
   * @param rows stand at the last of the chunk's afterwards @param all several only where pairs are sorted
   * @returns how many rows there were; undefined: they are more than the kernel sorts, and nothing has been written
   */
  addRows(
    rows: ChunkRows,
    chunk: TableImage | PageRun,
    all: readonly KernelPairs[],
  ): number | undefined {
    const isLarge = !(chunk instanceof PageRun) && chunk.image.length > IMAGE_BYTES_MAX;
    const left: KernelPairs[] = [];
    let count: number | undefined = 0;
    for (const pairs of all) {
      if (isLarge || !pairs.index.isKnown) left.push(pairs);
      else count = this.addKnown(rows, chunk, pairs);
      if (count === undefined) return undefined;
    }
    return left.length === 0 ? count : this.addLeft(rows, left);
  }

  private addKnown(
    rows: ChunkRows,
    chunk: TableImage | PageRun,
    pairs: KernelPairs,
  ): number | undefined {
    const { kernel } = this;
    kernel.configure(pairs.index.config);
    if (chunk instanceof PageRun) kernel.openPages(chunk);
    else kernel.openImage(chunk);
    for (;;) {
      const result = kernel.run();
      if (result === KernelResult.blockFull) this.takeBlock();
      else if (result === KernelResult.oddRow) {
        rows.readCell(kernel.cellOffset);
        if (!this.addOdd(rows.row, pairs)) return undefined;
      } else if (result === KernelResult.tooMany) {
        if (!this.runs.add(kernel)) return undefined;
      } else {
        checkOrder(result);
        break;
      }
    }
    rows.readCell(kernel.cellOffset);
    return kernel.rowCount;
  }

  /** All rows of the chunk, by JavaScript. @param all with the same times */
  private addLeft(rows: ChunkRows, all: readonly KernelPairs[]): number | undefined {
    // What of it matters to pairs from outside is the same for all.
    this.kernel.configure(defined(all[0], 'an index').index.config);
    let count = 0;
    for (; rows.nextInChunk(); count++)
      for (const pairs of all) if (!this.addOdd(rows.row, pairs)) return undefined;
    return count;
  }

  /** @returns false: see `addRows` */
  private addOdd(row: RecordReader, { index, encode, timeSlot, endSlot }: KernelPairs): boolean {
    this.isTooMuch = false;
    const { isPrimary } = index;
    if (endSlot === undefined) {
      this.timestamp = this.times.of(row, timeSlot);
      this.row = { isPrimary, began: 0n, ended: 0n };
    } else {
      const began = (row.value(timeSlot) as bigint | null) ?? 0n;
      const ended = row.value(endSlot) as bigint;
      if (ended > this.options.endTime) return false;
      if (ended <= began) return true;
      this.timestamp = ended;
      this.row = { isPrimary, began, ended };
    }
    encode(row, this.sink);
    return !this.isTooMuch;
  }

  private readonly sink: PairSink = (key, value) => {
    const { writer, order } = this.options;
    const { kernel, timestamp, row } = this;
    const version = writer.versions.of(timestamp);
    if (!kernel.takesPair(key.length, version.length, value.length)) {
      // Only the kernel could sort it among the others.
      if (order !== PairOrder.inOrder) this.isTooMuch = true;
      else {
        this.takeBlock();
        writer.add(key.bytes, key.length, value.bytes, value.length, timestamp);
      }
      return;
    }
    const add = (): number => kernel.addPair(key, version, value, row);
    let result = add();
    if (result === KernelResult.blockFull) {
      this.takeBlock();
      result = add();
    } else if (result === KernelResult.tooMany && this.runs.add(kernel)) result = add();
    if (result === KernelResult.tooMany) this.isTooMuch = true;
    else checkOrder(result);
  };

  private takeBlock(): void {
    const { writer } = this.options;
    this.kernel.takeBlock((block) => writer.addBlock(block));
  }

  /** After the last row. @returns false: see `addRows` @throws the signal's reason */
  async finish(turn: () => Promise<void>): Promise<boolean> {
    const { kernel, options } = this;
    if (options.order !== PairOrder.inOrder && !(await this.writeSorted(turn))) return false;
    this.takeBlock();
    kernel.release();
    return true;
  }

  private async writeSorted(turn: () => Promise<void>): Promise<boolean> {
    const { kernel, runs } = this;
    const isMerged = runs.count > 0;
    if (isMerged ? !runs.add(kernel) || !runs.open(kernel) : !kernel.sort()) return false;
    for (let blocks = 0; ; ) {
      const result = isMerged ? kernel.runMerged() : kernel.runSorted();
      if (result === KernelResult.done) return true;
      if (result === KernelResult.runShort) runs.refill(kernel);
      else if (result === KernelResult.blockFull) {
        this.takeBlock();
        if (++blocks % BLOCKS_PER_TURN === 0) await turn();
      } else checkOrder(result);
    }
  }

  /** Also without `finish`. */
  close(): void {
    this.runs.close();
  }
}

function checkOrder(result: number): void {
  invariant(result === KernelResult.done, 'pairs of a backup come in the order of their keys');
}

/**
 * Writes all rows of a scan, or their entries.
 * @returns how many rows; undefined: nothing has been written, JavaScript has to do it
 */
export async function writeWithKernel(
  rows: RowSource,
  output: SpanOutput,
  pairs: KernelPairs,
  options: Omit<KernelWriterOptions, 'writer'>,
): Promise<number | undefined> {
  const writer = new KernelWriter({ ...options, writer: output.writer });
  try {
    let count = 0;
    for (let chunk = rows.nextChunk(); chunk !== undefined; chunk = rows.nextChunk()) {
      const added = writer.addRows(rows, chunk, [pairs]);
      if (added === undefined) return undefined;
      count += added;
      await output.turn();
    }
    return (await writer.finish(() => output.turn())) ? count : undefined;
  } finally {
    writer.close();
  }
}
