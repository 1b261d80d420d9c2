import { ThreadState, type LaneId, type Neighbour, type SliceDetail } from '../protocol/traceMessages.js';
import { EVENT_NAMES } from '../trace/model/eventType.js';
import { UNKNOWN_PRIO } from '../trace/model/eventStore.js';
import { IDLE_THREAD, NO_TASK } from '../trace/model/taskTable.js';
import { CpuChange, type CpuTimeline } from './cpuTimeline.js';
import { LEADING_SEGMENTS } from './laneTimeline.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadRole, UNKNOWN_CPU, type ThreadTimeline } from './threadTimeline.js';

/** The slice or interval of a lane at a time; null where nothing is known, as across lost events. */
export function sliceAt(model: SchedulingModel, lane: LaneId, atNs: number): SliceDetail | null {
  if (model.length === 0 || !(atNs >= model.startNs && atNs <= model.endNs)) return null;
  if (lane.kind === 'thread') {
    const timeline = model.threads[lane.thread];
    if (timeline === undefined) return null;
    return threadSegmentDetail(model, timeline, timeline.segmentAt(atNs));
  }
  const timeline = model.cpus[lane.cpu]?.timeline;
  if (timeline === undefined) return null;
  return runningDetail(model, lane.cpu, timeline, timeline.segmentAt(atNs));
}

/** The first Running slice of a thread that starts after a time (1), or the last that starts before it (-1). */
export function stepSlice(
  model: SchedulingModel,
  thread: number,
  fromNs: number,
  direction: 1 | -1,
): SliceDetail | null {
  const timeline = model.threads[thread];
  if (timeline === undefined || timeline.entries.length === 0) return null;
  let segment = timeline.segmentAt(fromNs) + (direction === 1 ? 1 : 0);
  for (; segment > 0 && segment < timeline.segmentCount; segment += direction) {
    const startNs = timeline.startOf(segment);
    const isBeyond = direction === 1 ? startNs > fromNs : startNs < fromNs;
    if (isBeyond && timeline.stateOf(segment) === ThreadState.Running) {
      return threadSegmentDetail(model, timeline, segment);
    }
  }
  return null;
}

function threadSegmentDetail(
  model: SchedulingModel,
  timeline: ThreadTimeline,
  segment: number,
): SliceDetail | null {
  const state = timeline.stateOf(segment);
  if (state === ThreadState.Unknown) return null;
  if (state !== ThreadState.Running) return waitingDetail(model, timeline, segment, state);
  const cpu = timeline.cpuOf(segment);
  const onCpu = model.cpus[cpu]!.timeline;
  return runningDetail(model, cpu, onCpu, cpuSegmentOf(onCpu, timeline, segment));
}

/** Segment of a CPU's timeline that is this Running segment of a thread; the two begin at the same row. */
function cpuSegmentOf(onCpu: CpuTimeline, timeline: ThreadTimeline, segment: number): number {
  if (segment < LEADING_SEGMENTS) return 1;
  const row = timeline.rowOf(segment);
  for (const change of [CpuChange.Switch, CpuChange.Resumed, CpuChange.Renamed]) {
    const found = onCpu.segmentOfRow(row, change);
    if (found >= 0) return found;
  }
  // The stay began before this CPU's first switch, at its first event.
  return 1;
}

function runningDetail(
  model: SchedulingModel,
  cpu: number,
  timeline: CpuTimeline,
  segment: number,
): SliceDetail | null {
  const { store } = model;
  const task = timeline.taskOf(segment);
  if (task === NO_TASK) return null;
  const isSwitchedIn = segment >= LEADING_SEGMENTS && timeline.tagOf(segment) !== CpuChange.Resumed;
  // A stay whose beginning is not recorded is told by the event that ended it.
  const row = isSwitchedIn
    ? timeline.rowOf(segment)
    : timeline.rowOf(Math.max(segment + 1, LEADING_SEGMENTS));
  const isLast = segment === timeline.segmentCount - 1;
  const prio = isSwitchedIn ? store.subjectPrio[row]! : store.actorPrio[row]!;
  return {
    ...identity(model, task),
    prio: prio === UNKNOWN_PRIO ? null : prio,
    state: ThreadState.Running,
    cpu,
    startNs: timeline.startOf(segment),
    endNs: isLast ? null : timeline.endOf(segment),
    row,
    leftState: leftState(model, timeline, segment),
    ...reasonToRun(model, task, isSwitchedIn ? row : -1),
    before: neighbour(model, timeline, segment - 1),
    after: isLast ? null : neighbour(model, timeline, segment + 1),
    ...store.placeOf(store.line[row]!),
  };
}

function identity(model: SchedulingModel, task: number) {
  const { tasks } = model.store;
  const thread = tasks.threads[task]!;
  const tgid = tasks.threadTgids[thread]!;
  return { thread, comm: tasks.comms[task]!, pid: tasks.pids[task]!, tgid: tgid < 0 ? null : tgid };
}

