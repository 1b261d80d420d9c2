/** The compiled kernels as the host sees them. Numbers that both sides need are those of `kernels/`. */
import { KERNELS, RELAXED_KERNELS } from './generated/kernelBytes.js';
import { webAssembly, type WasmMemory, type WasmModule } from '../../../base/webAssembly.js';

export interface Kernels {
  /** Tells the instance of a thread its scratch memory. */
  init(scratch: number): void;
  /** Runs the job in the control block in that many tasks. @returns 0 when a task of another thread failed */
  run(tasks: number): number;
  runAlone(tasks: number): void;
  close(): void;
}

/** `operation` of `runTask` in kernels/index.ts. */
export const OPERATIONS = {
  pack: 0,
  multiply: 1,
  lstmForward: 2,
  lstmBackward: 3,
  add: 4,
  scale: 5,
  relu: 6,
  reluGradient: 7,
  dropout: 8,
  adam: 9,
  squares: 10,
  copyColumns: 11,
  gather: 12,
  scatter: 13,
  columnSums: 14,
  moments: 15,
  normalise: 16,
  normSums: 17,
  normGradient: 18,
  softmaxCrossEntropy: 19,
} as const;

export type Operation = keyof typeof OPERATIONS;

/** The control block, kernels/job.ts. */
export const OPERATION_ADDRESS = 32768 + 24;
export const ARGUMENTS_ADDRESS = 32768 + 64;

/** What lies below is the control block and constants of the kernels. */
export const FIRST_FREE = 65536;

/** kernels/gemm.ts. */
export const PANEL_COLUMNS = 8;
/** kernels/products.ts: panels of a task of packing. */
export const PACKED_PANELS = 4;
/** Rows of A that a thread packs at once; its scratch has room for them. */
export const MOST_ROWS = 64;
const BLOCK_DEPTH = 256;
export const SCRATCH_BYTES = 256 + MOST_ROWS * BLOCK_DEPTH * 4 + 256;

/** Elements (elementwise.ts), columns and rows (columns.ts), rows (losses.ts) of a task. */
export const CHUNK = 16384;
export const COLUMNS_EACH = 16;
export const NORM_ROWS = 256;
export const LOSS_ROWS = 16;

export interface KernelModule {
  readonly module: WasmModule;
  readonly hasFusedMultiply: boolean;
}

let loaded: KernelModule | undefined;

/** The best build that this runtime takes. Compiled once a process: code is no state. */
export function kernelModule(): KernelModule {
  loaded ??= bestBuild(KERNELS, RELAXED_KERNELS);
  return loaded;
}

/** Of the two builds of a module, in base64, the one with relaxed SIMD where the runtime has it. */
export function bestBuild(plainText: string, relaxedText: string): KernelModule {
  const relaxed = Buffer.from(relaxedText, 'base64');
  const hasFusedMultiply = webAssembly.validate(relaxed);
  const bytes = hasFusedMultiply ? relaxed : Buffer.from(plainText, 'base64');
  return { module: new webAssembly.Module(bytes), hasFusedMultiply };
}

export function instantiate(module: WasmModule, memory: WasmMemory): Kernels {
  return new webAssembly.Instance(module, { env: { memory } }).exports as Kernels;
}
