/** One repeat: a mode of the deployed model, a probe, and load for some seconds. */
import { Failure } from '../../../base/errors.js';
import type { DeployedMode, DeployedStats } from '../../../protocol/deployment.js';
import type { CollectorFacts } from '../../collect/collectorRun.js';
import { StreamedRun } from '../../collect/streamedRun.js';
import type { Connection } from '../../connection.js';
import { startGuarded, type GuardedProgram, type GuardStatus } from '../../guard/guardedRun.js';
import { printableText } from '../../printableText.js';
import type { RemoteContext } from '../../remoteContext.js';
import { rootRights } from '../../rootRights.js';
import type { Rights } from '../../shellCommand.js';
import type { WorkloadCommand } from '../../workloads/workload.js';
import { countedBetween, parseDeployedStats, type DeployedCounts } from './deployedCounts.js';
import { LatencySink } from './latencySink.js';
import type { LatencyProbe, ModuleAttachment } from './probes.js';
import { WorkloadLoop } from './workloadLoop.js';

/** Where `control` of the deployed model lies on machines. */
export const DEPLOYED_FOLDER = '/var/lib/kernel-oracle/deployed';

export interface StepRequest {
  readonly mode: DeployedMode;
  readonly probe: LatencyProbe;
  readonly workload: WorkloadCommand;
  readonly seconds: number;
  readonly bufferKbPerCpu: number;
  /** Of `control` there. */
  readonly deployedFolder: string;
}

export interface StepMeasurement {
  /** ns, rising */
  readonly sorted: Float64Array;
  /** Entries of the tracer, or calls of fentry, that were lost. */
  readonly lost: number;
  readonly counts: DeployedCounts;
  /** As told behind it. */
  readonly stats: DeployedStats;
  readonly attachment: ModuleAttachment;
  /** What hangs on the function beside our probe, as the kernel lists it; empty: nothing. */
  readonly hooks: string;
  readonly tools: Readonly<Record<string, string>>;
  readonly remarks: readonly string[];
}

/** A mode takes a model's program to load; bpftrace compiles and attaches for long on a busy machine. */
const LIMITS = { readyMs: 180_000, stopMs: 120_000 };

/**
 * Sets the mode, then the probe, runs the load, and takes all of it back.
 * Failures: `remote-failed` (no model, another tracer in use, a mode that it does not know, no calls), `cancelled`,
 * `timed-out`, `connection-lost`.
 */
export async function measureStep(
  connection: Connection,
  context: RemoteContext,
  request: StepRequest,
  signal: AbortSignal,
): Promise<StepMeasurement> {
  const rights = await rootRights(connection, signal);
  const loop = new WorkloadLoop(connection, context, request.workload);
  const runs = new Runs(connection, context, rights, signal);
  try {
    const held = await runs.start(holding(request, rights), request.probe);
    const timed =
      request.probe === 'function_graph' ? held : await runs.start(fentry(context, rights), 'fentry');
    await loop.during(request.seconds * 1000, signal);
    // The load first: bpftrace ends once it has printed all that waits, which under load may take minutes.
    const left = await loop.end();
    const facts = await timed.finish();
    const ofHolding = held === timed ? facts : await held.finish();
    const allFacts = held === timed ? [facts] : [facts, ofHolding];
    return outcomeOf(request, held.told, timed.sink, allFacts, left);
  } finally {
    await runs.end();
    await loop.end().catch(() => undefined);
  }
}

function holding(
  { deployedFolder, mode, probe, bufferKbPerCpu }: StepRequest,
  rights: Rights,
): GuardedProgram {
  const args = [deployedFolder, mode, probe, String(bufferKbPerCpu)];
  return { what: `Measuring the mode ${mode}`, rights, program: 'measure-latency', args };
}

