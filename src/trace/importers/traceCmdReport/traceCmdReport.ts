/**
 * Text of `trace-cmd report`, with any of its options. Sample:
 *
 *     version = 6
 *     CPU 3 is empty
 *     cpus=4
 *     CPU:1 [204600 EVENTS DROPPED]
 *               bash-7853  [001]  2193.087554: sched_switch:         bash:7853 [120] S ==> node:6994 [120]
 *               node-6994  [001]  2193.087660: sched_waking:         comm=sshd pid=7486 prio=120 target_cpu=000
 *
 * Sources: tracecmd/trace-read.c of trace-cmd, plugins/plugin_sched_switch.c of libtraceevent. The plugin prints no `+`
 * behind the state of a preempted task, and letters of its own for the rarer states (`x`, `W`); `-N` prints the
 * kernel's text, `-R` the number of the state. States are kept as they are printed.
 */
import { EventRefused } from '../../model/eventRefused.js';
import type { EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { find, skipSpaces, startsWith, textOf, ascii } from '../text/bytes.js';
import { EitherPayloadReader, isOfPlugin } from '../text/eitherPayload.js';
import { LineSession, type LineReader } from '../text/lineSession.js';
import { eventTypeOf, type EventContext } from '../text/schedPayload.js';
import { TracefsContext } from '../tracefs/tracefsContext.js';
import { TraceCmdHeader } from './traceCmdHeader.js';
import { TraceCmdSources } from './traceCmdSources.js';

/** Of a report of several buffers so many lines are looked at before it is decided what to read from which. */
const HELD_LINES = 4096;
const HELD_BYTES = 4 * 1024 * 1024;
/** Lines that are no events are short. */
const MAX_OTHER_BYTES = 1024;
/** The event's name is padded to 20 characters, and a space. */
const NAME_COLUMNS = 21;
const ARROW = ascii(' ==> ');
/** What stands before the events; `name: ` before it when several files are read. */
const PREAMBLE = /^(?:.*: )?(?:version = \d+|CPU \d+ is empty|cpus=\d+)$/;
const VERSION = /^version = (\d+)$/;
const CPUS = /^(?:.*: | *)cpus=(\d+)$/;
const DROPPED = /^(?: *(.*): | *)CPU:(\d+) \[(?:(\d+) )?EVENTS DROPPED\]$/;
/** What the options -w and --check print, what libtraceevent says of formats that it cannot parse. */
const REMARK =
  /^(?:CPU:\d+ \[SUBBUFFER START\]|(?:Average wakeup|Maximum|Minimum) [Ll]atency: |RT task timings:|\s*\[[\w-]+:[\w-]+\] |Error: |trace-cmd: |\s*(?:function|could not load plugin) )/;

export const traceCmdReport: StreamImporter = {
  kind: 'stream',
  name: 'trace-cmd-report',
  label: 'trace-cmd report text',
  detect,
  begin(store: EventStore): ImportSession {
    return new LineSession(store, new TraceCmdReportReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  const header = new TraceCmdHeader();
  const seen = { lines: 0, events: 0, marks: 0, preamble: 0 };
  for (let at = 0; at < head.length && seen.lines < 400;) {
    const newline = head.indexOf(0x0a, at);
    const end = newline < 0 ? head.length : newline;
    if (skipSpaces(head, at, end) < end) countLine(head, at, end, header, seen);
    at = end + 1;
  }
  const { lines, events, marks, preamble } = seen;
  if (events > 0 && marks >= events * 0.5 && events + preamble >= lines * 0.5) {
    return { matches: true, confidence: preamble > 0 ? 0.97 : 0.92 };
  }
  return {
    matches: false,
    reason:
      preamble > 0
        ? 'it begins like one ("cpus="), but no event line "task-pid [cpu] time: event:" in its columns follows'
        : 'no line "cpus=" and no lines "task-pid [cpu] time: event:" in its columns',
  };
}

function countLine(
  head: Uint8Array,
  at: number,
  end: number,
  header: TraceCmdHeader,
  seen: { lines: number; events: number; marks: number; preamble: number },
): void {
  seen.lines += 1;
  if (header.read(head, at, end)) {
    seen.events += 1;
    if (isTraceCmds(head, header, end)) seen.marks += 1;
  } else if (end - at < 300) {
    const text = textOf(head, at, end).trimEnd();
    if (PREAMBLE.test(text) || DROPPED.test(text)) seen.preamble += 1;
  }
}

/** Whether the line is of a shape that tracefs does not print. */
function isTraceCmds(line: Uint8Array, header: TraceCmdHeader, end: number): boolean {
  const { nameStart, nameEnd, payloadStart } = header;
  if (header.hasDifference || header.isAbbreviated || header.isRawTime) return true;
  // tracefs has one space behind the name.
  if (payloadStart - nameStart >= NAME_COLUMNS && payloadStart - nameEnd > 2) return true;
  const type = eventTypeOf(line, nameStart, nameEnd);
  return type === EventType.Switch && isOfPlugin(type, line, payloadStart, end)
    ? find(line, payloadStart, end, ARROW) > 0
    : false;
}

/** A line that is read once it is known from which buffers to read. */
interface HeldLine {
  readonly bytes: Uint8Array;
  readonly lineNumber: number;
  readonly source: number;
  /** `loss`: a line of dropped events. */
  readonly what: EventType | 'loss';
}

class TraceCmdReportReader implements LineReader {
  readonly #store: EventStore;
  readonly #header = new TraceCmdHeader();
  readonly #payload: EitherPayloadReader;
  readonly #context: TracefsContext;
  readonly #event: EventContext = { seconds: 0, nanoseconds: 0, cpu: 0, flags: 0, actor: 0, line: 0 };
  readonly #sources = new TraceCmdSources();
  /** Undefined once it is decided what to read from which buffer. */
  #held: HeldLine[] | undefined = [];
  #heldBytes = 0;
  #hasSources = false;
  /** The line before named this source and reported a loss: the event of this line has no name before it. */
  #sourceOfNext: number | undefined;
  #rawTimes = 0;
  #unreadHeld = 0;
  #cpuCount = 0;

  constructor(store: EventStore) {
    this.#store = store;
    this.#payload = new EitherPayloadReader(store);
    this.#context = new TracefsContext(store);
  }

  line(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const header = this.#header;
    if (!header.read(line, start, end)) return this.#other(line, start, end, lineNumber);
    const type = eventTypeOf(line, header.nameStart, header.nameEnd);
    if (header.prefixWidth > 0) this.#hasSources = true;
    const source = this.#hasSources ? this.#sourceOfEvent(line) : -1;
    // Other events are fine; they are just not of the scheduler.
    if (type === -1) return true;
    if (source < 0) return this.#add(type, line, end, lineNumber);
    this.#sources.see(source, type);
    if (this.#held !== undefined) {
      this.#hold({ bytes: line.slice(start, end), lineNumber, source, what: type });
      return true;
    }
    return this.#sources.reads(source, type) ? this.#add(type, line, end, lineNumber) : true;
  }

  end(): void {
    this.#release();
    const { diagnostics, metadata } = this.#store;
    this.#sources.report(this.#store);
    if (this.#cpuCount > 0) metadata.cpuCount = this.#cpuCount;
    if (this.#rawTimes > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${this.#rawTimes} times of this report are whole numbers in the unit of the recording's clock (option --raw-ts, or a clock that counts no time). They are shown as nanoseconds, which is right for all clocks but x86-tsc, counter and uptime.`,
      });
    }
    if (this.#unreadHeld > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${this.#unreadHeld} of the first event lines cannot be read and were skipped.`,
      });
    }
    const { unsuccessfulWakeups } = this.#payload;
    if (unsuccessfulWakeups > 0) {
      diagnostics.push({
        severity: 'info',
        message: `${unsuccessfulWakeups} wakeups with success=0 woke nobody and were left out.`,
      });
    }
  }

  /** Adds the event of the header read last. */
  #add(type: EventType, line: Uint8Array, end: number, lineNumber: number): boolean {
    const header = this.#header;
    const event = this.#event;
    const { cpu } = header;
    event.seconds = header.seconds;
    event.nanoseconds = header.nanoseconds;
    event.cpu = cpu;
    event.line = lineNumber;
    event.flags = this.#context.flagsOf(line, header.flagsStart, header.flagsEnd);
    event.actor = this.#context.actorOf(
      line,
      cpu,
      header.pid,
      header.commStart,
      header.commEnd,
      header.isAbbreviated,
    );
    const store = this.#store;
    const row = store.length;
    if (!this.#payload.read(type, line, header.payloadStart, end, event)) return false;
    if (row === store.length) return true;
    if (header.isRawTime) this.#rawTimes += 1;
    if (type === EventType.Switch) {
      const next = store.subject[row]!;
      this.#context.setRunning(cpu, next, store.tasks.pids[next]!);
    }
    return true;
  }

  /** Number of the buffer that the header read last names, or that the loss before this line was of. */
  #sourceOfEvent(line: Uint8Array): number {
    const { prefixWidth, sourceStart, sourceEnd } = this.#header;
    const named = this.#sourceOfNext;
    this.#sourceOfNext = undefined;
    if (prefixWidth === 0 && named !== undefined) return named;
    return this.#sources.numberOf(textOf(line, sourceStart, sourceEnd));
  }

  #hold(line: HeldLine): void {
    this.#held!.push(line);
    this.#heldBytes += line.bytes.length;
    if (this.#held!.length >= HELD_LINES || this.#heldBytes >= HELD_BYTES) this.#release();
  }

  /** Decides what to read from which buffer, and reads the lines so far. */
  #release(): void {
    const held = this.#held;
    if (held === undefined || !this.#hasSources) return;
    this.#held = undefined;
    this.#sources.choose();
    for (const line of held) {
      try {
        if (!this.#readHeld(line)) this.#unreadHeld += 1;
      } catch (error) {
        if (!(error instanceof EventRefused)) throw error;
        this.#unreadHeld += 1;
      }
    }
  }

  #readHeld({ bytes, lineNumber, source, what }: HeldLine): boolean {
    if (what === 'loss') {
      if (this.#sources.isRead(source)) this.#loss(textOf(bytes, 0, bytes.length), lineNumber);
      return true;
    }
    if (!this.#sources.reads(source, what)) return true;
    return this.#header.read(bytes, 0, bytes.length) && this.#add(what, bytes, bytes.length, lineNumber);
  }

  /** Lines that are no events: what stands before them, dropped events, stack traces, what options add at the end. */
  #other(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const at = skipSpaces(line, start, end);
    if (at === end || line[at] === 0x3d || line[at] === 0x3c) return true;
    if (end - start > MAX_OTHER_BYTES) return false;
    const text = textOf(line, start, end);
    if (find(line, start, end, ascii('DROPPED]')) >= 0) return this.#dropped(line, start, end, lineNumber);
    const cpus = CPUS.exec(text);
    if (cpus !== null) {
      this.#sources.addFile();
      const count = Number(cpus[1]);
      if (count <= 65535) this.#cpuCount = Math.max(this.#cpuCount, count);
      return true;
    }
    const version = VERSION.exec(text);
    if (version !== null) this.#store.metadata.properties.set('trace.dat version', version[1]!);
    return version !== null || PREAMBLE.test(text) || REMARK.test(text);
  }

  #dropped(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const text = textOf(line, start, end);
    const dropped = DROPPED.exec(text);
    if (dropped === null || Number(dropped[2]) > 65534) return false;
    const isPrefixed = !startsWith(line, start, end, ascii('CPU:'));
    if (isPrefixed) this.#hasSources = true;
    if (!this.#hasSources) return this.#loss(text, lineNumber);
    const source = this.#sources.numberOf(dropped[1] ?? '');
    this.#sourceOfNext = source;
    if (this.#held !== undefined) {
      this.#hold({ bytes: line.slice(start, end), lineNumber, source, what: 'loss' });
    } else if (this.#sources.isRead(source)) this.#loss(text, lineNumber);
    return true;
  }

  #loss(text: string, lineNumber: number): boolean {
    const [, , cpu, count] = DROPPED.exec(text)!;
    this.#store.addLoss(Number(cpu), count === undefined ? undefined : Number(count), lineNumber);
    return true;
  }
}
