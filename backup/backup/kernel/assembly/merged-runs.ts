import { comparePairs, KEPT_HEADER, keptSize } from './kept-pair';
import { pairArea } from './sorted-pairs';

/** Sorted runs of pairs that were put aside, each seen through a window that JavaScript fills, as one order. */

const RUNS_MAX: u32 = 512;
const ENTRY: u32 = 4;
/** For each run, the pair at which it stands and the end of its window. */
const CURRENT: usize = memory.data(2048);
const END: usize = memory.data(2048);
/** Numbers of runs; none has a pair less than that of the one in front, nor than its parent's. */
const HEAP: usize = memory.data(2048);

let windows: usize = 0;
let windowBytes: u32 = 0;
let heapCount: u32 = 0;
let isShort: bool = false;

/** @returns where the windows are, one after the other; 0: there is no memory, or there are too many */
export function openMerge(runCount: u32, bytes: u32): usize {
  windows = runCount > RUNS_MAX ? 0 : pairArea(<usize>runCount * bytes);
  windowBytes = bytes;
  heapCount = 0;
  isShort = false;
  return windows;
}

function at(array: usize, i: u32): u32 {
  return load<u32>(array + i * ENTRY);
}

function put(array: usize, i: u32, value: u32): void {
  store<u32>(array + i * ENTRY, value);
}

/** The window of a run has its first bytes: a whole pair at least. */
export function addRun(run: u32, bytes: u32): void {
  openWindow(run, bytes);
  let i = heapCount++;
  for (; i > 0; ) {
    const parent = (i - 1) >>> 1;
    if (isBefore(at(HEAP, parent), run)) break;
    put(HEAP, i, at(HEAP, parent));
    i = parent;
  }
  put(HEAP, i, run);
}

/** The window of the short run has its next bytes; 0: it has ended. */
export function refillRun(bytes: u32): void {
  isShort = false;
  const run = shortRun();
  if (bytes > 0) {
    openWindow(run, bytes);
    return sink(run);
  }
  heapCount--;
  if (heapCount > 0) sink(at(HEAP, heapCount));
}

function openWindow(run: u32, bytes: u32): void {
  const window = windows + run * windowBytes;
  put(CURRENT, run, <u32>window);
  put(END, run, <u32>window + bytes);
}

/** Whether the window of a run has to be filled again, from the pair on at which it stands. */
export function isRunShort(): bool {
  return isShort;
}

export function shortRun(): u32 {
  return at(HEAP, 0);
}

/** Bytes of the window of the short run that have been used. */
export function shortRunUsed(): u32 {
  const run = shortRun();
  return at(CURRENT, run) - <u32>(windows + run * windowBytes);
}

/** The least pair; 0 at the end. */
export function mergedPair(): usize {
  return heapCount === 0 ? 0 : at(CURRENT, at(HEAP, 0));
}

export function skipMerged(): void {
  const run = at(HEAP, 0);
  const next = at(CURRENT, run) + keptSize(at(CURRENT, run));
  const end = at(END, run);
  put(CURRENT, run, next);
  if (next + KEPT_HEADER <= end && next + keptSize(next) <= end) sink(run);
  else isShort = true;
}

/** Puts a run in front of the heap, and from there to where it belongs. */
function sink(run: u32): void {
  let i: u32 = 0;
  for (;;) {
    let child: u32 = 2 * i + 1;
    if (child >= heapCount) break;
    if (child + 1 < heapCount && isBefore(at(HEAP, child + 1), at(HEAP, child))) child++;
    if (isBefore(run, at(HEAP, child))) break;
    put(HEAP, i, at(HEAP, child));
    i = child;
  }
  put(HEAP, i, run);
}

/** Pairs of one key come in the order of their runs. */
function isBefore(a: u32, b: u32): bool {
  const order = comparePairs(at(CURRENT, a), at(CURRENT, b));
  return order !== 0 ? order < 0 : a < b;
}
