/** What is to be measured of a deployed model. */
import type { DeployedMode } from '../../../protocol/deployment.js';
import type { WorkloadCommand } from '../../workloads/workload.js';
import { LATENCY_PROBES, type LatencyProbe } from './probes.js';

export interface MeasureRequest {
  /** Left out: all that the way of the deployment has. */
  readonly modes?: readonly DeployedMode[];
  readonly probes: readonly LatencyProbe[];
  readonly workload: WorkloadCommand;
  readonly seconds: number;
  readonly repeats: number;
  readonly warmUps: number;
  /** Of the order, and of the intervals. */
  readonly seed: number;
  /** Of function_graph: 100 bytes a call. */
  readonly bufferKbPerCpu: number;
  /** Made when it is not there; it must not hold what was measured before. */
  readonly folder: string;
}

export const USUAL_REQUEST = {
  probes: LATENCY_PROBES,
  seconds: 10,
  repeats: 5,
  warmUps: 1,
  seed: 1,
  bufferKbPerCpu: 4096,
} as const;
