/** What a deployed model costs: can_migrate_task() timed with the model off, in its shadow and active, in turns. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, isFailure, messageOf } from '../../../base/errors.js';
import type { DeployedMode, DeployedStatus } from '../../../protocol/deployment.js';
import type { Connection } from '../../connection.js';
import { schedule, type Step } from '../../benchmarks/schedule.js';
import type { RemoteContext } from '../../remoteContext.js';
import { deploymentStatus } from '../deployment.js';
import { figuresOfLatencies } from './derived.js';
import { DEPLOYED_FOLDER, measureStep, type StepMeasurement, type StepRequest } from './latencyStep.js';
import { writeLatencies } from './latencyOutput.js';
import { measuredDocument, type MeasuredStep } from './measuredDocument.js';
import { MEASURED_FILE, writeMeasured, type Measured, type MeasuredRepeat } from './measured.js';
import { measuredMachine } from './measuredMachine.js';
import type { MeasureRequest } from './measureRequest.js';
import { makeOutputFolder } from './outputFolder.js';
import type { LatencyProbe } from './probes.js';

export interface MeasureProgress {
  /** Repeats with warm-ups: done, and in all. */
  readonly done: number;
  readonly total: number;
  readonly mode: DeployedMode;
  readonly probe: LatencyProbe;
}

export interface MeasureControl {
  /** Ends it; what was measured by then is written. */
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: MeasureProgress) => void;
  readonly onRepeat?: (repeat: MeasuredRepeat) => void;
}

/** For tests: another place of `control`, another answer to what is deployed, another way to measure a repeat. */
export interface MeasureOptions {
  readonly deployedFolder?: string;
  readonly status?: typeof deploymentStatus;
  readonly measure?: typeof measureStep;
  readonly machine?: typeof measuredMachine;
}

/** After so many failures in a row it is given up. */
const FAILED_IN_A_ROW = 3;

/**
 * Measures `warmUps` and then `repeats` of each mode under each probe, the modes of a probe directly after each other, in an
 * order drawn anew for each repeat, and writes `measured.json` and a file of latencies for each mode and probe. After each repeat
 * the machine has the mode and the tracer that it had.
 *
 * Resolves also when the signal was aborted, with state `stopped`, once anything was measured. Failures: `not-found` (no model
 * runs there), `wrong-usage` (a mode that its way does not have; too little to compare), `write-failed` (the folder holds
 * another measurement), `remote-failed` (what keeps the first repeat from being measured, or three in a row), `cancelled`,
 * `connection-lost`.
 */
export async function measureDeployed(
  connection: Connection,
  context: RemoteContext,
  request: MeasureRequest,
  control: MeasureControl,
  options: MeasureOptions = {},
): Promise<Measured> {
  return new Measuring(connection, context, request, control, options).run();
}

/** The modes that are measured. Failures: `not-found`, `wrong-usage`. */
export function modesFor(status: DeployedStatus, asked?: readonly DeployedMode[]): readonly DeployedMode[] {
  if (status.state !== 'running' || status.way === null) {
    throw new Failure(
      'not-found',
      `No model runs in the kernel of ${status.machine} (${status.state}). Deploy one first: kernel-oracle deploy run.`,
    );
  }
  const modes = asked ?? (status.way === 'ebpf' ? ['off', 'shadow'] : ['off', 'shadow', 'active']);
  if (status.way === 'ebpf' && modes.includes('active')) {
    throw new Failure(
      'wrong-usage',
      'What is deployed is eBPF, which can only watch: it has no mode "active". Leave it out of --modes.',
    );
  }
  return [...new Set(modes)];
}

class Measuring {
  readonly #steps: MeasuredStep[] = [];
  #failedInARow = 0;

  constructor(
    private readonly connection: Connection,
    private readonly context: RemoteContext,
    private readonly request: MeasureRequest,
    private readonly control: MeasureControl,
    private readonly options: MeasureOptions,
  ) {}

