import { defined } from '../../../base/invariant';
import { TemporaryFile } from '../../../base/temporary-file';
import { compareKeys } from '../../format/compare-keys';
import { PairRecords, RunReader, type SortedPair } from './pair-records';

/** Held in memory up to this size; then in a temporary file. */
const MEMORY_BYTES_MAX = 16 << 20;
/** Of a run that is read, while there are few; of all of them, about; of one, at least. */
const WINDOW_BYTES_MAX = 256 << 10;
const WINDOWS_BYTES = 16 << 20;
const WINDOW_BYTES_MIN = 32 << 10;

/** Sorts pairs by the bytes of their keys, more of them than memory holds. Pairs of one key keep their order. */
export class PairSorter {
  private readonly directory: string;
  private readonly held: PairRecords;
  private file: TemporaryFile | undefined;
  private readonly runs: { readonly at: number; readonly end: number }[] = [];

  /** @param directory where the file may be */
  constructor(directory: string, memoryBytesMax = MEMORY_BYTES_MAX) {
    this.directory = directory;
    this.held = new PairRecords(memoryBytesMax);
  }

  /** `key[0, keyLength)` and `value[0, valueLength)` are copied. @throws the operating system's error: ENOSPC, EIO */
  add(
    key: Uint8Array,
    keyLength: number,
    value: Uint8Array,
    valueLength: number,
    timestamp: bigint | string,
  ): void {
    if (this.held.isFullFor(keyLength + valueLength)) this.spill();
    this.held.add(key, keyLength, value, valueLength, timestamp);
  }

  private spill(): void {
    this.file ??= new TemporaryFile(this.directory);
    const at = this.file.size;
    for (const bytes of this.held.takeSorted()) this.file.append(bytes);
    this.runs.push({ at, end: this.file.size });
  }

  /** Once, after all have been added. Bytes of a pair are not used for another. */
  *sorted(): Generator<SortedPair> {
    const { file } = this;
    if (file === undefined) {
      yield* this.held.sorted();
      return;
    }
    this.spill();
    this.held.free();
    const share = Math.floor(WINDOWS_BYTES / this.runs.length);
    const windowBytes = Math.max(WINDOW_BYTES_MIN, Math.min(WINDOW_BYTES_MAX, share));
    yield* merged(this.runs.map(({ at, end }) => new RunReader(file, { at, end, windowBytes })));
  }

  close(): void {
    this.held.free();
    this.file?.close();
    this.file = undefined;
  }
}

/** @param runs in the order in which pairs of one key come */
function* merged(runs: readonly RunReader[]): Generator<SortedPair> {
  const heap: RunReader[] = [];
  for (const run of runs) if (run.advance()) heap.push(run);
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i, defined(heap[i], 'a run'));
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    yield first.pair;
    if (first.advance()) sink(heap, 0, first);
    else {
      const last = heap.pop();
      if (last !== undefined && last !== first) sink(heap, 0, last);
    }
  }
}

/** Puts a run where it belongs, at `from` or below. */
function sink(heap: RunReader[], from: number, run: RunReader): void {
  let i = from;
  for (;;) {
    let child = 2 * i + 1;
    let least = heap[child];
    if (least === undefined) break;
    const other = heap[child + 1];
    if (other !== undefined && isBefore(other, least)) {
      least = other;
      child++;
    }
    if (isBefore(run, least)) break;
    heap[i] = least;
    i = child;
  }
  heap[i] = run;
}

function isBefore(a: RunReader, b: RunReader): boolean {
  const [first, second] = [a.pair.key, b.pair.key];
  const order = compareKeys(first, first.length, second, second.length);
  return order !== 0 ? order < 0 : a.start < b.start;
}
