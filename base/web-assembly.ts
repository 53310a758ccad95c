/** The little of WebAssembly that is needed here; its types come with those of browsers only. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
  /** A trap: an access beyond the memory above all. */
  readonly RuntimeError: new () => Error;
};

export const WASM_PAGE_BYTES = 64 << 10;

export interface WasmMemory {
  /** Another one after `grow`. */
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB */
  grow(pages: number): void;
}

/** A place in the memory. */
export interface WasmAddress {
  readonly value: number;
}

/** @param base64 of a module */
export const compileWasm = (base64: string): object =>
  new WebAssembly.Module(Buffer.from(base64, 'base64'));

/** @returns what the module exports */
export const instantiateWasm = (module: object): object => new WebAssembly.Instance(module).exports;

/** Whether the module was stopped by a fault of its own. */
export const isWasmTrap = (error: unknown): boolean => error instanceof WebAssembly.RuntimeError;
