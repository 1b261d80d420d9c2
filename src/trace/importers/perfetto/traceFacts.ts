/** What a trace says of the machine and of its own completeness. */
import type { EventStore } from '../../model/eventStore.js';
import type { KernelStates } from './kernelStates.js';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

const MAX_CPUS = 8192;
const START_OF_TRACE = 1;
const END_OF_TRACE = 2;
/** FtraceClock in protos/perfetto/trace/ftrace/ftrace_event_bundle.proto; unspecified is time since boot. */
const CLOCKS = ['boot', 'unknown', 'global', 'local', 'mono_raw'];
/** Names listed in one sentence. */
const NAMED_EVENTS = 8;

export class TraceFacts {
  readonly #store: EventStore;
  readonly #states: KernelStates;
  readonly #reader = new WireReader();
  readonly #inner = new WireReader();
  readonly #clocks = new Set<number>();
  /** By CPU: events lost so far, at the beginning and at the end of the trace. */
  readonly #atStart = new Map<number, number>();
  readonly #atEnd = new Map<number, number>();
  readonly #missingEvents = new Set<string>();

  constructor(store: EventStore, states: KernelStates) {
    this.#store = store;
    this.#states = states;
  }

  addClock(clock: number): void {
    this.#clocks.add(clock);
  }

  /**
   * Reads a SystemInfo (protos/perfetto/trace/system_info.proto): utsname = 1 { sysname = 1, version = 2, release = 3,
   * machine = 4 }, android_build_fingerprint = 2, tracing_service_version = 4, num_cpus = 8. False when it is damaged.
   */
  readSystemInfo(bytes: Uint8Array, start: number, stop: number): boolean {
    const { metadata } = this.#store;
    const reader = this.#reader.open(bytes, start, stop);
    while (reader.next()) {
      if (reader.wireType === LENGTH_DELIMITED) {
        if (reader.field === 1) this.#readUtsname(bytes, reader.start, reader.stop);
        else if (reader.field === 2) metadata.properties.set('Android build', reader.text());
        else if (reader.field === 4) metadata.properties.set('tracing service', reader.text());
      } else if (reader.field === 8 && reader.wireType === VARINT) {
        const count = reader.unsigned();
        if (count > 0 && count <= MAX_CPUS) metadata.cpuCount = count;
      }
    }
    return !reader.isDamaged;
  }

  /**
   * Reads a FtraceStats (protos/perfetto/trace/ftrace/ftrace_stats.proto): phase = 1, cpu_stats = 2 { cpu = 1,
   * overrun = 3, dropped_events = 8 }, unknown_ftrace_events = 6, failed_ftrace_events = 7. False when it is damaged.
   */
  readFtraceStats(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#reader.open(bytes, start, stop);
    const lost = new Map<number, number>();
    let phase = 0;
    while (reader.next()) {
      if (reader.field === 1 && reader.wireType === VARINT) phase = reader.lo;
      if (reader.wireType !== LENGTH_DELIMITED) continue;
      if (reader.field === 2) this.#readCpuStats(bytes, reader.start, reader.stop, lost);
      else if (reader.field === 6 || reader.field === 7) this.#missingEvents.add(reader.text());
    }
    const phases = phase === START_OF_TRACE ? this.#atStart : this.#atEnd;
    if (phase === START_OF_TRACE || phase === END_OF_TRACE) {
      for (const [cpu, count] of lost) phases.set(cpu, count);
    }
    return !reader.isDamaged;
  }

  finish(): void {
    const { metadata, diagnostics } = this.#store;
    const clocks = [...this.#clocks].map((clock) => CLOCKS[clock] ?? `number ${clock}`);
    if (clocks.length > 0) metadata.properties.set('clock', clocks.join(', '));
    if (clocks.length > 1) {
      diagnostics.push({
        severity: 'warning',
        message: `The clock of the events changes in this trace (${clocks.join(', ')}): times before and behind the change do not compare.`,
      });
    }
    if (this.#atEnd.size > 0) metadata.overwrittenEvents = this.#lostEvents();
    const missing = [...this.#missingEvents].filter((name) => name.includes('sched'));
    if (missing.length > 0) {
      diagnostics.push({
        severity: 'warning',
        message: `The kernel did not offer events that were to be recorded: ${missing.slice(0, NAMED_EVENTS).join(', ')}.`,
      });
    }
  }

  #lostEvents(): number | undefined {
    let sum = 0;
    for (const [cpu, count] of this.#atEnd) sum += Math.max(0, count - (this.#atStart.get(cpu) ?? 0));
    return Number.isSafeInteger(sum) ? sum : undefined;
  }

  #readUtsname(bytes: Uint8Array, start: number, stop: number): void {
    const { properties } = this.#store.metadata;
    const reader = this.#inner.open(bytes, start, stop);
    while (reader.next()) {
      if (reader.wireType !== LENGTH_DELIMITED) continue;
      if (reader.field === 2) properties.set('kernel version', reader.text());
      else if (reader.field === 3) {
        const release = reader.text();
        properties.set('kernel', release);
        this.#states.setRelease(release);
      } else if (reader.field === 4) properties.set('machine', reader.text());
    }
  }

  #readCpuStats(bytes: Uint8Array, start: number, stop: number, lost: Map<number, number>): void {
    const reader = this.#inner.open(bytes, start, stop);
    let cpu = -1;
    let count = 0;
    while (reader.next()) {
      if (reader.wireType !== VARINT) continue;
      if (reader.field === 1) cpu = reader.unsigned();
      else if (reader.field === 3 || reader.field === 8) count += reader.unsigned();
    }
    if (cpu >= 0 && cpu < MAX_CPUS && Number.isSafeInteger(count)) lost.set(cpu, count);
  }
}
