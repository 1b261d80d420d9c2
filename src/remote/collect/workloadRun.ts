/** The workload of a collection: a guarded program of its own, with the rights of the user who logged in. */
import type { WorkloadMeta } from '../artifacts/recordingMeta.js';
import type { Connection } from '../connection.js';
import { startGuarded, type GuardedEnd, type GuardedProgram, type GuardedRun } from '../guard/guardedRun.js';
import { printableText } from '../printableText.js';
import type { RemoteContext } from '../remoteContext.js';
import { quoteWord } from '../shellCommand.js';
import type { WorkloadCommand } from '../workloads/workload.js';

/** Of its output the end is kept. */
const KEPT_OUTPUT_BYTES = 16 * 1024;
const SHOWN_OUTPUT_CHARACTERS = 4000;

export interface WorkloadEnd {
  readonly meta: WorkloadMeta;
  /** Why it is no success, in words; undefined: it is one. */
  readonly fault: string | undefined;
  readonly leftBehind: readonly string[];
}

export class WorkloadRun {
  readonly ended: Promise<WorkloadEnd>;
  #tail: Buffer = Buffer.alloc(0);
  #timedOut = false;
  #isDropped = false;
  #hasEnded = false;
  #whyFailed: string | undefined;

  private constructor(
    private readonly run: GuardedRun,
    private readonly workload: WorkloadCommand,
    clock: () => number,
  ) {
    const startMs = clock();
    const timer = setTimeout(() => {
      this.#timedOut = true;
      run.abort();
    }, workload.timeoutMs);
    run.onStatus(({ kind, values }) => {
      if (kind === 'failed') this.#whyFailed ??= printableText(values.get('why') ?? '', 500);
    });
    run.output.on('data', (chunk: Buffer) => {
      const tail = Buffer.concat([this.#tail, chunk]);
      this.#tail = Buffer.from(tail.subarray(Math.max(0, tail.length - KEPT_OUTPUT_BYTES)));
    });
    this.ended = run.ended
      .then((end) => {
        this.#hasEnded = true;
        return this.#describe(end, Math.round(clock() - startMs));
      })
      .finally(() => {
        clearTimeout(timer);
      });
    this.ended.catch(() => undefined);
  }

  /** Failures: those of `startGuarded`. */
  static async start(
    connection: Connection,
    context: RemoteContext,
    workload: WorkloadCommand,
    clock: () => number,
  ): Promise<WorkloadRun> {
    const run = await startGuarded(connection, context.programs, guardedProgram(workload));
    return new WorkloadRun(run, workload, clock);
  }

  /** Ends it with the collection, if it still runs; `ended` tells when it has. */
  drop(): void {
    if (this.#hasEnded) return;
    this.#isDropped = true;
    this.run.abort();
  }

  #describe(end: GuardedEnd, durationMs: number): WorkloadEnd {
    const hasEnded = !this.#timedOut && !this.#isDropped;
    return {
      meta: {
        name: this.workload.name,
        command: commandText(this.workload),
        exitStatus: hasEnded ? end.code : null,
        endedBySignal: hasEnded ? end.signal : null,
        timedOut: this.#timedOut,
        durationMs,
        outputTail: this.#outputTail(),
      },
      fault: this.#fault(end),
      leftBehind: end.leftBehind,
    };
  }

  #fault(end: GuardedEnd): string | undefined {
    const { name, timeoutMs } = this.workload;
    if (this.#timedOut) return `The workload ${name} did not end within ${timeoutMs / 1000} s and was ended.`;
    if (this.#isDropped) return `The workload ${name} was still running when the collection ended.`;
    if (end.signal !== null) return `The workload ${name} was ended by SIG${end.signal}.${this.#why()}`;
    if (end.code !== 0) {
      return `The workload ${name} failed with exit status ${end.code ?? 'unknown'}.${this.#why()}`;
    }
    return undefined;
  }

  #why(): string {
    const why = this.#whyFailed ?? this.run.complaints.trim().split('\n').at(-1) ?? '';
    return why === '' ? '' : ` ${printableText(why, 500)}`;
  }

  #outputTail(): string {
    const both = `${this.#tail.toString('utf8')}\n${this.run.complaints}`.trim();
    const shown = printableText(both.slice(-SHOWN_OUTPUT_CHARACTERS), SHOWN_OUTPUT_CHARACTERS);
    return shown.trim();
  }
}

function guardedProgram({ name, program }: WorkloadCommand): GuardedProgram {
  const common = { what: `Running the workload ${name}`, rights: 'own' } as const;
  switch (program.kind) {
    case 'builtIn':
      return { ...common, program: program.name, args: program.args };
    case 'command':
      return { ...common, program: 'workload-command', args: program.argv };
    case 'shell':
      return { ...common, program: 'workload-shell', args: [program.text] };
  }
}

/** As a description shows it. */
function commandText({ program }: WorkloadCommand): string {
  switch (program.kind) {
    case 'builtIn':
      return [program.name, ...program.args].map(quoteWord).join(' ');
    case 'command':
      return program.argv.map(quoteWord).join(' ');
    case 'shell':
      return program.text;
  }
}
