import { EventRefused } from '../../model/eventRefused.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import { NO_TASK } from '../../model/taskTable.js';
import type { TimedStream } from '../tracepoint/timeMerge.js';
import { CompactCursor } from './compactSched.js';
import type { EventFields } from './eventFields.js';
import { EventCursor, type FtraceBundle } from './ftraceBundle.js';
import type { KernelStates } from './kernelStates.js';
import { prioOf, targetCpuOf, type EventPlace, type SchedEvents } from './schedEvents.js';
import type { TraceClock } from './traceClock.js';

/** Bundles that are let go together, lest a queue that is never empty keeps them all. */
const DONE_BUNDLES = 4096;

/** What all CPUs of a trace share. */
export interface TraceContext {
  readonly store: EventStore;
  readonly clock: TraceClock;
  readonly fields: EventFields;
  readonly states: KernelStates;
  readonly events: SchedEvents;
  readonly damage: Damage;
  /** Memory of bundles that were read and not yet added. */
  waitingBytes: number;
}

/** What could not be read, counted. */
export interface Damage {
  /** Events that lack a field or are damaged. */
  events: number;
  /** Events more than 104 days away from the beginning. */
  refused: number;
  /** Bundles whose arrays do not fit together. */
  bundles: number;
}

interface QueuedBundle {
  readonly bundle: FtraceBundle;
  /** 1-based number of its first event in the file. */
  readonly firstRecord: number;
}

/**
 * The bundles of one CPU that were read and not yet added. In each, three lists of events go on side by side: compact
 * switches, compact wakings, and messages; of equal times they come in this order, as in Perfetto's own reader.
 */
export class CpuStream implements TimedStream {
  /** Offset up to which events may be added. */
  untilNs = -Infinity;

  readonly #context: TraceContext;
  readonly #place: EventPlace;
  #queue: QueuedBundle[] = [];
  #queueAt = 0;
  #current: QueuedBundle | undefined;
  #switches: CompactCursor | undefined;
  #wakings: CompactCursor | undefined;
  #events: EventCursor | undefined;
  /** Offset of what comes next in each list, and of the earliest of them; Infinity at the end. */
  #switchNs = Infinity;
  #wakingNs = Infinity;
  #eventNs = Infinity;
  #headNs = Infinity;
  /** Where a loss was reported behind which no event has come yet; 0 for none. */
  #lossRecord = 0;

  constructor(
    readonly cpu: number,
    context: TraceContext,
  ) {
    this.#context = context;
    this.#place = { cpu, timeNs: 0, record: 0, pid: undefined, running: NO_TASK, runningPid: -1 };
  }

  get nextNs(): number {
    return this.#headNs <= this.untilNs ? this.#headNs : Infinity;
  }

  push(bundle: FtraceBundle, firstRecord: number): void {
    this.#queue.push({ bundle, firstRecord });
    this.#context.waitingBytes += bundle.weightBytes;
    if (this.#current === undefined) this.#openNext();
  }

  emitUntil(limitNs: number, budget: number): number {
    const until = Math.min(limitNs, this.untilNs, Number.MAX_VALUE);
    let count = 0;
    while (count < budget && this.#headNs <= until) {
      try {
        while (count < budget && this.#headNs <= until) {
          count += 1;
          this.#emit();
          this.#findHead();
        }
      } catch (error) {
        if (!(error instanceof EventRefused)) throw error;
        this.#context.damage.refused += 1;
        this.#findHead();
      }
    }
    return count;
  }

  /** Reports a loss at the very end, behind which this CPU has no event. */
  finish(): void {
    this.#reportLoss();
  }

  #emit(): void {
    const head = this.#headNs;
    this.#place.timeNs = head;
    if (this.#lossRecord !== 0) this.#reportLoss();
    if (this.#switchNs === head) this.#emitSwitch(this.#switches!);
    else if (this.#wakingNs === head) this.#emitWaking(this.#wakings!);
    else this.#emitEvent(this.#events!);
  }

  #emitSwitch(cursor: CompactCursor): void {
    const { store, states } = this.#context;
    const place = this.#place;
    const { bundle, firstRecord } = this.#current!;
    const isWhole = cursor.read();
    this.#switchNs = cursor.nextNs;
    if (!isWhole) return;
    const { pid } = cursor;
    const actor = place.running;
    const subject = this.#task(pid, bundle, cursor);
    if (subject === NO_TASK) return;
    place.running = subject;
    place.runningPid = pid;
    store.addAt(
      EventType.Switch,
      place.timeNs,
      place.cpu,
      actor,
      subject,
      UNKNOWN_PRIO,
      prioOf(cursor.prio),
      states.numberOf(cursor.state),
      0,
      0,
      firstRecord + cursor.count - 1,
    );
  }

  #emitWaking(cursor: CompactCursor): void {
    const { store } = this.#context;
    const place = this.#place;
    const { bundle, firstRecord } = this.#current!;
    const isWhole = cursor.read();
    this.#wakingNs = cursor.nextNs;
    if (!isWhole) return;
    const subject = this.#task(cursor.pid, bundle, cursor);
    if (subject === NO_TASK) return;
    store.addAt(
      EventType.Waking,
      place.timeNs,
      place.cpu,
      place.running,
      subject,
      UNKNOWN_PRIO,
      prioOf(cursor.prio),
      0,
      0,
      targetCpuOf(cursor.targetCpu),
      firstRecord + bundle.compact!.switchCount + cursor.count - 1,
    );
  }

  #emitEvent(cursor: EventCursor): void {
    const { fields, events, damage } = this.#context;
    const { bundle, firstRecord } = this.#current!;
    const place = this.#place;
    const { head, index } = cursor;
    const { id } = head;
    place.pid = head.pid;
    place.record = firstRecord + bundle.recordCount - bundle.eventCount + index;
    const event = fields.read(id, bundle.bytes, head.start, head.stop);
    cursor.advance();
    this.#eventNs = cursor.nextNs;
    if (event !== undefined) {
      if (!events.add(event, bundle.bytes, place)) damage.events += 1;
    } else if (fields.isDamaged) damage.events += 1;
  }

