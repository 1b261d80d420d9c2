/**
 * Text of tracefs: `trace`, `trace_pipe`, `per_cpu/cpuN/trace`, Android's atrace.
 *
 * Source of the format: kernel/trace/trace.c and trace_output.c. Sample:
 *
 *     # tracer: nop
 *     # entries-in-buffer/entries-written: 338613/338613   #P:2
 *           <idle>-0       [001] d.s4.  5630.872217: sched_migrate_task: comm=a pid=2657 prio=120 orig_cpu=0 dest_cpu=1
 *     CPU:1 [LOST 123 EVENTS]
 */
import { EventType } from '../../model/eventType.js';
import type { EventStore } from '../../model/eventStore.js';
import { COLON, SPACE, ascii, skipSpaces, startsWith, textOf } from '../text/bytes.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { LineSession, type LineReader } from '../text/lineSession.js';
import { SchedPayloadReader, eventTypeOf, type EventContext } from '../text/schedPayload.js';
import { TracefsContext } from './tracefsContext.js';
import { TracefsFastPath } from './tracefsFastPath.js';
import { TracefsHeader } from './tracefsHeader.js';

const HASH = 0x23;
const LESS_THAN = 0x3c;
const CPU_PREFIX = ascii('CPU:');
const ENTRIES = /entries-in-buffer\/entries-written:\s*(\d+)\/(\d+)\s+#P:(\d+)/;
const LATENCY_TITLE = /latency trace v[\d.]+ on (\S+)/;
const LATENCY_CPUS = /#(\d+)\/(\d+), CPU#.*#P:(\d+)/;
const TRACER = /^#\s*tracer:\s*(\S+)/;
const LOST = /^CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]/;

