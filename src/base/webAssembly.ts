/** What we use of WebAssembly, with types: Node's leave most of it to browsers. */
export interface WasmMemory {
  /** A new, longer one after `grow`. */
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** Of one thread. */
export interface OwnWasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Compiled; can be sent to threads. */
export type WasmModule = object;

interface WebAssemblyRuntime {
  readonly Memory: {
    new (options: { initial: number; maximum: number; shared: true }): WasmMemory;
    new (options: { initial: number; maximum: number }): OwnWasmMemory;
  };
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory | OwnWasmMemory } },
  ) => { exports: object };
  validate(bytes: Uint8Array): boolean;
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyRuntime }).WebAssembly;
