import {
  compileWasm,
  instantiateWasm,
  isWasmTrap,
  WASM_PAGE_BYTES,
  type WasmAddress,
  type WasmMemory,
} from '../../../base/web-assembly';
import { KERNEL } from './gen/row-kernel';
import { CONFIG_BYTES, writeSpan } from './kernel-table';

/** What the compiled assembly/index.ts exports. */
interface KernelExports {
  readonly memory: WasmMemory;
  readonly CONFIG: WasmAddress;
  readonly PAGES: WasmAddress;
  readonly LAST_ROWIDS: WasmAddress;
  readonly DIVIDERS: WasmAddress;
  openTable(): void;
  openFile(): void;
  openDataBlock(block: number, size: number): void;
  run(inEndBlock: boolean): number;
  finish(): number;
  finishedPages(): number;
  takePages(): void;
  rowCount(): number;
  contentBytes(): number;
  contentEntries(): number;
  indexEntryCount(): number;
}

/** What `run` has come to. */
export const RunResult = { gaveUp: -1, blockDone: 0, pagesFull: 1, spanDone: 2 } as const;

export interface FinishedLeaf {
  readonly page: Uint8Array;
  /** Of a table with rowids. */
  readonly lastRowid: number;
  /** Of a table WITHOUT ROWID: the cell between this leaf and the next one, if there is one. */
  readonly divider: Uint8Array;
}

export interface KernelContents {
  readonly rowCount: number;
  readonly indexEntries: number;
  /** Rows and index entries, and the bytes of their keys and values as they are stored. */
  readonly entries: number;
  readonly entryBytes: number;
}

/** Apart in DIVIDERS. */
const DIVIDER_BYTES = 8704;

let compiled: object | undefined;
const idle: RowKernel[] = [];

/** One instance of the kernel: reads one range after the other. */
export class RowKernel {
  private readonly exports: KernelExports;
  /** Where blocks go: above what the kernel itself has. */
  private readonly block: number;
  private memory: Buffer;
  private isBroken = false;

  private constructor() {
    compiled ??= compileWasm(KERNEL);
    this.exports = instantiateWasm(compiled) as KernelExports;
    this.memory = Buffer.from(this.exports.memory.buffer);
    this.block = this.memory.length;
  }

  /** One that nobody uses. */
  static take(): RowKernel {
    return idle.pop() ?? new RowKernel();
  }

  release(): void {
    if (!this.isBroken) idle.push(this);
  }

  openTable(config: Buffer): void {
    this.memory.set(config, this.exports.CONFIG.value);
    this.exports.openTable();
  }

  /** Begins a file. @param start,end of the keys that are wanted @returns whether the kernel can look for them */
  openFile(start: Uint8Array, end: Uint8Array): boolean {
    const at = this.exports.CONFIG.value;
    if (!writeSpan(this.memory.subarray(at, at + CONFIG_BYTES), start, end)) return false;
    this.exports.openFile();
    return true;
  }

  openBlock(block: Uint8Array): void {
    const missing = this.block + block.length - this.memory.length;
    if (missing > 0) {
      this.exports.memory.grow(Math.ceil(missing / WASM_PAGE_BYTES));
      this.memory = Buffer.from(this.exports.memory.buffer);
    }
    this.memory.set(block, this.block);
    this.exports.openDataBlock(this.block, block.length);
  }

  /** Walks the block. @param inEndBlock it may hold keys at or above the end of those that are wanted @returns a `RunResult` */
  run(inEndBlock: boolean): number {
    try {
      return this.exports.run(inEndBlock);
    } catch (error) {
      if (!isWasmTrap(error)) throw error;
      this.isBroken = true;
      return RunResult.gaveUp;
    }
  }

  /** Hands over the leaves that are finished; views. */
  takePages(pageBytes: number, add: (leaf: FinishedLeaf) => void): void {
    const { exports, memory } = this;
    const count = exports.finishedPages();
    for (let i = 0; i < count; i++) {
      const page = exports.PAGES.value + i * pageBytes;
      const divider = exports.DIVIDERS.value + i * DIVIDER_BYTES;
      const dividerBytes = memory.readUInt32LE(divider);
      add({
        page: memory.subarray(page, page + pageBytes),
        lastRowid: memory.readUInt32LE(exports.LAST_ROWIDS.value + 4 * i),
        divider: memory.subarray(divider + 4, divider + 4 + dividerBytes),
      });
    }
    exports.takePages();
  }

  /** Finishes the last leaf. @returns false having given up */
  finish(): boolean {
    return this.exports.finish() !== 0;
  }

  get contents(): KernelContents {
    const { exports } = this;
    return {
      rowCount: exports.rowCount() >>> 0,
      indexEntries: exports.indexEntryCount() >>> 0,
      entries: exports.contentEntries() >>> 0,
      entryBytes: exports.contentBytes(),
    };
  }
}
