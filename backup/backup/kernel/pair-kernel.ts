import { type ByteWriter, copyBytes } from '../../../base/byte-writer';
import {
  compileWasm,
  instantiateWasm,
  WASM_PAGE_BYTES,
  type WasmAddress,
  type WasmMemory,
} from '../../../base/web-assembly';
import { type PageRun, SPAN_NUMBERS } from '../../../storage/pages/page-run';
import type { TableImage } from '../../../storage/staging/table-image';
import type { RowBlock } from '../layer/span-writer';
import { KERNEL } from './gen/pair-kernel';

/** What the compiled assembly/index.ts wasm. */
interface KernelExports {
  readonly memory: WasmMemory;
  readonly CONFIG: WasmAddress;
  readonly KEY: WasmAddress;
  readonly VALUE: WasmAddress;
  readonly BLOCK: WasmAddress;
  readonly LAST_KEY: WasmAddress;
  readonly OLDEST: WasmAddress;
  readonly NEWEST: WasmAddress;
  open(order: number, free: number, heldBytesMax: number): void;
  openImage(at: number, pageBytes: number, rootPage: number): void;
  openPages(at: number, pageBytes: number, spans: number, spanCount: number): void;
  run(): number;
  cellOffset(): number;
  rowCount(): number;
  takesPair(keyLength: number, versionLength: number, valueLength: number): number;
  addPair(
    keyLength: number,
    versionLength: number,
    valueLength: number,
    isRow: boolean,
    began: bigint,
    ended: bigint,
  ): number;
  sortPairs(): number;
  runSorted(): number;
  fillRun(): number;
  clearPairs(): void;
  openMerge(runCount: number, windowBytes: number): number;
  addRun(run: number, bytes: number): void;
  refillRun(bytes: number): void;
  shortRun(): number;
  shortRunUsed(): number;
  runMerged(): number;
  finishBlock(): number;
  clearBlock(): void;
  blockEntries(): number;
  blockRows(): number;
  blockKeyBytes(): number;
  blockValueBytes(): number;
  blockContentBytes(): number;
  blockFirstKeyLength(): number;
  blockLastKeyLength(): number;
  blockLastLength(): number;
}

/** What the kernel has come to. */
export const KernelResult = {
  done: 0,
  /** It goes on when the block was taken. */
  blockFull: 1,
  /** The row at `cellOffset` is left to JavaScript. */
  oddRow: 2,
  wrongOrder: 3,
  /** It holds no more pairs: it goes on when those were put aside. */
  tooMany: 4,
  /** It goes on when the window of that run was filled. */
  runShort: 5,
} as const;

/** In which pairs come, and what of them is written. */
export const PairOrder = {
  /** They come in the order of their keys. */
  inOrder: 0,
  /** They are kept until all are there, and sorted. */
  sorted: 1,
  /** Sorted; of each key what differs from what was there when the window of changes began. */
  changes: 2,
} as const;

/** The row of which a pair is that JavaScript has made. */
export interface PairRow {
  /** The pair is of the primary index. */
  readonly isPrimary: boolean;
  /** Nanoseconds, as far as it matters: of a row that has ended. */
  readonly began: bigint;
  /** 0: it has not. */
  readonly ended: bigint;
}

/** Larger images, which hold a very long row, are left to JavaScript. */
export const IMAGE_BYTES_MAX = 17 << 20;

let compiled: object | undefined;
const idle: PairKernel[] = [];

/** One instance of the kernel: makes the data blocks of pairs in the order of their keys. */
export class PairKernel {
  private readonly wasm: KernelExports;
  /** Where images go: above what the kernel itself has. */
  private readonly image: number;
  private memory: Buffer;
  private windows = { at: 0, bytes: 0 };

  private constructor() {
    compiled ??= compileWasm(KERNEL);
    this.wasm = instantiateWasm(compiled) as KernelExports;
    this.memory = Buffer.from(this.wasm.memory.buffer);
    this.image = this.memory.length;
    this.wasm.memory.grow(IMAGE_BYTES_MAX / WASM_PAGE_BYTES);
  }

  /** One that nobody uses. */
  static take(): PairKernel {
    return idle.pop() ?? new PairKernel();
  }

  /** Not after an error. */
  release(): void {
    idle.push(this);
  }

  /** Its memory, which may have grown. */
  private view(): Buffer {
    const { buffer } = this.wasm.memory;
    if (this.memory.buffer !== buffer) this.memory = Buffer.from(buffer);
    return this.memory;
  }

  /** @param order a `PairOrder` @param heldBytesMax of pairs that are held to be sorted */
  open(order: number, heldBytesMax: number): void {
    this.wasm.open(order, this.image + IMAGE_BYTES_MAX, heldBytesMax);
  }

  /** @param config of the index of the rows that follow */
  configure(config: Buffer): void {
    this.view().set(config, this.wasm.CONFIG.value);
  }

  /** Begins the rows of an image of up to IMAGE_BYTES_MAX. */
  openImage({ image, pageBytes, rootPage }: TableImage): void {
    this.view().set(image, this.image);
    this.wasm.openImage(this.image, pageBytes, rootPage);
  }