export const tracefsText: StreamImporter = {
  kind: 'stream',
  name: 'tracefs-text',
  label: 'tracefs text (trace, trace_pipe, atrace)',
  detect,
  begin(store: EventStore): ImportSession {
    return new LineSession(store, new TracefsTextReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  const text = textOf(head, 0, head.length);
  const hasTitle = /^# tracer: \S+\s*$/m.test(text.slice(0, 4096));
  const header = new TracefsHeader();
  let lines = 0;
  let events = 0;
  let at = 0;
  while (at < head.length && lines < 400) {
    const newline = head.indexOf(0x0a, at);
    const end = newline < 0 ? head.length : newline;
    if (end > at && head[at] !== HASH) {
      lines += 1;
      if (header.read(head, at, end, false) && isEventName(head, header.eventStart, end)) events += 1;
    }
    if (newline < 0) break;
    at = newline + 1;
  }
  if (events > 0 && events >= lines * 0.5) return { matches: true, confidence: hasTitle ? 0.95 : 0.8 };
  if (hasTitle && events > 0) return { matches: true, confidence: 0.9 };
  return {
    matches: false,
    reason: hasTitle
      ? 'it has the header "# tracer:", but no event line "task-pid [cpu] flags time: event:" follows'
      : 'no header "# tracer:" and no lines "task-pid [cpu] flags time: event:"',
  };
}

/** tracefs prints bare event names; perf prefixes the system (`sched:`), which is perf's format, not this one. */
function isEventName(line: Uint8Array, start: number, end: number): boolean {
  const match = /^[\w.]+: /.exec(textOf(line, start, Math.min(end, start + 80)) + ' ');
  return match !== null;
}

/** Exported for tests, which hold the shortcut and the general reader to the same result. */
export class TracefsTextReader implements LineReader {
  readonly #store: EventStore;
  readonly #header = new TracefsHeader();
  readonly #payload: SchedPayloadReader;
  readonly #event: EventContext = { seconds: 0, nanoseconds: 0, cpu: 0, flags: 0, actor: 0, line: 0 };
  readonly #context: TracefsContext;
  readonly #fastPath: TracefsFastPath;
  #isLatency = false;

  constructor(store: EventStore) {
    this.#store = store;
    this.#payload = new SchedPayloadReader(store);
    this.#context = new TracefsContext(store);
    this.#fastPath = new TracefsFastPath(store, this.#context);
  }

  line(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const first = line[start];
    if (first === HASH) {
      this.#comment(textOf(line, start, end));
      return true;
    }
    const header = this.#header;
    if (!header.read(line, start, end, this.#isLatency)) return this.#other(line, start, end, lineNumber);
    let nameEnd = header.eventStart;
    while (nameEnd < end && line[nameEnd] !== COLON) nameEnd += 1;
    const type = eventTypeOf(line, header.eventStart, nameEnd);
    // Other events and function traces are fine; they are just not of the scheduler.
    if (type === -1) return true;
    const event = this.#event;
    const { cpu, pid, tgid } = header;
    event.seconds = header.seconds;
    event.nanoseconds = header.nanoseconds;
    event.cpu = cpu;
    event.line = lineNumber;
    event.flags = this.#context.flagsOf(line, header.flagsStart, header.flagsEnd);
    event.actor = this.#context.actorOf(
      line,
      cpu,
      pid,
      header.commStart,
      header.commEnd,
      header.isAbbreviated,
    );
    const { tasks } = this.#store;
    const row = this.#store.length;
    if (!this.#payload.read(type, line, skipSpaces(line, nameEnd + 1, end), end, event)) return false;
    if (row === this.#store.length) return true;
    if (type === EventType.Switch) {
      const next = this.#store.subject[row]!;
      this.#context.setRunning(cpu, next, tasks.pids[next]!);
    }
    if (tgid >= 0 && pid !== 0) tasks.setTgid(this.#store.actor[row]!, tgid);
    return true;
  }

  fast(bytes: Uint8Array, start: number, lineNumber: number): number {
    return this.#fastPath.read(bytes, start, lineNumber);
  }

  end(): void {
    const { unsuccessfulWakeups } = this.#payload;
    if (unsuccessfulWakeups > 0) {
      this.#store.diagnostics.push({
        severity: 'info',
        message: `${unsuccessfulWakeups} wakeups with success=0 woke nobody and were left out.`,
      });
    }
  }

  /** `# …` lines of the header. */
  #comment(text: string): void {
    const { metadata } = this.#store;
    const tracer = TRACER.exec(text);
    if (tracer !== null) metadata.properties.set('tracer', tracer[1]!);
    const latency = LATENCY_TITLE.exec(text);
    if (latency !== null) {
      this.#isLatency = true;
      metadata.properties.set('kernel', latency[1]!);
    }
    const counts = ENTRIES.exec(text) ?? LATENCY_CPUS.exec(text);
    if (counts !== null) {
      // Both counts are of all events of the buffer, of which the sched events are a part.
      metadata.overwrittenEvents = Math.max(0, Number(counts[2]) - Number(counts[1]));
      metadata.cpuCount = Number(counts[3]);
      if (metadata.overwrittenEvents > 0)
        this.#reportOverwritten(metadata.overwrittenEvents, Number(counts[2]));
    }
  }

  #reportOverwritten(overwritten: number, written: number): void {
    this.#store.diagnostics.push({
      severity: 'warning',
      message: `${overwritten} of ${written} recorded events were overwritten in the ring buffer before it was read: the beginning of the recording is missing, on some CPUs more than on others. Record with a larger buffer (buffer_size_kb) or for a shorter time.`,
    });
  }

  /** Lines that are no events: lost events, buffer marks, empty lines, stack traces. */
  #other(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    if (startsWith(line, start, end, CPU_PREFIX)) {
      const lost = LOST.exec(textOf(line, start, end));
      if (lost === null) return false;
      const cpu = Number(lost[1]);
      if (cpu > 65534) return false;
      this.#store.addLoss(cpu, lost[2] === undefined ? undefined : Number(lost[2]), lineNumber);
      return true;
    }
    const text = skipSpaces(line, start, end);
    // Empty lines, ` => function` lines of stack traces, and `<stack trace>` marks belong to the format.
    return (
      text === end ||
      (text > start && line[text] === 0x3d) ||
      line[text] === LESS_THAN ||
      line[text] === SPACE
    );
  }
}
