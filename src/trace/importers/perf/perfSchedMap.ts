/**
 * Text of `perf sched map`: one line a context switch, one column a CPU.
 *
 * Source of the format: map_switch_event in tools/perf/builtin-sched.c. Sample:
 *
 *       *A0        1964.315332 secs A0 => migration/0:18
 *        C0 *I0    1964.331798 secs I0 => perf-exec:711 (CPU 1)
 *       *.   I0    1964.331952 secs
 *
 * Two spaces, then four characters a CPU: `*` on the CPU that switched, the two-letter name of who runs there now
 * (`.` idle, `-` somebody whom a filter hides, blank nobody seen yet), a space. A name is declared when it is new
 * and again when its task changes its comm; after 260 tasks perf starts over with `A0`, so that a name means its
 * latest declaration. With `--compact` columns are in order of a CPU's first switch, and that one says `(CPU n)`.
 *
 * Each line becomes a switch: its subject runs now, its actor is whom this CPU's line before named (unknown at the
 * first switch of a CPU). Wakeups, states and priorities are not in this format.
 */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { IDLE_TASK, NO_TASK } from '../../model/taskTable.js';
import {
  DOT,
  HASH,
  MINUS,
  NumberReader,
  SPACE,
  ascii,
  find,
  isDigit,
  skipSpaces,
  textOf,
} from '../text/bytes.js';
import type { Detection, ImportSession, StreamImporter } from '../importer.js';
import { LineSession, type LineReader } from '../text/lineSession.js';

const STAR = 0x2a;
const ESCAPE = new Uint8Array([0x1b]);
const SECS = ascii(' secs ');
/** Who it was is not known, but that somebody ran is. No task has this pid. */
const UNKNOWN_PID = -1;
const COLUMNS_START = 2;
const COLUMN_WIDTH = 4;
/** perf prints times with `%12s` behind two spaces. */
const TIME_WIDTH = 12;
const MARGIN = 2;

