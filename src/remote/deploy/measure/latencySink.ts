import { createHash } from 'node:crypto';
import { GraphCalls } from '../../../trace/latency/graphCalls.js';
import { GrowingValues } from '../../../trace/latency/growingValues.js';
import type { Digest } from '../../artifacts/digest.js';
import type { RecordingSink } from '../../collect/streamedRun.js';
import type { LatencyProbe } from './probes.js';

/** A line of a tracer is shorter; what is longer is none. */
const MAX_LINE = 1000;
/** The compiler may have added to the name: `can_migrate_task.isra.0`. */
const FUNCTION = /^can_migrate_task(\.|$)/;

/** Latencies as a probe prints them, kept in memory: what is written of them depends on all repeats. */
export class LatencySink implements RecordingSink {
  /** ns */
  readonly values = new GrowingValues();
  readonly lostByCpu = new Map<number, number>();
  /** Calls as the kernel counted them; null: not told. */
  total: number | null = null;
  #lost = 0;
  #sizeBytes = 0;
  readonly #hash = createHash('sha256');
  readonly #graph = new GraphCalls();
  #rest = '';

  constructor(private readonly probe: LatencyProbe) {}

  get events(): number {
    return this.values.length;
  }

  /** Of function_graph: the tracer's own count says more than the text, and is told beside it. */
  get lostEvents(): number {
    return this.total === null ? this.#lost : Math.max(0, this.total - this.values.length);
  }

  /** Failures: `too-large`. */
  write(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.#sizeBytes += chunk.length;
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop()!.slice(0, MAX_LINE);
    for (const line of lines) if (line.length < MAX_LINE) this.#line(line.trim());
    return Promise.resolve();
  }

  /** A last line without its end may be half a number, and is left out. */
  finish(): Promise<Digest> {
    return Promise.resolve({ sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #line(line: string): void {
    if (this.probe === 'function_graph') this.#call(line);
    else this.#number(line);
  }

  #call(line: string): void {
    if (line.startsWith('#')) return;
    if (/LOST \d+ EVENTS/.test(line)) {
      this.#graph.forget();
      return;
    }
    const call = this.#graph.read(line);
    // Printed in us with three digits: whole ns.
    if (call != null && FUNCTION.test(call.name)) this.values.add(Math.round(call.us * 1000));
  }

  #number(line: string): void {
    if (/^\d{1,15}$/.test(line)) {
      this.values.add(Number(line));
      return;
    }
    const calls = /^@calls: (\d{1,15})$/.exec(line);
    if (calls !== null) this.total = Number(calls[1]);
    const lost = /^Lost (\d{1,15}) events?$/.exec(line);
    if (lost !== null) this.#lost += Number(lost[1]);
  }
}
