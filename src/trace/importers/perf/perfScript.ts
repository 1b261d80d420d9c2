/**
 * Text of `perf script`, from recordings of the sched events (`perf sched record`, `perf record -e 'sched:*'`).
 *
 * Source of the format: tools/perf/builtin-script.c. Sample:
 *
 *     # os release : 6.18.44
 *     # nrcpus online : 2
 *                sleep  3002/3002  [000]  2054.174505208: PERF_RECORD_COMM exec: sleep:3002/3002
 *                 perf  2984 [000]  2054.173907970:       sched:sched_switch: prev_comm=perf prev_pid=2984 …
 *             ffffffff81c2 __schedule ([kernel.kallsyms])
 */
import { Failure } from '../../../base/errors.js';
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import {
  COLON,
  HASH,
  SPACE,
  ascii,
  find,
  isDigit,
  skipDigits,
  skipSpaces,
  startsWith,
  textOf,
} from '../text/bytes.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { LineSession, type LineReader } from '../text/lineSession.js';
import { PerfFastPath } from './perfFastPath.js';
import { PerfLineHeader } from './perfLineHeader.js';
import { PerfSamples } from './perfSamples.js';
import { PerfTaskRecords } from './perfTaskRecords.js';
import { EitherPayloadReader } from '../text/eitherPayload.js';
import { eventTypeOf, type EventContext } from '../text/schedPayload.js';
import { SchedWordPayload } from '../text/schedWordPayload.js';

const TAB = 0x09;
const RECORD = ascii('PERF_RECORD_');
const SCHED = ascii('sched');
const COLON_SPACE = ascii(': ');

const COMM = /^PERF_RECORD_COMM(?: exec)?: (.*):(-?\d+)\/(-?\d+)\s*$/;
const FORK = /^PERF_RECORD_FORK\((-?\d+):(-?\d+)\):\((-?\d+):(-?\d+)\)/;
const EXIT = /^PERF_RECORD_EXIT\((-?\d+):(-?\d+)\)/;
const LOST = /^PERF_RECORD_LOST(?:_SAMPLES)?\b\D*(\d+)?/;
const LOST_CHUNKS = /^Processed (\d+) events and lost (\d+) chunks/;
/** A frame of a call chain whose tab was turned into spaces: `  ffffffff81c2 __schedule ([kernel.kallsyms])`. */
const FRAME = /^\s*[0-9a-f]{6,16} /;
/** A line of `perf script -F` without `cpu`: `perf  2984  2054.173907: sched:sched_switch: …`. */
const WITHOUT_CPU = /^.{0,40}\s\d+\.\d{6,9}:\s+(?:\d+\s+)?\w+:\w+:/;
/** … and without `time`. */
const WITHOUT_TIME = /^.{0,40}\[\d{3,}\]\s+(?:\d+\s+)?\w+:\w+:/;

const ASK_AGAIN = 'Print the recording with "perf script --ns -F comm,pid,tid,cpu,time,event,trace".';

/** Facts of `perf script --header` that are kept: perf's word and ours. */
const HEADER_FACTS = new Map([
  ['os release', 'kernel'],
  ['perf version', 'perf version'],
  ['arch', 'architecture'],
  ['nrcpus online', 'CPUs online'],
  ['nrcpus avail', 'CPUs available'],
]);