/** Colours that perf writes to terminals; they stay in the text when `script` or `--color` kept them. */
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[\d;]*m/g;
/** `A0 => comm:pid`, `.  => swapper:0`, each perhaps with ` (CPU 3)`. Comms hold colons: the last one counts. */
const DECLARATION = /^(\S{1,2})\s+=> (.*):(-?\d+)(?: \(CPU (\d+)\))?\s*$/;
const NEW_CPU = /^\s*\(CPU (\d+)\)\s*$/;
const MAP_LINE =
  /^ {2}((?:[ *](?:[A-Z][0-9]|\. |- | {2}) )+) {2} *\d+\.\d{6} secs (?:$|\S{1,2} {1,2}=> | *\(CPU )/;

export const perfSchedMap: StreamImporter = {
  kind: 'stream',
  name: 'perf-sched-map',
  label: 'perf sched map text',
  detect,
  begin(store: EventStore): ImportSession {
    store.metadata.capabilities = { wakeups: false, prevState: false, priorities: false, textLines: true };
    return new LineSession(store, new PerfSchedMapReader(store));
  },
};

function detect(head: Uint8Array): Detection {
  const text = textOf(head, 0, head.length).replace(COLOURS, '');
  const lines = text.split('\n').slice(0, 400);
  // The last piece may be cut off in the middle.
  if (lines.length > 1) lines.pop();
  const candidates = lines.filter((line) => line.trim() !== '' && !/^#|^ {2}(?: .. )+\r?$/.test(line));
  const matching = candidates.filter((line) => MAP_LINE.test(line.replace(/\r$/, ''))).length;
  return matching > 0 && matching >= candidates.length * 0.5
    ? { matches: true, confidence: 0.95 }
    : { matches: false, reason: 'no lines "*A0  B0   seconds secs A0 => comm:pid"' };
}

class PerfSchedMapReader implements LineReader {
  readonly #store: EventStore;
  readonly #number = new NumberReader();
  /** By name (both bytes): its latest declaration. */
  readonly #taskByName = new Map<number, number>();
  /** By CPU: who runs there. */
  readonly #running = new Map<number, number>();
  /** With `--compact`: by column, its CPU. */
  #cpuByColumn: number[] | undefined;
  #hiddenTask: number | undefined;
  #redeclaredNames = 0;
  #undeclaredSwitches = 0;
  #linesWithoutTime = 0;
  #switchesWithoutColumn = 0;

  constructor(store: EventStore) {
    this.#store = store;
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    if (bytes[start] === HASH) return true;
    if (find(bytes, start, end, ESCAPE) < 0) return this.#plain(bytes, start, end, lineNumber);
    const plain = ascii(textOf(bytes, start, end).replace(COLOURS, ''));
    return this.#plain(plain, 0, plain.length, lineNumber);
  }

  end(): void {
    const { diagnostics } = this.#store;
    if (this.#redeclaredNames > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `perf has only 260 two-letter names, and ${this.#redeclaredNames} of them were given to a second task. From then on an older task of such a name cannot be told from the newer one: "perf script" of the same recording is exact.`,
      });
    }
    if (this.#undeclaredSwitches > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${this.#undeclaredSwitches} switches are to tasks whose names the text does not tell: its beginning is missing, or "--cpus" hides it. They are shown as one thread of pid -1.`,
      });
    }
    if (this.#linesWithoutTime > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${this.#linesWithoutTime} switches on CPUs that "--cpus" hides have no time and were left out. CPU numbers are those of the columns, which with that option are not the machine's.`,
      });
    }
    if (this.#switchesWithoutColumn > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `${this.#switchesWithoutColumn} switches are on a CPU for which perf printed no column; they were left out.`,
      });
    }
  }

  /** A line without colours. */
  #plain(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const secs = find(bytes, start, end, SECS);
    if (secs < 0) return this.#withoutTime(bytes, start, end);
    let timeStart = secs;
    while (timeStart > start && bytes[timeStart - 1] !== SPACE) timeStart -= 1;
    const columnsStart = start + COLUMNS_START;
    const columnsEnd = Math.min(timeStart, secs - TIME_WIDTH) - MARGIN;
    const width = columnsEnd - columnsStart;
    if (width < 0 || width % COLUMN_WIDTH !== 0) return false;

    const number = this.#number;
    const seconds = number.integer(bytes, timeStart, secs);
    if (!number.ok || seconds < 0 || bytes[number.end] !== DOT) return false;
    const nanoseconds = number.fractionNs(bytes, number.end + 1, secs);
    if (number.end !== secs || bytes[secs - 1] === DOT) return false;

    const column = columnOfStar(bytes, columnsStart, columnsEnd);
    if (!this.#declare(bytes, secs + SECS.length, end, column, lineNumber)) return false;
    if (column < 0) {
      this.#switchesWithoutColumn += 1;
      return true;
    }
    const cpu = this.#cpuByColumn === undefined ? column : this.#cpuByColumn[column];
    const next = this.#taskOf(bytes, columnsStart + column * COLUMN_WIDTH + 1);
    if (next === undefined || cpu === undefined || cpu > 0xffff) return false;
    const previous = this.#running.get(cpu) ?? NO_TASK;
    this.#running.set(cpu, next);
    this.#store.add(
      EventType.Switch,
      seconds,
      nanoseconds,
      cpu,
      previous,
      next,
      UNKNOWN_PRIO,
      UNKNOWN_PRIO,
      0,
      0,
      0,
      lineNumber,
    );
    return true;
  }

  /** With `--cpus`, switches on other CPUs leave a line of columns only. */
  #withoutTime(bytes: Uint8Array, start: number, end: number): boolean {
    if (skipSpaces(bytes, start, end) === end) {
      if (end - start >= COLUMNS_START + COLUMN_WIDTH) this.#linesWithoutTime += 1;
      return true;
    }
    const isColumns = /^ {2}(?: (?:[A-Z][0-9]|\. |- | {2}) )+$/.test(textOf(bytes, start, end));
    if (isColumns) this.#linesWithoutTime += 1;
    return isColumns;
  }

  /** Reads what stands behind `secs`: nothing, a declaration, a CPU's number. False when it is none of these. */
  #declare(bytes: Uint8Array, at: number, end: number, column: number, lineNumber: number): boolean {
    if (skipSpaces(bytes, at, end) === end) return true;
    const text = textOf(bytes, at, end);
    const declaration = DECLARATION.exec(text);
    const cpu = declaration === null ? NEW_CPU.exec(text)?.[1] : declaration[4];
    if (declaration === null && cpu === undefined) return false;
    if (declaration !== null) this.#name(declaration[1]!, declaration[2]!, Number(declaration[3]));
    if (cpu !== undefined && column >= 0) this.#nameCpu(column, Number(cpu), lineNumber);
    return true;
  }

  #name(name: string, comm: string, pid: number): void {
    if (name === '.' || name === '-') return;
    const { tasks } = this.#store;
    const key = nameKey(name.charCodeAt(0), name.length > 1 ? name.charCodeAt(1) : SPACE);
    const task = tasks.intern(pid, comm);
    const before = this.#taskByName.get(key);
    if (before !== undefined && tasks.pids[before] !== pid) this.#redeclaredNames += 1;
    this.#taskByName.set(key, task);
  }

  #nameCpu(column: number, cpu: number, lineNumber: number): void {
    if (this.#cpuByColumn === undefined) {
      this.#cpuByColumn = [];
      if (this.#store.length > 0) {
        this.#store.diagnostics.push({
          severity: 'warning',
          message:
            'The beginning of this compact map is missing, and with it the numbers of the first CPUs: the switches before this line are shown on wrong CPUs.',
          line: lineNumber,
        });
      }
    }
    this.#cpuByColumn[column] = cpu;
  }

  /** The task of the name at `at`; undefined for a name that was never declared. */
  #taskOf(bytes: Uint8Array, at: number): number | undefined {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (second === SPACE && first === DOT) return IDLE_TASK;
    if (second === SPACE && first === MINUS) {
      return (this.#hiddenTask ??= this.#store.tasks.intern(UNKNOWN_PID, '- (hidden by perf)'));
    }
    const isName = first >= 0x41 && first <= 0x5a && isDigit(second);
    return isName
      ? (this.#taskByName.get(nameKey(first, second)) ?? this.#undeclared(first, second))
      : undefined;
  }

  /** Declared in a line that is missing: at the beginning of the text, or hidden by `--cpus`. */
  #undeclared(first: number, second: number): number {
    this.#undeclaredSwitches += 1;
    const name = String.fromCharCode(first, second);
    return this.#store.tasks.intern(UNKNOWN_PID, `${name} (not named by perf)`);
  }
}

function nameKey(first: number, second: number): number {
  return first * 256 + second;
}

/** Number of the column that switched, or -1. */
function columnOfStar(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at += COLUMN_WIDTH) {
    if (bytes[at] === STAR) return (at - start) / COLUMN_WIDTH;
  }
  return -1;
}
