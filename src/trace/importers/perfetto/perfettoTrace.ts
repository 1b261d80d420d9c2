import type { EventStore } from '../../model/eventStore.js';
import { PacketExpander, ZLIB_PACKETS, ZSTD_PACKETS } from './compressedPackets.js';
import { CpuStream, type TraceContext } from './cpuStream.js';
import { DrainWindows } from './drainWindows.js';
import { EventFields } from './eventFields.js';
import { BundleScanner, type FtraceBundle } from './ftraceBundle.js';
import { KernelStates } from './kernelStates.js';
import { SchedEvents } from './schedEvents.js';
import { TaskNames } from './taskNames.js';
import { TraceClock } from './traceClock.js';
import { TraceFacts } from './traceFacts.js';
import {
  FTRACE_EVENTS,
  FTRACE_STATS,
  PROCESS_TREE,
  PacketHead,
  SYSTEM_INFO,
  TASK_STATE_EVENT,
} from './tracePackets.js';
import { LENGTH_DELIMITED, WireReader } from './wire.js';

/** Memory of bundles that wait, at most. Beyond, events are added as they are, and sorted at the end. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Events, and events a CPU, that are worth a merge of all CPUs. */
const MERGED_EVENTS = 4096;
const MERGED_EVENTS_PER_CPU = 4;

const NOTHING = new Uint8Array(0);

/** A trace being read: its packets in, streams of events out. */
export class PerfettoTrace {
  /** Set when a stretch of the trace is complete, so that `streams` have events to add. */
  mayEmit = false;
  packetCount = 0;
  bundleCount = 0;
  /** Offset of the packet with the first of them. */
  firstBundleAt = 0;
  /** Whether there are scheduler events of data sources other than ftrace. */
  hasTaskStates = false;

  readonly #context: TraceContext;
  readonly #names: TaskNames;
  readonly #facts: TraceFacts;
  readonly #windows: DrainWindows;
  readonly #scanner: BundleScanner;
  readonly #expander = new PacketExpander();
  readonly #head = new PacketHead();
  /** Packets that a packet held, and its offset in the file. */
  readonly #expanded = new WireReader();
  #expandedFrom = 0;
  /** Sequences of packets seen, to tell a gap from a beginning. */
  readonly #sequences = new Set<number>();
  #isAfterGap = new Set<number>();
  #recordCount = 0;
  /** Events that came since events were added. */
  #waitingEvents = 0;
  #damagedPackets = 0;
  #firstDamagedAt = 0;
  #bundlesWithoutCpu = 0;
  #otherMachines = 0;
  #ringBufferErrors = 0;
  #unreadable: string | undefined;
  #unreadableCount = 0;