export const perfScript: StreamImporter = {
  kind: 'stream',
  name: 'perf-script',
  label: 'perf script text',
  detect,
  begin(store: EventStore): ImportSession {
    return new LineSession(store, new PerfScriptReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  const header = new PerfLineHeader();
  const seen = {
    lines: 0,
    events: 0,
    sched: 0,
    empty: 0,
    withoutCpu: 0,
    withoutTime: 0,
    withoutEvent: 0,
  };
  for (let at = 0; at < head.length && seen.lines < 1000;) {
    const newline = head.indexOf(0x0a, at);
    const end = newline < 0 ? head.length : newline;
    if (end > at && head[at] !== HASH && head[at] !== TAB && newline >= 0)
      countLine(head, at, end, header, seen);
    at = end + 1;
  }
  if (seen.sched > 0 && seen.empty === seen.sched) {
    return { matches: false, reason: `its lines name the events, but not what the events say. ${ASK_AGAIN}` };
  }
  if (seen.events > 0 && seen.events >= seen.lines * 0.5) {
    return { matches: true, confidence: seen.sched > 0 ? 0.9 : 0.7 };
  }
  if (seen.withoutCpu > 0) return { matches: false, reason: `its lines name no CPU. ${ASK_AGAIN}` };
  if (seen.withoutTime > 0) return { matches: false, reason: `its lines have no time stamp. ${ASK_AGAIN}` };
  if (seen.withoutEvent > 0)
    return { matches: false, reason: `its lines have no name of the event. ${ASK_AGAIN}` };
  return { matches: false, reason: 'no lines "comm tid [cpu] time: system:event: …"' };
}

function countLine(
  line: Uint8Array,
  start: number,
  end: number,
  header: PerfLineHeader,
  seen: Record<
    'lines' | 'events' | 'sched' | 'empty' | 'withoutCpu' | 'withoutTime' | 'withoutEvent',
    number
  >,
): void {
  if (header.read(line, start, end)) {
    const event = textOf(line, header.eventStart, Math.min(end, header.eventStart + 80));
    const name = /^(?:\d+\s+)?(PERF_RECORD_|[\w-]+:[\w-]+:|sched_\w+:)/.exec(event)?.[1];
    seen.lines += 1;
    if (/^(?:prev_)?comm=/.test(event)) seen.withoutEvent += 1;
    // Bare names are also how trace-cmd prints them, but there the pid hangs on the comm by a dash.
    if (name === undefined || (name.startsWith('sched_') && !header.hasTid)) return;
    seen.events += 1;
    if (name.startsWith('sched')) seen.sched += 1;
    if (name.startsWith('sched') && event.trimEnd().endsWith(name)) seen.empty += 1;
    return;
  }
  const text = textOf(line, start, Math.min(end, start + 200));
  if (FRAME.test(text) || text.trim() === '') return;
  seen.lines += 1;
  if (WITHOUT_TIME.test(text)) seen.withoutTime += 1;
  else if (WITHOUT_CPU.test(text)) seen.withoutCpu += 1;
}

export class PerfScriptReader implements LineReader {
  readonly #store: EventStore;
  readonly #header = new PerfLineHeader();
  readonly #records: PerfTaskRecords;
  readonly #payload: EitherPayloadReader;
  readonly #context: EventContext = { seconds: 0, nanoseconds: 0, cpu: 0, flags: 0, actor: 0, line: 0 };
  readonly #samples: PerfSamples;
  readonly #words = new SchedWordPayload();
  readonly #fastPath = new PerfFastPath(this.#header, this.#words);
  /** Where the payload of the event starts that `#eventType` found. */
  #payloadStart = 0;

  constructor(store: EventStore) {
    this.#store = store;
    this.#records = PerfTaskRecords.begin(store);
    this.#payload = new EitherPayloadReader(store);
    this.#samples = new PerfSamples(store, this.#header, this.#records);
  }

  fast(bytes: Uint8Array, start: number, lineNumber: number): number {
    const newline = this.#fastPath.find(bytes, start);
    if (newline < 0) return -1;
    this.#addFound(bytes, lineNumber);
    return newline + 1;
  }

  line(line: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const first = line[start];
    // Between events stand empty lines and, after a tab, the frames of a call chain.
    if (start === end || first === TAB) return true;
    if (first === HASH) {
      this.#comment(textOf(line, start, end));
      return true;
    }
    const header = this.#header;
    if (!header.read(line, start, end)) return this.#other(textOf(line, start, end));
    const context = this.#context;
    context.seconds = header.seconds;
    context.nanoseconds = header.nanoseconds;
    context.cpu = header.cpu;
    context.line = lineNumber;
    const type = this.#eventType(line, end);
    if (type === -1) return this.#otherEvent(line, end);
    if (header.cpu < 0) return false;
    return this.#event(type, line, end);
  }

  end(): void {
    const { tasks, diagnostics } = this.#store;
    for (const [tid, tgid] of this.#records.tgids) {
      const thread = tasks.threadOf(tid);
      if (thread > 0 && tgid > 0) tasks.threadTgids[thread] = tgid;
    }
    const { unsuccessfulWakeups } = this.#payload;
    if (unsuccessfulWakeups > 0) {
      diagnostics.push({
        severity: 'info',
        message: `${unsuccessfulWakeups} wakeups with success=0 woke nobody and were left out.`,
      });
    }
    if (goesBackwards(this.#store)) {
      diagnostics.push({
        severity: 'error',
        message: `The times of this text go back again and again: they seem to be no time, but how long ago the event before was ("--deltatime"), so that all durations shown are wrong. ${ASK_AGAIN}`,
      });
    }
  }

  /** Type of `[period] system:name[:modifiers]: payload`, or -1 for what is not of the model. */
  #eventType(line: Uint8Array, end: number): EventType | -1 {
    let at = this.#header.eventStart;
    if (isDigit(line[at])) at = skipSpaces(line, skipDigits(line, at, end), end);
    let nameStart = at;
    if (startsWith(line, at, end, SCHED) && line[at + SCHED.length] === COLON)
      nameStart = at + SCHED.length + 1;
    let nameEnd = nameStart;
    while (nameEnd < end && isNameByte(line[nameEnd]!)) nameEnd += 1;
    const type = eventTypeOf(line, nameStart, nameEnd);
    if (type === -1) return -1;
    // Event modifiers (`:u`, `/name=x/`) may follow; the payload begins behind the last colon.
    const colon =
      line[nameEnd] === COLON && line[nameEnd + 1] === SPACE
        ? nameEnd
        : find(line, nameEnd, end, COLON_SPACE);
    if (colon < 0) return -1;
    this.#payloadStart = skipSpaces(line, colon + 1, end);
    return type;
  }

  #event(type: EventType, line: Uint8Array, end: number): boolean {
    const header = this.#header;
    const context = this.#context;
    const store = this.#store;
    context.actor = this.#samples.actorOf(line, context.line);
    const row = store.length;
    const wasRead = this.#payload.read(type, line, this.#payloadStart, end, context);
    if (!wasRead || store.length === row) return wasRead;
    if (type === EventType.Switch) this.#samples.setRunning(header.cpu, store.subject[row]!);
    this.#samples.note(store.actor[row]!, context.line);
    return true;
  }

  /** Adds the row of the line that the shortcut found. */
  #addFound(line: Uint8Array, lineNumber: number): void {
    const found = this.#words;
    const { type } = found;
    const { cpu, seconds, nanoseconds } = this.#header;
    const { tasks } = this.#store;
    let actor = this.#samples.actorOf(line, lineNumber);
    let prevPrio = UNKNOWN_PRIO;
    let prio = found.prio;
    let state = 0;
    let arg = found.arg;
    if (type === EventType.Switch) {
      actor = tasks.internBytes(found.prevPid, line, found.prevCommStart, found.prevCommEnd);
      prevPrio = found.prevPrio;
      state = this.#samples.stateOf(line, found.stateStart, found.stateEnd);
      arg = 0;
    } else if (type === EventType.StatRuntime) {
      prio = UNKNOWN_PRIO;
    }
    const subject = tasks.internBytes(found.pid, line, found.commStart, found.commEnd);
    this.#store.add(
      type,
      seconds,
      nanoseconds,
      cpu,
      actor,
      subject,
      prevPrio,
      prio,
      state,
      0,
      arg,
      lineNumber,
    );
    if (type === EventType.Switch) this.#samples.setRunning(cpu, subject);
    this.#samples.note(actor, lineNumber);
  }

  /** Records of perf itself; other events are fine, they are just not of the scheduler. */
  #otherEvent(line: Uint8Array, end: number): boolean {
    const { eventStart, cpu } = this.#header;
    if (!startsWith(line, eventStart, end, RECORD)) return true;
    const text = textOf(line, eventStart, end);
    const { line: lineNumber, seconds, nanoseconds } = this.#context;
    const stamp = { line: lineNumber, seconds, nanoseconds };
    const comm = COMM.exec(text);
    if (comm !== null) this.#records.comm(Number(comm[3]), Number(comm[2]), comm[1]!, stamp);
    const fork = FORK.exec(text);
    if (fork !== null) this.#records.fork(Number(fork[2]), Number(fork[1]), Number(fork[4]), stamp);
    const exit = EXIT.exec(text);
    if (exit !== null) this.#records.exit(Number(exit[2]), stamp);
    const lost = LOST.exec(text);
    if (lost !== null && cpu >= 0) {
      const count = lost[1] === undefined ? undefined : Number(lost[1]);
      this.#store.addLoss(cpu, count, lineNumber);
      this.#records.lost(cpu, count, stamp);
    }
    return true;
  }

  /** `# name : value` lines of `perf script --header`. */
  #comment(text: string): void {
    const fact = /^#\s*([a-z ]+?)\s*:\s*(.*?)\s*$/.exec(text);
    const name = fact === null ? undefined : HEADER_FACTS.get(fact[1]!);
    if (fact === null || name === undefined) return;
    const { metadata } = this.#store;
    metadata.properties.set(name, fact[2]!);
    if (name === 'CPUs online' && /^[1-9]\d{0,3}$/.test(fact[2]!)) metadata.cpuCount = Number(fact[2]);
  }

  /** Lines without a header: frames that lost their tab, what perf prints of lost events, and what is unusable. */
  #other(text: string): boolean {
    if (text.trim() === '' || FRAME.test(text)) return true;
    const lost = LOST_CHUNKS.exec(text);
    if (lost !== null) {
      this.#store.diagnostics.push({
        severity: 'warning',
        message: `perf lost ${lost[2]} chunks of events while it recorded ${lost[1]}. Where they are missing shows "perf script --show-lost-events".`,
      });
      return true;
    }
    if (this.#store.length === 0) this.#refuse(text);
    return /^(?:Warning:|Check IO\/CPU overload!)/.test(text);
  }

  /** Without these columns nothing can be known; every line lacks them, so the first one decides. */
  #refuse(text: string): void {
    const missing = WITHOUT_TIME.test(text) ? 'no time stamp' : WITHOUT_CPU.test(text) ? 'no CPU' : undefined;
    if (missing === undefined) return;
    throw new Failure('bad-input', `The lines of this perf script text have ${missing}. ${ASK_AGAIN}`);
  }
}

/** Whether the times of a single text go back on the same CPU more often than any damage makes them. */
function goesBackwards(store: EventStore): boolean {
  if (store.isSorted || store.sources.length > 1) return false;
  const { cpu, timeNs, length } = store;
  const last = new Map<number, number>();
  let backwards = 0;
  for (let row = 0; row < length; row += 1) {
    if (timeNs[row]! < (last.get(cpu[row]!) ?? -Infinity)) backwards += 1;
    last.set(cpu[row]!, timeNs[row]!);
  }
  return backwards > 20 && backwards > length * 0.2;
}

function isNameByte(byte: number): boolean {
  return (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || (byte >= 0x30 && byte <= 0x39);
}
