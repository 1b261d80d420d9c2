/**
 * Text of tracefs, as the kernel prints its `trace` file; the importer of tracefs text reads it back event for event.
 *
 * Source of the format: kernel/trace/trace.c, trace_output.c and events/sched.h. Sample:
 *
 *               bash-12841   (  12841) [001] d..2.  3297.440122: sched_switch: prev_comm=bash prev_pid=12841 …
 *     CPU:1 [LOST 123 EVENTS]
 *
 * Where the kernel would print more than the model knows: an unknown priority is -32768 and an unknown previous
 * state is left empty, which read back as unknown; times that are no whole microseconds get nine digits.
 */
import { EVENT_NAMES, EventType } from '../model/eventType.js';
import type { EventStore } from '../model/eventStore.js';
import type { LossReport } from '../model/traceMetadata.js';
import { PIECE_CHARACTERS, oneLine } from './csvText.js';
import { typeOf } from './eventColumns.js';
import type { ExportedPart } from './exportedPart.js';
import { FtraceTasks } from './ftraceTasks.js';
import { ftraceHeader } from './ftraceHeader.js';
import { TimeText, hasWholeMicroseconds } from './timeText.js';

/**
 * Pieces of the text. A part's lines are those that the whole recording would have there; which part it is stands in a
 * comment of the header. No switch is made up for what ran before: the CPUs' first lines tell that by their headers.
 */
export function* ftracePieces(part: ExportedPart): Generator<string> {
  const lines = new FtraceLines(part);
  const losses = new PendingLosses(part);
  let text = ftraceHeader(part);
  for (let row = part.firstRow; row < part.endRow; row += 1) {
    if (!part.has(row)) continue;
    text += losses.before(row) + lines.text(row);
    if (text.length < PIECE_CHARACTERS) continue;
    part.reachedRow = row;
    yield text;
    text = '';
  }
  text += losses.rest();
  if (text !== '') yield text;
}

/** Gives each loss its place: before the first event of its CPU behind it. */
class PendingLosses {
  readonly #store: EventStore;
  /** By CPU, in order of time. */
  readonly #byCpu = new Map<number, LossReport[]>();
  /** By CPU: time of the event before which the next loss stands. */
  readonly #nextNs: Float64Array;

  constructor({ store, losses }: ExportedPart) {
    this.#store = store;
    this.#nextNs = new Float64Array(store.cpuLimit).fill(Infinity);
    for (const loss of [...losses].sort((a, b) => endOf(a) - endOf(b) || a.line - b.line)) {
      const queue = this.#byCpu.get(loss.cpu);
      if (queue === undefined) {
        this.#byCpu.set(loss.cpu, [loss]);
        this.#nextNs[loss.cpu] = endOf(loss);
      } else queue.push(loss);
    }
  }

  before(row: number): string {
    const cpu = this.#store.cpu[row]!;
    return this.#nextNs[cpu]! <= this.#store.timeNs[row]! ? this.#take(cpu, row) : '';
  }

  /** Losses after which their CPU recorded nothing more. */
  rest(): string {
    return [...this.#byCpu.values()].flat().map(lossLine).join('');
  }

  #take(cpu: number, row: number): string {
    const timeNs = this.#store.timeNs[row]!;
    const line = this.#store.line[row]!;
    const queue = this.#byCpu.get(cpu) ?? [];
    let text = '';
    // Of several events at that time, the lines tell which ones came before the loss.
    while (queue.length > 0 && (endOf(queue[0]!) < timeNs || isBehind(queue[0]!, timeNs, line))) {
      text += lossLine(queue.shift()!);
    }
    this.#nextNs[cpu] = queue[0] === undefined ? Infinity : endOf(queue[0]);
    return text;
  }
}

function endOf({ beforeNs }: LossReport): number {
  return beforeNs ?? Infinity;
}

function isBehind(loss: LossReport, timeNs: number, line: number): boolean {
  return endOf(loss) === timeNs && line > loss.line;
}

function lossLine({ cpu, count }: LossReport): string {
  return `CPU:${cpu} [LOST ${count === undefined ? '' : `${count} `}EVENTS]\n`;
}

class FtraceLines {
  readonly #store: EventStore;
  readonly #tasks: FtraceTasks;
  readonly #time: TimeText;
  readonly #hasWholeMicroseconds: boolean;
  readonly #cpuTexts: string[];
  readonly #flagTexts: string[];

  constructor(part: ExportedPart) {
    const { store } = part;
    this.#store = store;
    this.#tasks = new FtraceTasks(part);
    this.#time = new TimeText(store);
    this.#hasWholeMicroseconds = hasWholeMicroseconds(store);
    this.#cpuTexts = Array.from({ length: store.cpuLimit }, (_, cpu) => String(cpu).padStart(3, '0'));
    this.#flagTexts = store.flagTexts.values().map((flags) => (flags === '' ? '' : `${flags} `));
  }

  text(row: number): string {
    const store = this.#store;
    const cpu = store.cpu[row]!;
    const offsetNs = store.timeNs[row]!;
    const type = typeOf(store, row);
    const actor = this.#tasks.actorOf(row);
    const stamp = this.#hasWholeMicroseconds
      ? this.#time.microseconds(offsetNs).padStart(12)
      : this.#time.nanoseconds(offsetNs).padStart(15);
    return (
      `${this.#tasks.header(actor)}[${this.#cpuTexts[cpu]!}] ${this.#flagTexts[store.flags[row]!]!}` +
      `${stamp}: ${EVENT_NAMES[type]}: ${this.#payload(row, type, cpu, actor)}\n`
    );
  }

  #payload(row: number, type: EventType, cpu: number, actor: number): string {
    const store = this.#store;
    const tasks = this.#tasks;
    const subject = store.subject[row]!;
    const arg = store.arg[row]!;
    switch (type) {
      case EventType.Switch:
        tasks.setRunning(cpu, subject);
        return (
          `${tasks.prev(actor, cpu)}${store.actorPrio[row]!} prev_state=${store.states.get(store.state[row]!)} ==> ` +
          `${tasks.next(subject, cpu)}${store.subjectPrio[row]!}`
        );
      case EventType.Wakeup:
      case EventType.WakeupNew:
      case EventType.Waking:
        return `${tasks.commPid(subject, cpu)} prio=${store.subjectPrio[row]!} target_cpu=${cpuField(arg)}`;
      case EventType.Migrate:
        return `${tasks.commPid(subject, cpu)} prio=${store.subjectPrio[row]!} orig_cpu=${Math.floor(arg / 65536)} dest_cpu=${arg % 65536}`;
      case EventType.StatRuntime:
        return `${tasks.commPid(subject, cpu)} runtime=${arg} [ns]${this.#vruntime(row)}`;
      case EventType.Fork:
        return `${tasks.commPid(actor, cpu)} ${tasks.child(subject, cpu)}`;
      case EventType.Exit:
        return `${tasks.commPid(subject, cpu)} prio=${store.subjectPrio[row]!}`;
      case EventType.Exec:
        return `filename=${oneLine(store.execFiles.get(store.line[row]!) ?? '')} pid=${tasks.pid(actor)} old_pid=${arg}`;
    }
  }

  #vruntime(row: number): string {
    const { vruntimeNs } = this.#store;
    return vruntimeNs === undefined ? '' : ` vruntime=${BigInt.asUintN(64, vruntimeNs[row]!)} [ns]`;
  }
}

/** The kernel's `%03d`; unknown is -1. */
function cpuField(cpu: number): string {
  return cpu < 0 ? '-01' : String(cpu).padStart(3, '0');
}
