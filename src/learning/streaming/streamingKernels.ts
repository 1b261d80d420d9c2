/** The compiled kernels of streaming (engines/embedded/kernels/streaming.ts) as the host sees them. */
import { Failure } from '../../base/errors.js';
import { RELAXED_STREAMING_KERNELS, STREAMING_KERNELS } from '../engines/embedded/generated/kernelBytes.js';
import { bestBuild, type KernelModule } from '../engines/embedded/kernelModule.js';
import { webAssembly, type OwnWasmMemory } from '../../base/webAssembly.js';

const PAGE_BYTES = 65536;

export interface StreamingKernels {
  /** Tells where the list of inputs may be. */
  init(scratch: number): void;
  /** Does the steps of a program from `first` until `end` for an event. */
  run(first: number, end: number, task: number, state: number): void;
}

let loaded: KernelModule | undefined;

/** An instance with a memory of its own. Failure `too-large` where there is no room for it. */
export function streamingKernels(bytes: number): {
  readonly kernels: StreamingKernels;
  readonly memory: ArrayBuffer;
} {
  loaded ??= bestBuild(STREAMING_KERNELS, RELAXED_STREAMING_KERNELS);
  const memory = memoryOf(bytes);
  const { exports } = new webAssembly.Instance(loaded.module, { env: { memory } });
  return { kernels: exports as StreamingKernels, memory: memory.buffer };
}

function memoryOf(bytes: number): OwnWasmMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  try {
    return new webAssembly.Memory({ initial: pages, maximum: pages });
  } catch (error) {
    throw new Failure(
      'too-large',
      `There is no room for the weights of the network, ${(bytes / 1e6).toFixed(0)} MB: train one with fewer units, or close other programs.`,
      { cause: error },
    );
  }
}
