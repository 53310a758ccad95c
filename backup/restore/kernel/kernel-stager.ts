import { limits } from '../../../base/limits';
import { KeyedStagingFile } from '../../../storage/staging/keyed-staging-file';
import { STAGED_PAGE_BYTES, StagingFile } from '../../../storage/staging/staging-file';
import { compareKeys } from '../../format/compare-keys';
import type { TableSpan } from '../../format/mvcc/table-cursor';
import type { StagedRange, StageTask } from '../stage-task';
import { kernelConfig } from './kernel-table';
import { RowKernel, RunResult } from './row-kernel';

/**
 * Stages a range with the kernel: the same file as row-stager.ts makes in JavaScript, byte for byte; or, where the task asks for it, the
 * same rows in the order of their key.
 * @param spans the opened files of the range
 * @returns undefined when the kernel does not know something of the table or of its bytes: then JavaScript stages the range
 *   anew, or says what is wrong with it
 * @throws the signal's reason; CorruptionError, SqlError as `stageRange`
 */
export async function stageWithKernel(
  task: StageTask,
  spans: readonly TableSpan[],
  signal: AbortSignal,
): Promise<StagedRange | undefined> {
  const files = inKeyOrder(spans);
  const keyedSql = task.isFirst ? task.table.rows?.keyedSql : undefined;
  const config = kernelConfig(task.table, task.asOf, STAGED_PAGE_BYTES, keyedSql !== undefined);
  if (files === undefined || config === undefined) return undefined;
  const kernel = RowKernel.take();
  const range = new KernelRange(kernel, task, keyedSql);
  try {
    kernel.openTable(config);
    for (const span of files) if (!(await range.read(span, signal))) return undefined;
    return range.finish();
  } finally {
    range.close();
    kernel.release();
  }
}

const order = (a: Uint8Array, b: Uint8Array): number => compareKeys(a, a.length, b, b.length);

/** @returns undefined when keys of several files have to be merged, or when there is more to them than their data blocks */
export function inKeyOrder(spans: readonly TableSpan[]): readonly TableSpan[] | undefined {
  const sorted = [...spans].sort((a, b) => order(a.start, b.start));
  const isPlain = sorted.every(({ table, end }, i) => {
    const next = sorted[i + 1];
    const isApart = next === undefined || order(end, next.start) <= 0;
    return isApart && table.valueBlocks === undefined && table.rangeEntries === 'none';
  });
  return isPlain ? sorted : undefined;
}

class KernelRange {
  private readonly kernel: RowKernel;
  private readonly task: StageTask;
  private readonly keyedSql: string | undefined;
  private file: StagingFile | KeyedStagingFile | undefined;

  constructor(kernel: RowKernel, task: StageTask, keyedSql: string | undefined) {
    this.kernel = kernel;
    this.task = task;
    this.keyedSql = keyedSql;
  }

  /** @returns false when the kernel gave up */
  async read({ table, start, end }: TableSpan, signal: AbortSignal): Promise<boolean> {
    const { kernel } = this;
    if (!kernel.openFile(start, end)) return false;
    const { first, last } = table.index.blocksOfSpan(start, end);
    const endBlock = table.index.blockAtOrAfter(end);
    for await (const block of table.blocks(first, last, limits.readBytesTarget)) {
      signal.throwIfAborted();
      kernel.openBlock(block.bytes);
      const result = this.walk(block.index >= endBlock);
      if (result === RunResult.gaveUp) return false;
      if (result === RunResult.spanDone) return true;
    }
    return true;
  }

  private walk(inEndBlock: boolean): number {
    for (;;) {
      const result = this.kernel.run(inEndBlock);
      if (result !== RunResult.pagesFull) return result;
      this.writePages();
    }
  }

  private writePages(): void {
    this.file ??= this.openFile();
    const { file } = this;
    this.kernel.takePages(STAGED_PAGE_BYTES, (leaf) => file.addLeaf(leaf));
  }

  private openFile(): StagingFile | KeyedStagingFile {
    const { path, table } = this.task;
    const { keyedSql } = this;
    return keyedSql === undefined
      ? new StagingFile(path, table.rows?.columns ?? [])
      : new KeyedStagingFile(path, keyedSql);
  }

  finish(): StagedRange | undefined {
    const { kernel } = this;
    const { rowCount } = kernel.contents;
    if (rowCount > 0) {
      if (!kernel.finish()) return undefined;
      this.writePages();
      this.file?.finish();
    }
    const { indexEntries, entries, entryBytes } = kernel.contents;
    const sizeBytes = entryBytes + entries * this.task.table.keyGrowth;
    return { contents: { rowCount, indexEntries, sizeBytes }, hasFile: rowCount > 0 };
  }

  close(): void {
    this.file?.close();
  }
}
