/**
 * HTML pages of Android's systrace: the viewer's code, and in it the trace as tracefs text. Two kinds:
 *
 *     <script class="trace-data" type="application/text">        once or several times; others hold JSON or base64
 *     # tracer: nop
 *               <idle>-0     (-----) [001] d..3  1.000001: sched_switch: prev_comm=…
 *       </script>
 *
 * and the older string `linuxPerfData` (see `scriptString.ts`). Source: systrace/output_generator.py of catapult. The
 * viewer's code before the trace may be megabytes, partly in lines of that size. Nothing of it is run or believed: all
 * that is looked for are these two beginnings, and the tags that end them.
 */
import { Failure } from '../../../base/errors.js';
import type { EventStore } from '../../model/eventStore.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { LESS_THAN, NEWLINE, SPACE, ascii, skipSpaces, textOf } from '../text/bytes.js';
import { LineSession, MAX_LINE_BYTES } from '../text/lineSession.js';
import { TracefsTextReader } from '../tracefs/tracefsReader.js';
import { tracefsText } from '../tracefs/tracefsText.js';
import { SCRIPT_END_BYTES, ScriptString, isScriptEnd } from './scriptString.js';

const CARRIAGE_RETURN = 0x0d;
const BACKSLASH = 0x5c;
const GREATER_THAN = 0x3e;
const LETTER_L = 0x6c;
const SCRIPT = ascii('<script');
const SCRIPT_END = ascii('</script>');
const LINUX_PERF_DATA = ascii('linuxPerfData');
const LINE_END = new Uint8Array([NEWLINE]);
/** A script tag is no longer. */
const MAX_TAG = 1024;
const MAX_STRING_START = 32;
/** How much of a script is looked at to tell a trace from JSON and base64. */
const PROBED_BYTES = 64 * 1024;

