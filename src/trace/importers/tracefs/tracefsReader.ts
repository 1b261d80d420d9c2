/** Reads the lines of tracefs text; the format is described in `tracefsText.ts`. */
import { EventType } from '../../model/eventType.js';
import type { EventStore } from '../../model/eventStore.js';
import { COLON, HASH, LESS_THAN, SPACE, ascii, skipSpaces, startsWith, textOf } from '../text/bytes.js';
import { type LineReader } from '../text/lineSession.js';
import { SchedPayloadReader, eventTypeOf, type EventContext } from '../text/schedPayload.js';
import { TracefsContext } from './tracefsContext.js';
import { TracefsFastPath } from './tracefsFastPath.js';
import { TracefsHeader } from './tracefsHeader.js';

const CPU_PREFIX = ascii('CPU:');
const ENTRIES = /entries-in-buffer\/entries-written:\s*(\d{1,15})\/(\d{1,15})\s+#P:([1-9]\d{0,3})\b/;
/** Our own exports of recordings that do not tell how many events were overwritten. */
const CPUS_ONLY = /^# +#P:([1-9]\d{0,3})\s*$/;
const LATENCY_TITLE = /latency trace v[\d.]+ on (\S+)/;
const LATENCY_CPUS = /#(\d{1,15})\/(\d{1,15}), CPU#.*#P:([1-9]\d{0,3})\b/;
const TRACER = /^#\s*tracer:\s*(\S+)/;
const LOST = /^CPU:(\d+) \[LOST (?:(\d+) )?EVENTS\]/;

/** Exported for tests, which hold the shortcut and the general reader to the same result. */
export class TracefsTextReader implements LineReader {
  readonly #store: EventStore;
  readonly #header = new TracefsHeader();
  readonly #payload: SchedPayloadReader;
  readonly #event: EventContext = { seconds: 0, nanoseconds: 0, cpu: 0, flags: 0, actor: 0, line: 0 };
  readonly context: TracefsContext;
  readonly #fastPath: TracefsFastPath;
  isLatencyFormat = false;

  constructor(store: EventStore) {
    this.#store = store;
    this.#payload = new SchedPayloadReader(store);
    this.context = new TracefsContext(store);
    this.#fastPath = new TracefsFastPath(store, this.context);
  }

  line(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const first = line[start];
    if (first === HASH) {
      this.#comment(textOf(line, start, end));
      return true;
    }
    const header = this.#header;
    if (!header.read(line, start, end, this.isLatencyFormat))
      return this.#other(line, start, end, lineNumber);
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
    event.flags = this.context.flagsOf(line, header.flagsStart, header.flagsEnd);
    event.actor = this.context.actorOf(
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
      this.context.setRunning(cpu, next, tasks.pids[next]!);
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
      this.isLatencyFormat = true;
      metadata.properties.set('kernel', latency[1]!);
    }
    const cpus = CPUS_ONLY.exec(text);
    if (cpus !== null) metadata.cpuCount = Number(cpus[1]);
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
