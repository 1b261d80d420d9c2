/** A model by eBPF in the shadow of a real kernel, over SSH: the one test of a kernel that every run of all tests makes. */
import { test } from 'vitest';
import { Deploying } from './harness/deploying.js';

const deploying = new Deploying(['ebpf']);

// Minutes where other work shares the processors, a fraction of that elsewhere.
test(
  'eBPF: planned, built and loaded there, asked, swapped, off and on again, removed: nothing is left',
  { timeout: 600_000 },
  async (context) => {
    await deploying.wholeLife('ebpf', context);
    await deploying.removed();
  },
);