const TRACE_DATA_TAG = /^<script\s[^>]*\bclass\s*=\s*["']?[^"'>]*\btrace-data\b/i;
/** The first line holds nothing more, or the text begins at once. */
const STRING_START = /^(linuxPerfData\s*=\s*")[^]/;
const HTML_START = /^\ufeff?\s*(?:<!--(?:(?!-->)[^])*-->\s*)*<(?:!doctype\s+html|html|head|script)\b/i;
const VIEWER =
  /<title>\s*Android System Trace|<script\s[^>]*\btrace-data\b|linuxPerfData = "|<!-- BEGIN TRACE -->|<tr-ui-timeline-view|\btr-ui-timeline-view\b|trace_viewer|\bcatapult\b/i;

export const systraceHtml: StreamImporter = {
  kind: 'stream',
  name: 'systrace-html',
  label: 'HTML page of systrace',
  detect,
  begin(store: EventStore): ImportSession {
    return new SystraceSession(store);
  },
};

function detect(head: Uint8Array): Detection {
  const text = new TextDecoder('latin1').decode(head);
  if (!HTML_START.test(text)) return { matches: false, reason: 'it is no HTML page' };
  return VIEWER.test(text)
    ? { matches: true, confidence: 0.96 }
    : { matches: false, reason: 'it is an HTML page, but not one with the trace viewer in it' };
}

/** `page`: outside of traces; `probe`: in a script that may be one; `other`: in one that is none. */
type Place = 'page' | 'probe' | 'trace' | 'string' | 'other';

class SystraceSession implements ImportSession {
  readonly #lines: LineSession;
  #place: Place = 'page';
  /** What is cut off at the end of the bytes so far. */
  #rest = new Uint8Array(0);
  #probed: Uint8Array[] = [];
  #probedBytes = 0;
  readonly #string = new ScriptString();
  /** Line ends of the page that the reader of lines was not given, since it was last told. */
  #linesOutside = 0;
  #traces = 0;
  #otherScripts = 0;

  constructor(store: EventStore) {
    this.#lines = new LineSession(store, new TracefsTextReader(store));
  }

  push(chunk: Uint8Array): void {
    const bytes = joined(this.#rest, chunk);
    let at = 0;
    for (;;) {
      const next = this.#step(bytes, at);
      // Nothing more can be done with these bytes alone.
      if (next < 0) break;
      at = next;
    }
    this.#rest = bytes.slice(this.#restStart);
  }

  end(): void {
    const isTag = beginsWith(this.#rest, skipSpaces(this.#rest, 0, this.#rest.length), SCRIPT_END);
    if ((this.#place === 'probe' || this.#place === 'trace') && !isTag) this.#take(this.#rest);
    if (this.#place === 'probe') this.#decide();
    if (this.#traces === 0) throw noTrace(this.#otherScripts);
    this.#lines.end();
  }

  /** Where what is cut off begins; set when a step returns -1. */
  #restStart = 0;

  /** Reads on from `at`; returns where to go on, or -1 when more bytes are needed. */
  #step(bytes: Uint8Array, at: number): number {
    switch (this.#place) {
      case 'page':
        return this.#page(bytes, at);
      case 'string':
        return this.#inString(bytes, at);
      default:
        return this.#script(bytes, at);
    }
  }

  /** Looks for the beginning of a trace. */
  #page(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    for (let at = from; at < length; at += 1) {
      const byte = bytes[at];
      if (byte === LESS_THAN && beginsWith(bytes, at, SCRIPT)) {
        const end = bytes.subarray(0, Math.min(length, at + MAX_TAG)).indexOf(GREATER_THAN, at);
        if (end < 0 && length - at < MAX_TAG) return this.#need(bytes, from, at);
        if (end < 0 || !TRACE_DATA_TAG.test(textOf(bytes, at, end + 1))) continue;
        this.#countOutside(bytes, from, end + 1);
        this.#place = 'probe';
        return end + 1;
      }
      if (byte === LETTER_L && beginsWith(bytes, at, LINUX_PERF_DATA)) {
        const string = STRING_START.exec(textOf(bytes, at, Math.min(length, at + MAX_STRING_START)));
        if (string !== null) return this.#enterString(bytes, from, at + string[1]!.length);
        if (length - at < MAX_STRING_START) return this.#need(bytes, from, at);
      }
    }
    return this.#need(bytes, from, length);
  }

  #enterString(bytes: Uint8Array, from: number, to: number): number {
    this.#countOutside(bytes, from, to);
    // A line end behind a backslash is none in the text.
    if (bytes[to] === BACKSLASH) this.#linesOutside += 1;
    this.#place = 'string';
    this.#string.begin();
    this.#traces += 1;
    this.#tellLines();
    return to;
  }

  #inString(bytes: Uint8Array, from: number): number {
    this.#lines.push(this.#string.decode(bytes, from));
    const { next, hasEnded } = this.#string;
    if (hasEnded) this.#place = 'page';
    // Less than a tag is left when it is cut off.
    else if (next > bytes.length - SCRIPT_END_BYTES) return this.#need(bytes, next, next);
    return next;
  }

  /** In a script: goes to its end, and does with it what its beginning says. */
  #script(bytes: Uint8Array, from: number): number {
    const close = scriptEnd(bytes, from);
    // Without its end only whole lines are sure not to be the tag's, but for lines that no tracer prints.
    let to = close < 0 ? bytes.lastIndexOf(NEWLINE) + 1 : close;
    if (to < from) to = from;
    if (close < 0 && bytes.length - to > MAX_LINE_BYTES) to = bytes.length - SCRIPT_END.length;
    this.#take(bytes.subarray(from, to));
    if (close < 0) return this.#need(bytes, to, to);
    if (this.#place === 'probe') this.#decide();
    // The tag's line goes on in the page.
    if (this.#place === 'trace' && to > from && bytes[to - 1] !== NEWLINE) {
      this.#lines.push(LINE_END);
      this.#linesOutside -= 1;
    }
    this.#place = 'page';
    return close;
  }

  #take(content: Uint8Array): void {
    if (this.#place === 'trace') this.#lines.push(content);
    else if (this.#place === 'other') this.#countOutside(content, 0, content.length);
    else {
      this.#probed.push(content.slice());
      this.#probedBytes += content.length;
      if (this.#probedBytes >= PROBED_BYTES) this.#decide();
    }
  }

  /** Tells a trace from other data by what was gathered of its beginning. */
  #decide(): void {
    let content: Uint8Array = new Uint8Array(0);
    for (const part of this.#probed.splice(0)) content = joined(content, part);
    this.#probedBytes = 0;
    const isTrace = tracefsText.detect(content.subarray(0, PROBED_BYTES)).matches;
    this.#place = isTrace ? 'trace' : 'other';
    if (isTrace) {
      this.#traces += 1;
      this.#tellLines();
    } else this.#otherScripts += 1;
    this.#take(content);
  }

  #tellLines(): void {
    this.#lines.passLines(this.#linesOutside);
    this.#linesOutside = 0;
  }

  /** All before `keepFrom` is done; the rest waits for more bytes. */
  #need(bytes: Uint8Array, from: number, keepFrom: number): number {
    // What begins may be cut off: `<scr`.
    const keep =
      this.#place === 'page'
        ? Math.max(from, Math.min(keepFrom, bytes.length - LINUX_PERF_DATA.length))
        : keepFrom;
    if (this.#place === 'page') this.#countOutside(bytes, from, keep);
    this.#restStart = keep;
    return -1;
  }

  #countOutside(bytes: Uint8Array, from: number, to: number): void {
    for (let at = bytes.indexOf(NEWLINE, from); at >= 0 && at < to; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.#linesOutside += 1;
    }
  }
}

/**
 * Where the script's end tag stands, or -1. A task may be named `</script>`: the tag is one that its line begins or ends
 * with.
 */
function scriptEnd(bytes: Uint8Array, from: number): number {
  const last = bytes.length - SCRIPT_END_BYTES;
  for (
    let at = bytes.indexOf(LESS_THAN, from);
    at >= 0 && at <= last;
    at = bytes.indexOf(LESS_THAN, at + 1)
  ) {
    if (!isScriptEnd(bytes, at)) continue;
    let before = at;
    while (before > from && bytes[before - 1]! <= SPACE && bytes[before - 1] !== NEWLINE) before -= 1;
    if (before === from || bytes[before - 1] === NEWLINE) return at;
    const after = skipSpaces(bytes, at + SCRIPT_END_BYTES - 1, bytes.length);
    if (bytes[after] === NEWLINE || bytes[after] === CARRIAGE_RETURN) return at;
  }
  return -1;
}

/** Whether the key stands there in letters of either case. */
function beginsWith(bytes: Uint8Array, at: number, key: Uint8Array): boolean {
  if (at + key.length > bytes.length) return false;
  for (let i = 0; i < key.length; i += 1) {
    const byte = bytes[at + i]!;
    if (byte !== key[i] && (byte | 0x20) !== key[i]) return false;
  }
  return true;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

function noTrace(otherScripts: number): Failure {
  const why =
    otherScripts > 0
      ? 'its trace data are no text of ftrace (JSON of Chrome, or compressed)'
      : 'it holds no trace data at all; perhaps it is cut off';
  return new Failure(
    'bad-input',
    `This HTML page has the trace viewer of systrace in it, but ${why}. Collect the scheduler's events as text: "atrace -o trace.txt sched", or save the kernel's own: "cat /sys/kernel/tracing/trace > trace.txt".`,
  );
}
