/**
 * Latencies as text. Two kinds, told apart by the first line that is one of them:
 *
 * - one number a line, `1292` or `1.292`, which may be followed by its unit: `1.292 us`. A first line of words is the name of
 *   the column, `latency_us`;
 * - what function_graph prints, from `trace_pipe`, `trace` or `trace-cmd report`:
 *   ` 1)   1.234 us    |  can_migrate_task();`, ` 1) + 12.345 us   |  }` (kernel/trace/trace_functions_graph.c), and
 *   `<idle>-0  [001]  12.345678: funcgraph_entry:   1.234 us  |  can_migrate_task();`
 *
 * Lines that begin with `#` are comments. Those of the form `# unit: us` tell something: unit, benchmark, label (or mode,
 * kernel), probe, machine.
 */
import { Failure } from '../../base/errors.js';
import type { Diagnostic } from '../model/traceMetadata.js';
import { HASH, skipSpaces, textOf } from '../importers/text/bytes.js';
import type { LineReader } from '../importers/text/lineSession.js';
import { GrowingValues } from './growingValues.js';
import { GraphCalls } from './graphCalls.js';
import { unitOf, type LatencyUnit } from './latencyUnit.js';

/** What a file says of itself in its comments. */
export type ToldKey = 'unit' | 'benchmark' | 'label' | 'mode' | 'kernel' | 'probe' | 'machine';
const TOLD = /^#\s*(unit|benchmark|label|mode|kernel|probe|machine)\s*[:=]\s*(.{1,200}?)\s*$/i;
const NUMBER = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?:\s*(ns|us|µs|μs|usec|ms|s|sec))?\s*[,;]?$/;
/** Words that may stand above the numbers. */
const COLUMN_NAME = /^"?[A-Za-z][\w ()/.-]{0,60}"?$/;
/** No number is longer, and no line of the tracer. */
const MAX_LINE = 400;

export class LatencyText implements LineReader {
  readonly diagnostics: Diagnostic[] = [];
  /** Lower-case keys. */
  readonly told = new Map<ToldKey, string>();
  /** Values by function; by '' where the file is a list of numbers. */
  readonly values = new Map<string, GrowingValues>();
  kind: 'numbers' | 'function_graph' | undefined;
  /** Events that the tracer says it lost. */
  lost = 0;
  readonly #graph = new GraphCalls();
  /** Of numbers with a unit behind them. */
  #lineUnit: LatencyUnit | undefined;
  #hasColumnName = false;

  /** What the numbers are in, where the file tells it. */
  get unit(): LatencyUnit | undefined {
    if (this.kind === 'function_graph') return 'us';
    return this.#lineUnit ?? unitOf(this.told.get('unit') ?? '');
  }

  line(bytes: Uint8Array, start: number, end: number, lineNumber: number): boolean {
    const from = skipSpaces(bytes, start, end);
    if (from === end) return true;
    if (end - from > MAX_LINE) return false;
    const text = textOf(bytes, from, end).trim();
    if (bytes[from] === HASH) {
      this.#comment(text);
      return true;
    }
    if (this.kind === 'numbers') return this.#number(text, lineNumber);
    if (this.kind === 'function_graph') return this.#call(text);
    return this.#first(text, lineNumber);
  }

  #comment(text: string): void {
    const told = TOLD.exec(text);
    if (told !== null) this.told.set(told[1]!.toLowerCase() as ToldKey, told[2]!);
  }

  #first(text: string, lineNumber: number): boolean {
    if (NUMBER.test(text)) {
      this.kind = 'numbers';
      return this.#number(text, lineNumber);
    }
    if (GraphCalls.isOne(text)) {
      this.kind = 'function_graph';
      return this.#call(text);
    }
    if (GraphCalls.isAround(text)) return true;
    if (this.#hasColumnName || !COLUMN_NAME.test(text)) return false;
    this.#hasColumnName = true;
    const unit = unitOf(/(?:_|\(|\s)(ns|us|usec|ms|s|sec)\)?"?$/i.exec(text)?.[1] ?? '');
    if (unit !== undefined && !this.told.has('unit')) this.told.set('unit', unit);
    return true;
  }

  #number(text: string, lineNumber: number): boolean {
    const match = NUMBER.exec(text);
    if (match === null) return false;
    const value = Number(match[1]);
    if (!Number.isFinite(value) || value < 0) return false;
    if (match[2] !== undefined) this.#setLineUnit(unitOf(match[2])!, lineNumber);
    this.#valuesOf('').add(value);
    return true;
  }

  #setLineUnit(unit: LatencyUnit, lineNumber: number): void {
    if (this.#lineUnit !== undefined && this.#lineUnit !== unit) {
      throw new Failure(
        'bad-input',
        `Line ${lineNumber} is in ${unit}, lines before it are in ${this.#lineUnit}. Write all numbers in one unit.`,
      );
    }
    this.#lineUnit = unit;
  }

  #call(text: string): boolean {
    const lost = /LOST (\d{1,15}) EVENTS/.exec(text);
    if (lost !== null) {
      this.lost += Number(lost[1]);
      this.#graph.forget();
      return true;
    }
    const call = this.#graph.read(text);
    if (call === undefined) return GraphCalls.isAround(text);
    if (call !== null) this.#valuesOf(call.name).add(call.us);
    return true;
  }

  #valuesOf(name: string): GrowingValues {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const added = new GrowingValues();
    this.values.set(name, added);
    return added;
  }
}