function fentry({ programs }: RemoteContext, rights: Rights): GuardedProgram {
  const name = 'can_migrate_task.latency';
  // Without the name of the function, which would also switch statistics on.
  const args = ['', '', name, programs.file(`bpftrace/${name}.bt`)];
  return { what: 'Timing can_migrate_task() by fentry', rights, program: 'bpftrace', args };
}

interface Timed {
  readonly sink: LatencySink;
  readonly told: readonly GuardStatus[];
  finish(): Promise<CollectorFacts>;
}

/** The programs of a repeat; the one that was started last ends first. */
class Runs {
  readonly #runs: StreamedRun[] = [];
  readonly #abort = () => {
    for (const run of this.#runs) run.abort();
  };

  constructor(
    private readonly connection: Connection,
    private readonly context: RemoteContext,
    private readonly rights: Rights,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', this.#abort);
  }

  async start(program: GuardedProgram, probe: LatencyProbe): Promise<Timed> {
    this.signal.throwIfAborted();
    const guarded = await startGuarded(this.connection, this.context.programs, {
      ...program,
      rights: this.rights,
    });
    const told: GuardStatus[] = [];
    guarded.onStatus((status) => {
      if (status.kind === 'stats' || status.kind === 'hooks') told.push(status);
    });
    const sink = new LatencySink(probe);
    const what = `${program.what} on ${this.connection.destination}`;
    const run = new StreamedRun(guarded, sink, { what, clock: () => performance.now(), ...LIMITS });
    this.#runs.push(run);
    if (this.signal.aborted) run.abort();
    await run.ready;
    const finish = () => {
      run.stop();
      return run.finished;
    };
    return { sink, told, finish };
  }

  async end(): Promise<void> {
    this.signal.removeEventListener('abort', this.#abort);
    for (const run of this.#runs.reverse()) {
      run.abort();
      await run.finished.catch(() => undefined);
    }
  }
}

function outcomeOf(
  { mode, probe }: StepRequest,
  told: readonly GuardStatus[],
  sink: LatencySink,
  facts: readonly CollectorFacts[],
  left: readonly string[],
): StepMeasurement {
  const stats = (when: string) =>
    parseDeployedStats(
      told.find(({ kind, values }) => kind === 'stats' && values.get('when') === when)?.values.get('json') ??
        '',
    );
  const hooks = told.find(({ kind }) => kind === 'hooks')?.values;
  const [before, after] = [stats('before'), stats('after')];
  const counts = countedBetween(before, after, mode);
  if (sink.values.length === 0) {
    throw new Failure(
      'remote-failed',
      `${probe} timed no call of can_migrate_task(): the load does not make the balancer move tasks, or the probe is not called.`,
    );
  }
  return {
    sorted: sink.values.sorted(),
    lost: facts[0]!.lostEvents ?? 0,
    counts,
    stats: after,
    attachment: attachmentOf(hooks?.get('ftrace') ?? '', hooks?.get('kprobes') ?? ''),
    hooks: printableText([hooks?.get('ftrace'), hooks?.get('kprobes')].filter(Boolean).join('; '), 500),
    tools: Object.assign({}, ...facts.map(({ tools }) => tools)) as Record<string, string>,
    remarks: [
      ...facts.flatMap(({ remarks }) => remarks),
      ...[...facts.flatMap(({ leftBehind }) => leftBehind), ...left].map(
        (each) => `Left behind on the machine: ${each}`,
      ),
    ],
  };
}

/**
 * From lines of `enabled_functions`, where `I` is of who changes where a call goes (`can_migrate_task (1) R I   tramp: …`), and
 * of `kprobes/list`, where `r` is of a kretprobe.
 */
export function attachmentOf(ftrace: string, kprobes: string): ModuleAttachment {
  const flags = /^can_migrate_task\S* \(\d+\)([ A-Z]*)/.exec(ftrace)?.[1] ?? '';
  if (flags.includes('I')) return 'ftrace';
  return /^\S+\s+r\s+can_migrate_task\b/m.test(kprobes) ? 'kretprobe' : null;
}
