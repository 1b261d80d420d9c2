/**
 * Where the records of an event hold what the model takes: offsets from a record's beginning. They are looked up once,
 * when the format is learned; all events share one class, so that code that reads records sees objects of one shape.
 * (Closures made for each format cannot be inlined any more as soon as there are two of a kind.)
 */
import { EventType } from '../../model/eventType.js';
import type { EventFormat } from './eventFormat.js';
import { prevStatePrinter } from './prevStateText.js';
import { RecordLayout, type TextPlace } from './recordLayout.js';

/** A field that the records of an event do not have. */
export const ABSENT = -1;

/** Where a record names a task. */
export interface TaskPlace {
  readonly pidAt: number;
  /** A comm in the kernel's form of 16 bytes; ABSENT where it has another form. */
  readonly commAt: number;
  /** A comm of another form; undefined where the event carries none, as some since 6.18-rc. */
  readonly comm: TextPlace | undefined;
  /** Where a u32 tells the place of the comm, counted from `textOrigin` on, and its length; ABSENT where none does. */
  readonly locationAt: number;
  readonly textOrigin: number;
}

/** The kernel's highest state (TASK_STATE_MAX) is below. */
const CACHED_STATES = 65536;

const NOBODY: TaskPlace = {
  pidAt: ABSENT,
  commAt: ABSENT,
  comm: undefined,
  locationAt: ABSENT,
  textOrigin: 0,
};

export class RecordPlan {
  /** A record is at least as long. */
  minimumBytes = 0;
  /** Whether the compiled decoder can read it. */
  hasWords = false;
  /** `common_pid`: who ran. */
  actorPidAt = ABSENT;
  flagsAt = ABSENT;
  preemptCountAt = ABSENT;
  subject = NOBODY;
  prioAt = ABSENT;
  /** The second task of a switch or fork: who ran before, the parent. */
  partner = NOBODY;
  partnerPrioAt = ABSENT;
  stateAt = ABSENT;
  /** Text of a `prev_state`, as the kernel prints it. */
  printState: (prevState: number) => string = String;
  /** By `prev_state`: number of its text in the store, 0 not made yet. Of the other events empty. */
  stateNumbers = new Uint16Array(0);
  /** Of old wakeups. */
  successAt = ABSENT;
  /** What `arg` is made of: target CPU, original CPU, low half of the run time, old pid. */
  argAt = ABSENT;
  /** Destination CPU, high half of the run time. */
  secondArgAt = ABSENT;
  /** Low half of the virtual run time, and the high one. */
  vruntimeAt = ABSENT;
  secondVruntimeAt = ABSENT;
  filename: TextPlace | undefined = undefined;
  /** Its number in the compiled decoder; ABSENT where that has none. */
  compiledNumber = ABSENT;

  constructor(readonly type: EventType) {}
}

/** The plan for an event; undefined when its format lacks a field that the model needs. */
export function recordPlan(type: EventType, format: EventFormat, isLittle: boolean): RecordPlan | undefined {
  const layout = new RecordLayout(format, isLittle);
  const plan = new RecordPlan(type);
  placeOwnFields(plan, layout, isLittle);
  const flagsAt = layout.optionalByte('common_flags');
  const preemptCountAt = layout.optionalByte('common_preempt_count');
  if (flagsAt !== undefined && preemptCountAt !== undefined) {
    plan.flagsAt = flagsAt;
    plan.preemptCountAt = preemptCountAt;
  }
  if (type === EventType.Switch) {
    plan.printState = prevStatePrinter(format.printFormat);
    plan.stateNumbers = new Uint16Array(CACHED_STATES);
  }
  plan.minimumBytes = layout.minimumBytes;
  plan.hasWords = consistsOfWords(plan);
  return layout.isUsable ? plan : undefined;
}