  constructor(store: EventStore) {
    const clock = new TraceClock(store);
    const fields = new EventFields();
    const states = new KernelStates(store);
    this.#names = new TaskNames(store);
    this.#facts = new TraceFacts(store, states);
    this.#scanner = new BundleScanner(clock, fields);
    const events = new SchedEvents(store, this.#names, states, fields);
    const damage = { events: 0, refused: 0, bundles: 0 };
    this.#context = { store, clock, fields, states, events, damage, waitingBytes: 0 };
    this.#windows = new DrainWindows((cpu) => new CpuStream(cpu, this.#context));
  }

  get streams(): readonly CpuStream[] {
    return this.#windows.streams;
  }

  /** Takes the packet `[start, stop)`, which stands at this offset of the file. */
  read(bytes: Uint8Array, start: number, stop: number, offset: number): void {
    this.#readPacket(bytes, start, stop, offset, true);
  }

  /** Reads a packet that the last one held, compressed; false when there is no more. */
  readExpanded(): boolean {
    const reader = this.#expanded;
    while (reader.next()) {
      if (reader.field !== 1 || reader.wireType !== LENGTH_DELIMITED) continue;
      this.#readPacket(reader.bytes, reader.start, reader.stop, this.#expandedFrom, false);
      return true;
    }
    if (reader.isDamaged) this.#notePacket(this.#expandedFrom);
    reader.open(NOTHING, 0, 0);
    return false;
  }

  /** All events may be added: the trace is at its end. */
  releaseAll(): void {
    this.#windows.releaseAll();
  }

  /** Completes names and metadata, and says what could not be read. */
  finish(): void {
    for (const stream of this.streams) stream.finish();
    this.#names.apply();
    this.#facts.finish();
    this.#reportDamage();
  }

  #readPacket(bytes: Uint8Array, start: number, stop: number, offset: number, mayHoldPackets: boolean): void {
    const head = this.#head;
    this.packetCount += 1;
    if (!head.read(bytes, start, stop)) this.#notePacket(offset);
    const { field, sequence } = head;
    if (field === 0) return;
    if (head.machine !== 0) {
      this.#otherMachines += 1;
      return;
    }
    const isGap = head.isAfterLoss && this.#sequences.has(sequence);
    switch (field) {
      case FTRACE_EVENTS:
        this.#sequences.add(sequence);
        if (isGap) for (const { cpu } of this.streams) this.#isAfterGap.add(cpu);
        this.#readBundle(bytes, head.start, head.stop, offset);
        return;
      case PROCESS_TREE:
        if (!this.#names.readProcessTree(bytes, head.start, head.stop)) this.#notePacket(offset);
        return;
      case FTRACE_STATS:
        if (!this.#facts.readFtraceStats(bytes, head.start, head.stop)) this.#notePacket(offset);
        return;
      case SYSTEM_INFO:
        if (!this.#facts.readSystemInfo(bytes, head.start, head.stop)) this.#notePacket(offset);
        return;
      case TASK_STATE_EVENT:
        this.hasTaskStates = true;
        return;
      case ZLIB_PACKETS:
      case ZSTD_PACKETS:
        // Compressed packets are not compressed again.
        if (mayHoldPackets) this.#readCompressed(field, bytes.subarray(head.start, head.stop), offset);
        else this.#notePacket(offset);
    }
  }

  #readBundle(bytes: Uint8Array, start: number, stop: number, offset: number): void {
    const scanned = this.#scanner.scan(bytes, start, stop);
    if (this.bundleCount === 0) this.firstBundleAt = offset;
    this.bundleCount += 1;
    if (scanned === undefined) {
      this.#bundlesWithoutCpu += 1;
      return;
    }
    if (scanned.isDamaged) this.#notePacket(offset);
    const bundle = this.#isAfterGap.delete(scanned.cpu) ? { ...scanned, isAfterLoss: true } : scanned;
    this.#ringBufferErrors += bundle.errorCount;
    if (bundle.latestNs > -Infinity) this.#facts.addClock(bundle.clock);
    if (bundle.recordCount > 0 || bundle.isAfterLoss) this.#queue(bundle);
    this.#recordCount += bundle.recordCount;
  }

  #queue(bundle: FtraceBundle): void {
    const windows = this.#windows;
    this.#waitingEvents += bundle.recordCount;
    const isNewRound = bundle.latestNs > -Infinity && windows.begin(bundle.cpu, bundle.latestNs);
    const worthwhile = Math.max(MERGED_EVENTS, MERGED_EVENTS_PER_CPU * this.streams.length);
    if (isNewRound && this.#waitingEvents >= worthwhile) this.#emitSoon();
    windows.streamOf(bundle.cpu).push(bundle, this.#recordCount + 1);
    if (this.#context.waitingBytes <= MAX_WAITING_BYTES) return;
    windows.releaseAll();
    this.#emitSoon();
  }

  #emitSoon(): void {
    this.mayEmit = true;
    this.#waitingEvents = 0;
  }

  #readCompressed(field: number, compressed: Uint8Array, offset: number): void {
    const bytes = this.#expander.expand(field, compressed);
    if (typeof bytes === 'string') {
      this.#unreadableCount += 1;
      this.#unreadable ??= `at byte ${offset}: ${bytes}`;
      return;
    }
    this.#expanded.open(bytes, 0, bytes.length);
    this.#expandedFrom = offset;
  }

  #notePacket(offset: number): void {
    if (this.#damagedPackets === 0) this.#firstDamagedAt = offset;
    this.#damagedPackets += 1;
  }

  #reportDamage(): void {
    const { damage, events, store } = this.#context;
    const report = (severity: 'error' | 'warning' | 'info', count: number, message: string) => {
      if (count > 0) store.diagnostics.push({ severity, message });
    };
    const packets = this.#damagedPackets;
    report(
      'error',
      packets,
      `Damaged packets: ${packets}, the first at byte ${this.#firstDamagedAt}. What could be read of them is shown.`,
    );
    report(
      'error',
      this.#unreadableCount,
      `Compressed packets that cannot be expanded: ${this.#unreadableCount}, the first ${this.#unreadable ?? ''}. Their events are missing.`,
    );
    report(
      'error',
      this.#bundlesWithoutCpu,
      `Batches of events that do not name a CPU: ${this.#bundlesWithoutCpu}. They were left out.`,
    );
    report(
      'error',
      damage.bundles,
      `Batches whose arrays of events do not fit together: ${damage.bundles}. Their events are shown as far as they do.`,
    );
    report(
      'error',
      damage.events,
      `Damaged or incomplete scheduler events: ${damage.events}. They were left out.`,
    );
    report(
      'error',
      damage.refused,
      `Events that lie more than 104 days away from the first one: ${damage.refused}. Their time stamps are damaged, and they were left out.`,
    );
    report(
      'warning',
      this.#ringBufferErrors,
      `While recording, Perfetto could not make sense of the kernel's ring buffer ${this.#ringBufferErrors} times: events are missing there.`,
    );
    report(
      'warning',
      this.#otherMachines,
      `Packets of other machines (a guest, a remote host): ${this.#otherMachines}. They were left out, since their CPUs and threads are not those of this one.`,
    );
    report(
      'info',
      events.unsuccessfulWakeups,
      `Wakeups that woke nobody (success=0): ${events.unsuccessfulWakeups}. They were left out.`,
    );
  }
}