  #task(pid: number, { compact }: FtraceBundle, cursor: CompactCursor): number {
    if (pid < 0) {
      this.#context.damage.events += 1;
      return NO_TASK;
    }
    return this.#context.store.tasks.internBytes(pid, compact!.bytes, cursor.commStart, cursor.commStop);
  }

  #findHead(): void {
    let head = this.#switchNs;
    if (this.#wakingNs < head) head = this.#wakingNs;
    if (this.#eventNs < head) head = this.#eventNs;
    this.#headNs = head;
    if (head === Infinity) this.#openNext();
  }

  /** Goes on to the next bundle that holds an event. */
  #openNext(): void {
    this.#close();
    while (this.#queueAt < this.#queue.length) {
      this.#open(this.#queue[this.#queueAt]!);
      this.#queueAt += 1;
      if (this.#queueAt >= DONE_BUNDLES) {
        this.#queue = this.#queue.slice(this.#queueAt);
        this.#queueAt = 0;
      }
      if (this.#headNs !== Infinity) return;
      this.#close();
    }
    this.#queue = [];
    this.#queueAt = 0;
  }

  #open(queued: QueuedBundle): void {
    const { clock, fields } = this.#context;
    const { bundle } = queued;
    this.#current = queued;
    if (bundle.isAfterLoss && this.#lossRecord === 0) this.#lossRecord = queued.firstRecord;
    if (bundle.compact !== undefined) {
      this.#switches = new CompactCursor(bundle.compact, clock, 'switch');
      this.#wakings = new CompactCursor(bundle.compact, clock, 'waking');
      this.#switchNs = this.#switches.nextNs;
      this.#wakingNs = this.#wakings.nextNs;
    }
    this.#events = new EventCursor(bundle.bytes, clock, fields);
    this.#eventNs = this.#events.nextNs;
    this.#headNs = Math.min(this.#switchNs, this.#wakingNs, this.#eventNs);
  }

  #close(): void {
    const { damage } = this.#context;
    if (this.#current === undefined) return;
    this.#context.waitingBytes -= this.#current.bundle.weightBytes;
    if (this.#switches?.isDamaged === true || this.#wakings?.isDamaged === true) damage.bundles += 1;
    damage.events += this.#events?.damaged ?? 0;
    this.#current = undefined;
    this.#switches = undefined;
    this.#wakings = undefined;
    this.#events = undefined;
    this.#switchNs = this.#wakingNs = this.#eventNs = this.#headNs = Infinity;
  }

  #reportLoss(): void {
    if (this.#lossRecord === 0) return;
    this.#context.store.addLoss(this.cpu, undefined, this.#lossRecord);
    this.#lossRecord = 0;
    this.#place.running = NO_TASK;
    this.#place.runningPid = -1;
  }
}
