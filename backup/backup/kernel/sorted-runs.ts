import { TemporaryFile } from '../../../base/temporary-file';
import type { PairKernel } from './pair-kernel';

/** Of all windows together, about. */
const WINDOWS_BYTES = 32 << 20;
/** More than the longest pair that the kernel takes. */
const WINDOW_BYTES_MIN = 128 << 10;
const WINDOW_BYTES_MAX = 1 << 20;

interface Run {
  /** In the file, of the first byte that has not been used. */
  at: number;
  readonly end: number;
}

/** Pairs of one index that are more than the kernel holds: sorted by it run by run, put aside in a file, and merged by it. */
export class SortedRuns {
  private readonly directory: string;
  private readonly runs: Run[] = [];
  private file: TemporaryFile | undefined;
  private windowBytes = 0;

  /** @param directory where the file may be */
  constructor(directory: string) {
    this.directory = directory;
  }

  get count(): number {
    return this.runs.length;
  }

  /** Puts all pairs aside that the kernel holds. @returns false when its memory is short @throws the file's errors */
  add(kernel: PairKernel): boolean {
    if (!kernel.sort()) return false;
    this.file ??= new TemporaryFile(this.directory);
    const at = this.file.size;
    for (const bytes of kernel.takeRun()) this.file.append(bytes);
    const end = this.file.size;
    if (end > at) this.runs.push({ at, end });
    return end > at;
  }

  /** Begins to merge the runs. @returns false when there are more than the kernel merges, or its memory is short */
  open(kernel: PairKernel): boolean {
    const fitting = Math.floor(WINDOWS_BYTES / this.runs.length);
    this.windowBytes = Math.max(WINDOW_BYTES_MIN, Math.min(WINDOW_BYTES_MAX, fitting));
    if (!kernel.openMerge(this.runs.length, this.windowBytes)) return false;
    for (const i of this.runs.keys()) kernel.addRun(i, this.fill(kernel, i));
    return true;
  }

  /** When the kernel has come to the end of a window. */
  refill(kernel: PairKernel): void {
    const { run, used } = kernel.shortRun();
    (this.runs[run] as Run).at += used;
    kernel.refillRun(this.fill(kernel, run));
  }

  /** @returns bytes of the window */
  private fill(kernel: PairKernel, run: number): number {
    const { at, end } = this.runs[run] as Run;
    const bytes = Math.min(this.windowBytes, end - at);
    if (bytes > 0) this.file?.read(kernel.window(run, bytes), at);
    return bytes;
  }

  close(): void {
    this.file?.close();
    this.file = undefined;
  }
}