  async run(): Promise<Measured> {
    const { connection, context, request, control } = this;
    await prepareFolder(request.folder);
    const status = await (this.options.status ?? deploymentStatus)(connection, context, control.signal);
    const modes = modesFor(status, request.modes);
    const { machine: askMachine = measuredMachine } = this.options;
    const machine = await askMachine(connection, context, control.signal);
    const document = (state: Measured['state']) =>
      measuredDocument(this.#steps, { ...{ request, modes, status, machine, state }, context });
    try {
      const isComplete = await this.#measureAll(modes);
      const measured = document(isComplete ? 'complete' : 'stopped');
      await this.#write(measured);
      return measured;
    } catch (error) {
      // What was measured before the connection was lost, say, is kept.
      if (this.#hasMeasured) await this.#write(document('stopped'));
      throw error;
    }
  }

  /** False: it was stopped. */
  async #measureAll(modes: readonly DeployedMode[]): Promise<boolean> {
    const { repeats, warmUps, seed, probes } = this.request;
    const steps = schedule({
      subjects: modes.map((id) => ({ id, kernel: null })),
      benchmarks: probes,
      rounds: 1,
      ...{ repeats, warmUps, seed },
    });
    for (const [done, step] of steps.entries()) {
      const [mode, probe] = [step.subject as DeployedMode, step.benchmark as LatencyProbe];
      this.control.onProgress?.({ done, total: steps.length, mode, probe });
      if (!(await this.#perform(step, mode, probe))) return false;
    }
    return true;
  }

  get #hasMeasured(): boolean {
    return this.#steps.some(({ measurement }) => measurement !== null);
  }

  async #perform({ phase, block }: Step, mode: DeployedMode, probe: LatencyProbe): Promise<boolean> {
    const { signal } = this.control;
    const startedAt = this.context.now().toISOString();
    let measurement: StepMeasurement | null = null;
    let failure: string | null = null;
    try {
      signal.throwIfAborted();
      const measure = this.options.measure ?? measureStep;
      measurement = await measure(this.connection, this.context, this.#stepRequest(mode, probe), signal);
      this.#failedInARow = 0;
    } catch (error) {
      if (signal.aborted && this.#hasMeasured) return false;
      this.#failedInARow += 1;
      // Whatever keeps the first from being measured will keep the others, too.
      const isHopeless = !this.#hasMeasured || this.#failedInARow >= FAILED_IN_A_ROW;
      if (isHopeless || !isFailure(error) || isFailure(error, 'connection-lost')) throw error;
      failure = messageOf(error).slice(0, 2000);
    }
    const repeat: MeasuredRepeat = {
      ...{ mode, probe, phase, block, startedAt, failure },
      figures: measurement === null ? null : figuresOfLatencies(measurement.sorted),
      lost: measurement?.lost ?? 0,
      counts: measurement?.counts ?? null,
      hooks: measurement?.hooks ?? '',
      remarks: (measurement?.remarks ?? []).slice(0, 20).map((remark) => remark.slice(0, 2000)),
    };
    // Values of warm-ups are of no use later.
    this.#steps.push({ repeat, measurement });
    this.control.onRepeat?.(repeat);
    return true;
  }

  #stepRequest(mode: DeployedMode, probe: LatencyProbe): StepRequest {
    const { workload, seconds, bufferKbPerCpu } = this.request;
    const deployedFolder = this.options.deployedFolder ?? DEPLOYED_FOLDER;
    return { mode, probe, workload, seconds, bufferKbPerCpu, deployedFolder };
  }

  async #write(measured: Measured): Promise<void> {
    const { folder, probes } = this.request;
    for (const { mode, probe } of measured.results) {
      const repeats = this.#steps.flatMap(({ repeat, measurement }) =>
        repeat.mode === mode && repeat.probe === probe && repeat.phase === 'measured' && measurement !== null
          ? [measurement.sorted]
          : [],
      );
      const { machine, workload } = measured;
      const hasOtherProbes = new Set(probes).size > 1;
      await writeLatencies(folder, { mode, probe, machine, workload, hasOtherProbes, repeats });
    }
    await writeMeasured(join(folder, MEASURED_FILE), measured);
  }
}

async function prepareFolder(folder: string): Promise<void> {
  if (existsSync(join(folder, MEASURED_FILE))) {
    throw new Failure(
      'write-failed',
      `${join(folder, MEASURED_FILE)} is there already. Name another folder: repeats of different measurements are not mixed.`,
    );
  }
  await makeOutputFolder(folder);
}
