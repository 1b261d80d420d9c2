/**
 * A part as CSV of the KernelOracle family. The columns of both forms are described at their importer
 * (`trace/importers/csv/kernelOracleCsv.ts`); what a data set keeps makes them whole again, names and PIDs as recorded.
 */
import { csvField, oneLine, PIECE_CHARACTERS } from '../../trace/exporters/csvText.js';
import type { StoredPart } from '../dataSet.js';
import type { DataSetMeta } from './dataSetMeta.js';

const SWITCHES_HEADER = 'timestamp,time_diff,task_name,pid,cpu,prev_state,prev_comm,workload_type,trace_id\n';
const CODES_HEADER = 'task_code,time,name,pid\n';
const LETTERS = 26;
const NS = 1_000_000_000n;

/** Names of recordings as `trace_id`: workload and run, each once. */
export function traceIdsOf({ recordings }: DataSetMeta): string[] {
  const given = new Set<string>();
  return recordings.map(({ workload, run }, index) => {
    const plain = `${workload}_run${run ?? index}`.replaceAll('~', '-');
    const name = given.has(plain) ? `${workload}-${index}_run${run ?? index}`.replaceAll('~', '-') : plain;
    given.add(name);
    return name;
  });
}

/** A sequence of a part, as rows `[start, end)`. */
interface Rows {
  readonly start: number;
  readonly end: number;
  readonly startNs: bigint;
  readonly recording: number;
  /** Which sequence of its recording within the part, from 1. */
  readonly number: number;
}

function* sequencesOf(part: StoredPart): Generator<Rows> {
  const numbers = new Map<number, number>();
  for (let at = 0; at < part.starts.length; at += 1) {
    const { recording } = part.origins[at]!;
    const number = (numbers.get(recording) ?? 0) + 1;
    numbers.set(recording, number);
    const end = part.starts[at + 1] ?? part.rows;
    yield { start: part.starts[at]!, end, startNs: part.startNs[at]!, recording, number };
  }
}

/**
 * One row a switch, in one file: times in seconds with nanoseconds. Sequences of a recording beyond its first are
 * `trace_id~2` and so on: nothing may be learned across their ends.
 */
export function* switchesCsv(part: StoredPart, meta: DataSetMeta): Generator<string> {
  const traceIds = traceIdsOf(meta);
  let text = SWITCHES_HEADER;
  for (const sequence of sequencesOf(part)) {
    const id = traceIds[sequence.recording]!;
    const traceId = sequence.number === 1 ? id : `${id}~${sequence.number}`;
    const origin = `${csvField(oneLine(meta.recordings[sequence.recording]!.category))},${csvField(oneLine(traceId))}\n`;
    const running = new Map<number, string>();
    const time = new Clock(sequence.startNs);
    for (let row = sequence.start; row < sequence.end; row += 1) {
      const deltaNs = row === sequence.start ? 0 : part.deltaNs[row]!;
      const cpu = part.cpu[row]!;
      const name = nameOf(part, meta, row);
      const pid = part.pid[row]!;
      text +=
        `${time.after(deltaNs)},${secondsText(deltaNs)},${name},${pid < 0 ? '' : pid},${cpu},` +
        `${stateOf(part, meta, row)},${running.get(cpu) ?? ''},${origin}`;
      running.set(cpu, name);
      if (text.length < PIECE_CHARACTERS) continue;
      yield text;
      text = '';
    }
  }
  if (text !== '') yield text;
}

/** A file of the form with task codes: one CPU of one sequence, since the form tells neither. */
export interface TaskCodeFile {
  readonly name: string;
  readonly pieces: () => Generator<string>;
}

/** The files of a part in the form with task codes, named by recording, CPU and sequence. */
export function taskCodeFiles(part: StoredPart, meta: DataSetMeta): TaskCodeFile[] {
  const traceIds = traceIdsOf(meta);
  const files: TaskCodeFile[] = [];
  for (const sequence of sequencesOf(part)) {
    const cpus = new Set(part.cpu.subarray(sequence.start, sequence.end));
    for (const cpu of [...cpus].sort((a, b) => a - b)) {
      const id = traceIds[sequence.recording]!.replace(/[^\w.-]/g, '_');
      const number = sequence.number === 1 ? '' : `.${sequence.number}`;
      files.push({
        name: `${id}.cpu${cpu}${number}.csv`,
        pieces: () => taskCodesCsv(part, meta, sequence, cpu),
      });
    }
  }
  return files;
}

function* taskCodesCsv(part: StoredPart, meta: DataSetMeta, sequence: Rows, cpu: number): Generator<string> {
  const codes = new Map<number, string>([[0, '.']]);
  const time = new Clock(sequence.startNs);
  let text = CODES_HEADER;
  for (let row = sequence.start; row < sequence.end; row += 1) {
    const stamp = time.after(row === sequence.start ? 0 : part.deltaNs[row]!);
    const pid = part.pid[row]!;
    if (part.cpu[row] !== cpu || pid < 0) continue;
    const code = codes.get(pid) ?? codeOf(codes.size - 1);
    codes.set(pid, code);
    const name = pid === 0 ? 'swapper' : nameOf(part, meta, row);
    text += `${code},${stamp},${name},${pid}\n`;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

/** perf's codes: `A0` … `Z0`, `A1` …, each for one task. */
function codeOf(thread: number): string {
  return `${String.fromCharCode(65 + (thread % LETTERS))}${Math.floor(thread / LETTERS)}`;
}

function nameOf(part: StoredPart, meta: DataSetMeta, row: number): string {
  if (part.pid[row] === 0) return `swapper/${part.cpu[row]!}`;
  return csvField(oneLine(meta.comms[part.comm[row]!]!));
}

function stateOf(part: StoredPart, meta: DataSetMeta, row: number): string {
  const state = part.state[row]!;
  return state === 0 ? '' : csvField(meta.vocabulary.states[state]!);
}

/** Absolute times as text: exact, and with a BigInt only where a second begins. */
class Clock {
  #seconds: bigint;
  #secondsText: string;
  #ns: number;

  constructor(startNs: bigint) {
    this.#seconds = startNs / NS;
    this.#secondsText = String(this.#seconds);
    this.#ns = Number(startNs % NS);
  }

  after(deltaNs: number): string {
    this.#ns += deltaNs;
    if (this.#ns >= 1e9) {
      const seconds = Math.floor(this.#ns / 1e9);
      this.#ns -= seconds * 1e9;
      this.#seconds += BigInt(seconds);
      this.#secondsText = String(this.#seconds);
    }
    return `${this.#secondsText}.${nineDigits(this.#ns)}`;
  }
}

function secondsText(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  return `${seconds}.${nineDigits(ns - seconds * 1e9)}`;
}

function nineDigits(ns: number): string {
  return String(ns).padStart(9, '0');
}
