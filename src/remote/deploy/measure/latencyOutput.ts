/** Files of latencies as `src/trace/latency` reads them: one for each mode and probe. */
import { join } from 'node:path';
import { writeFileAtomically } from '../../../base/atomicFile.js';
import type { DeployedMode } from '../../../protocol/deployment.js';
import { machineLine } from './measuredMachine.js';
import type { MeasuredMachine } from './measured.js';
import { PROBE_TEXTS, type LatencyProbe } from './probes.js';

export interface LatencyOutput {
  readonly mode: DeployedMode;
  readonly probe: LatencyProbe;
  readonly machine: MeasuredMachine;
  readonly workload: string;
  /** Whether other files of the folder are of another probe. */
  readonly hasOtherProbes: boolean;
  /** ns, rising in each repeat */
  readonly repeats: readonly Float64Array[];
}

const LINES_AT_ONCE = 4096;

export function latencyFileName(mode: DeployedMode, probe: LatencyProbe): string {
  return `latency_${mode}_${probe}_ns.txt`;
}

/** Failures: `write-failed`. */
export function writeLatencies(folder: string, output: LatencyOutput): Promise<void> {
  const path = join(folder, latencyFileName(output.mode, output.probe));
  return writeFileAtomically(path, latencyLines(output));
}

export function* latencyLines(output: LatencyOutput): Generator<string> {
  const { mode, probe, machine, workload, hasOtherProbes, repeats } = output;
  // Sets of one benchmark are compared: those of two probes must not be.
  const benchmark = hasOtherProbes ? `${workload} by ${probe}` : workload;
  yield `${[
    '# unit: ns',
    `# label: ${mode}`,
    `# probe: ${PROBE_TEXTS[probe]}`,
    `# kernel: ${machine.kernel}`,
    `# benchmark: ${benchmark}`,
    `# machine: ${machineLine(machine).slice(0, 190)}`,
  ].join('\n')}\n`;
  for (const [at, values] of repeats.entries()) {
    yield `# repeat ${at + 1}: ${values.length} calls, rising\n`;
    for (let from = 0; from < values.length; from += LINES_AT_ONCE) {
      yield `${values.subarray(from, from + LINES_AT_ONCE).join('\n')}\n`;
    }
  }
}