function leftState(model: SchedulingModel, timeline: CpuTimeline, segment: number): string | null {
  const next = Math.max(segment + 1, LEADING_SEGMENTS);
  if (next >= timeline.segmentCount || timeline.tagOf(next) !== CpuChange.Switch) return null;
  const { store } = model;
  return store.states.get(store.state[timeline.rowOf(next)]!) || null;
}

/** The wakeup or the preemption after which a thread was switched in at a row. */
function reasonToRun(
  model: SchedulingModel,
  task: number,
  row: number,
): Pick<SliceDetail, 'wakeup' | 'preemptionWaitNs'> {
  const none = { wakeup: null, preemptionWaitNs: null };
  const thread = model.store.tasks.threads[task]!;
  if (thread === IDLE_THREAD || row < 0) return none;
  const timeline = model.threads[thread]!;
  const segment = timeline.segmentOfRow(row, ThreadRole.SwitchedIn);
  if (segment <= LEADING_SEGMENTS) return none;
  const waitedNs = timeline.startOf(segment) - timeline.startOf(segment - 1);
  switch (timeline.stateOf(segment - 1)) {
    case ThreadState.Runnable:
      return { wakeup: wakeupDetail(model, timeline.rowOf(segment - 1), waitedNs), preemptionWaitNs: null };
    case ThreadState.Preempted:
      return { wakeup: null, preemptionWaitNs: waitedNs };
    default:
      return none;
  }
}

function wakeupDetail(
  model: SchedulingModel,
  row: number,
  latencyNs: number,
): NonNullable<SliceDetail['wakeup']> {
  const { store } = model;
  const { tasks } = store;
  const waker = store.actor[row]!;
  const isKnown = waker !== NO_TASK;
  return {
    row,
    atNs: store.timeNs[row]!,
    latencyNs,
    event: EVENT_NAMES[store.type[row]!]!,
    wakerThread: isKnown ? tasks.threads[waker]! : -1,
    wakerComm: isKnown ? tasks.comms[waker]! : '',
    wakerPid: isKnown ? tasks.pids[waker]! : -1,
    wakerCpu: store.cpu[row]!,
    flags: store.flagTexts.get(store.flags[row]!),
  };
}

/** What ran on the CPU in a neighbouring segment; null across gaps and at the ends. */
function neighbour(model: SchedulingModel, timeline: CpuTimeline, segment: number): Neighbour | null {
  if (segment < 0) return null;
  const task = timeline.taskOf(segment);
  const startNs = timeline.startOf(segment);
  const endNs = timeline.endOf(segment);
  if (task === NO_TASK || (segment < LEADING_SEGMENTS && startNs === endNs)) return null;
  const { thread, comm, pid } = identity(model, task);
  return { thread, comm, pid, startNs, endNs };
}

/** An interval in which a thread waits or sleeps. */
function waitingDetail(
  model: SchedulingModel,
  timeline: ThreadTimeline,
  segment: number,
  state: ThreadState,
): SliceDetail {
  const { store } = model;
  const row = timeline.rowOf(segment);
  const isWoken = timeline.tagOf(segment) === ThreadRole.Woken;
  const task = isWoken ? store.subject[row]! : switchedOutTask(model, timeline, segment);
  const prio = isWoken ? store.subjectPrio[row]! : store.actorPrio[row]!;
  const cpu = timeline.cpuOf(segment);
  const isLast = segment === timeline.segmentCount - 1;
  const lengthNs = timeline.endOf(segment) - timeline.startOf(segment);
  const isEndedByRunning = !isLast && timeline.tagOf(segment + 1) === ThreadRole.SwitchedIn;
  return {
    ...identity(model, task),
    prio: prio === UNKNOWN_PRIO ? null : prio,
    state,
    cpu: cpu === UNKNOWN_CPU ? null : cpu,
    startNs: timeline.startOf(segment),
    endNs: isLast ? null : timeline.endOf(segment),
    row,
    leftState: isWoken ? null : store.states.get(store.state[row]!) || null,
    // While the wait lasts (endNs null) the latency is what has passed of it.
    wakeup: isWoken ? wakeupDetail(model, row, lengthNs) : null,
    preemptionWaitNs: state === ThreadState.Preempted && isEndedByRunning ? lengthNs : null,
    before: null,
    after: null,
    ...store.placeOf(store.line[row]!),
  };
}

/** Formats that do not name the previous task of a switch: it is the one switched to before. */
function switchedOutTask(model: SchedulingModel, timeline: ThreadTimeline, segment: number): number {
  const { store } = model;
  const actor = store.actor[timeline.rowOf(segment)]!;
  if (actor !== NO_TASK) return actor;
  return store.subject[timeline.rowOf(segment - 1)]!;
}