function placeOwnFields(plan: RecordPlan, layout: RecordLayout, isLittle: boolean): void {
  switch (plan.type) {
    case EventType.Switch:
      plan.partner = taskPlace(layout, 'prev_comm', 'prev_pid');
      plan.subject = taskPlace(layout, 'next_comm', 'next_pid');
      plan.partnerPrioAt = layout.int32('prev_prio');
      plan.stateAt = layout.int32('prev_state');
      plan.prioAt = layout.int32('next_prio');
      return;
    case EventType.Wakeup:
    case EventType.WakeupNew:
    case EventType.Waking:
      placeOneTask(plan, layout);
      plan.prioAt = layout.int32('prio');
      plan.argAt = layout.int32('target_cpu', 'cpu');
      plan.successAt = layout.optionalInt32('success') ?? ABSENT;
      return;
    case EventType.Migrate:
      placeOneTask(plan, layout);
      plan.prioAt = layout.int32('prio');
      plan.argAt = layout.int32('orig_cpu');
      plan.secondArgAt = layout.int32('dest_cpu');
      return;
    case EventType.StatRuntime: {
      placeOneTask(plan, layout);
      const runtimeAt = layout.int64('runtime');
      plan.argAt = runtimeAt + (isLittle ? 0 : 4);
      plan.secondArgAt = runtimeAt + (isLittle ? 4 : 0);
      const vruntimeAt = layout.optionalInt64('vruntime');
      if (vruntimeAt !== undefined) {
        plan.vruntimeAt = vruntimeAt + (isLittle ? 0 : 4);
        plan.secondVruntimeAt = vruntimeAt + (isLittle ? 4 : 0);
      }
      return;
    }
    case EventType.Fork:
      plan.partner = taskPlace(layout, 'parent_comm', 'parent_pid');
      plan.subject = taskPlace(layout, 'child_comm', 'child_pid');
      return;
    case EventType.Exit:
      placeOneTask(plan, layout);
      plan.prioAt = layout.int32('prio');
      return;
    case EventType.Exec:
      plan.actorPidAt = layout.int32('common_pid');
      plan.filename = layout.text('filename');
      plan.argAt = layout.int32('old_pid');
      return;
  }
}

/** Who ran, and whom the event is about. */
function placeOneTask(plan: RecordPlan, layout: RecordLayout): void {
  plan.actorPidAt = layout.int32('common_pid');
  plan.subject = taskPlace(layout, 'comm', 'pid');
}

function taskPlace(layout: RecordLayout, commName: string, pidName: string): TaskPlace {
  const pidAt = layout.int32(pidName);
  const commAt = layout.optionalComm16(commName);
  const comm = commAt === undefined ? layout.optionalText(commName) : undefined;
  const isElsewhere = comm?.sizeBytes === 0;
  return {
    pidAt,
    commAt: commAt ?? ABSENT,
    comm,
    locationAt: isElsewhere ? comm.offset : ABSENT,
    textOrigin: isElsewhere ? comm.origin : 0,
  };
}

const FREQUENT: ReadonlySet<EventType> = new Set([
  EventType.Switch,
  EventType.Wakeup,
  EventType.WakeupNew,
  EventType.Waking,
  EventType.StatRuntime,
  EventType.Migrate,
]);

/** Whether all that the plan asks for are words at multiples of 4, but for the two bytes behind the event's id. */
function consistsOfWords(plan: RecordPlan): boolean {
  const { subject, partner } = plan;
  const offsets = [
    subject.pidAt,
    Math.max(subject.commAt, subject.locationAt),
    plan.prioAt,
    plan.partnerPrioAt,
    plan.stateAt,
    plan.actorPidAt,
    plan.successAt,
    plan.argAt,
    plan.secondArgAt,
    plan.vruntimeAt,
    plan.secondVruntimeAt,
  ];
  if (plan.type === EventType.Switch)
    offsets.push(partner.pidAt, Math.max(partner.commAt, partner.locationAt));
  const hasComms = subject.commAt !== ABSENT || subject.locationAt !== ABSENT;
  const hasPartnersComm = partner.commAt !== ABSENT || partner.locationAt !== ABSENT;
  return (
    FREQUENT.has(plan.type) &&
    plan.flagsAt === 2 &&
    plan.preemptCountAt === 3 &&
    hasComms &&
    (hasPartnersComm || plan.type !== EventType.Switch) &&
    offsets.every((offset) => offset === ABSENT || offset % 4 === 0)
  );
}