  /** Begins the rows of a run. The configuration has its layout. */
  openPages({ bytes, spans, pageBytes }: PageRun): void {
    const memory = this.view();
    const at = this.image + bytes.length;
    memory.set(bytes, this.image);
    memory.set(new Uint8Array(spans.buffer, spans.byteOffset, spans.byteLength), at);
    this.wasm.openPages(this.image, pageBytes, at, spans.length / SPAN_NUMBERS);
  }

  /** Adds rows of the image from the current one on. @returns a `KernelResult` */
  run(): number {
    return this.wasm.run();
  }

  /** Of the row that was taken last, in the image. */
  get cellOffset(): number {
    return this.wasm.cellOffset();
  }

  /** Rows of the image that have been taken. */
  get rowCount(): number {
    return this.wasm.rowCount();
  }

  takesPair(keyLength: number, versionLength: number, valueLength: number): boolean {
    return this.wasm.takesPair(keyLength, versionLength, valueLength) !== 0;
  }

  /** Adds a pair that JavaScript has made. @returns a `KernelResult` */
  addPair(
    key: ByteWriter,
    version: Uint8Array,
    value: ByteWriter,
    { isPrimary, began, ended }: PairRow,
  ): number {
    const { wasm } = this;
    const memory = this.view();
    const keyAt = wasm.KEY.value;
    copyBytes(key.bytes, 0, key.length, memory, keyAt);
    copyBytes(version, 0, version.length, memory, keyAt + key.length);
    copyBytes(value.bytes, 0, value.length, memory, wasm.VALUE.value);
    return wasm.addPair(key.length, version.length, value.length, isPrimary, began, ended);
  }

  /** @returns false when memory is short */
  sort(): boolean {
    return this.wasm.sortPairs() !== 0;
  }

  /** Adds what was sorted to blocks. @returns a `KernelResult` */
  runSorted(): number {
    return this.wasm.runSorted();
  }

  /** What was sorted: views, each good until the next. It is forgotten then. */
  *takeRun(): Generator<Uint8Array> {
    const { wasm } = this;
    for (let length = wasm.fillRun(); length > 0; length = wasm.fillRun()) {
      yield this.view().subarray(wasm.BLOCK.value, wasm.BLOCK.value + length);
    }
    wasm.clearPairs();
  }

  /** Begins to merge runs; `addRun` is to be called for each. @returns false when they are too many, or memory is short */
  openMerge(runCount: number, windowBytes: number): boolean {
    this.windows = { at: this.wasm.openMerge(runCount, windowBytes), bytes: windowBytes };
    return this.windows.at !== 0;
  }

  /** Where bytes of a run are read to, up to those of a window. */
  window(run: number, bytes: number): Uint8Array {
    const at = this.windows.at + run * this.windows.bytes;
    return this.view().subarray(at, at + bytes);
  }

  /** @param bytes of its window */
  addRun(run: number, bytes: number): void {
    this.wasm.addRun(run, bytes);
  }

  /** The run whose window is to be filled again, and how many bytes of that have been used. */
  shortRun(): { readonly run: number; readonly used: number } {
    return { run: this.wasm.shortRun(), used: this.wasm.shortRunUsed() };
  }

  /** @param bytes of the window of the short run; 0: it has ended */
  refillRun(bytes: number): void {
    this.wasm.refillRun(bytes);
  }

  /** Adds pairs of the runs to blocks. @returns a `KernelResult` */
  runMerged(): number {
    return this.wasm.runMerged();
  }

  /** Ends the block, which is empty then. @param use is not called when there is nothing in it; gets views */
  takeBlock(use: (block: RowBlock) => void): void {
    const { wasm } = this;
    const entryCount = wasm.blockEntries();
    if (entryCount === 0) return;
    const length = wasm.finishBlock();
    const memory = this.view();
    const bytes = memory.subarray(wasm.BLOCK.value, wasm.BLOCK.value + length);
    const lastKey = wasm.LAST_KEY.value;
    const rows = wasm.blockRows();
    use({
      bytes,
      firstKey: firstKeyOf(bytes, wasm.blockFirstKeyLength()),
      lastKey: memory.subarray(lastKey, lastKey + wasm.blockLastLength()),
      lastKeyLength: wasm.blockLastKeyLength(),
      entryCount,
      keyBytes: wasm.blockKeyBytes(),
      valueBytes: wasm.blockValueBytes(),
      dataSize: wasm.blockContentBytes(),
      rows,
      indexEntries: entryCount - rows,
      oldest: versionAt(memory, wasm.OLDEST.value),
      newest: versionAt(memory, wasm.NEWEST.value),
    });
    wasm.clearBlock();
  }
}

/** After three lengths: what it shares with the key before, what it has of its own, the value's. */
function firstKeyOf(block: Uint8Array, length: number): Uint8Array {
  let at = 0;
  for (let varints = 0; varints < 3; at++) if ((block[at] as number) < 0x80) varints++;
  return block.subarray(at, at + length);
}

function versionAt(memory: Buffer, at: number): Uint8Array | undefined {
  const length = memory.readUInt32LE(at);
  return length === 0 ? undefined : memory.subarray(at + 4, at + 4 + length);
}
