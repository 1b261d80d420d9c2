import { asEventType, asThreadState } from './columnEnums.js';
import { ThreadState } from '../protocol/traceMessages.js';
import { EventType } from '../trace/model/eventType.js';
import { IDLE_THREAD, NO_TASK } from '../trace/model/taskTable.js';
import { CpuCursor, NO_ROW } from './cpuCursor.js';
import { CpuChange, UNKNOWN_THREAD } from './cpuTimeline.js';
import { RunnableThreads } from './runnableThreads.js';
import type { SchedulingModel } from './schedulingModel.js';
import { ThreadRole, ThreadTimeline, UNKNOWN_CPU } from './threadTimeline.js';

/** Entries keep a row in 30 bits. */
const MAX_ROWS = 2 ** 30;
/** Rows after which the CPUs' summaries are brought up to date, while their columns are still in the cache. */
const SLICE_ROWS = 16384;

/**
 * The single pass over the events, in order of time, that fills the timelines of the model.
 *
 * It believes only what sched_switch says about who ran: where one contradicts what came before (its previous task
 * is not the one switched to last), switches must be missing although nobody reported a loss, and the time since
 * the running thread was seen last becomes unknown, as in a reported loss.
 */
export class SchedulingPass {
  readonly #model: SchedulingModel;
  readonly #cursors: (CpuCursor | undefined)[] = [];
  readonly #runnable: RunnableThreads;
  #lossesTaken = 0;

  constructor(model: SchedulingModel) {
    this.#model = model;
    this.#runnable = new RunnableThreads(this.#cursors);
  }

  /** Takes in the rows `[model.length, end)`. */
  run(end: number): void {
    const model = this.#model;
    if (end > MAX_ROWS) throw new RangeError(`More than ${MAX_ROWS} events cannot be analysed at once.`);
    this.#prepare();
    while (model.length < end) {
      this.#runSlice(Math.min(end, model.length + SLICE_ROWS));
      for (const cursor of this.#cursors) cursor?.summarise();
    }
  }

  #runSlice(end: number): void {
    const model = this.#model;
    const { store } = model;
    const { timeNs, cpu: cpus, type: types, actor: actors } = store;
    const { threads } = store.tasks;
    const cursors = this.#cursors;
    for (let row = model.length; row < end; row += 1) {
      const cursor = cursors[cpus[row]!] ?? this.#addCpu(cpus[row]!);
      const now = timeNs[row]!;
      if (cursor.firstRow === NO_ROW) cursor.firstRow = row;
      if (now >= cursor.nextLossNs) this.#passLoss(cursor, row, now);
      switch (asEventType(types[row]!)) {
        case EventType.Switch:
          this.#switch(cursor, row);
          cursor.lastRow = row;
          continue;
        case EventType.Waking:
        case EventType.Wakeup:
        case EventType.WakeupNew:
          this.#wake(row);
          break;
        case EventType.Migrate:
          this.#migrate(row);
          break;
        case EventType.Exec:
          this.#exec(cursor, row);
          break;
        case EventType.StatRuntime:
        case EventType.Fork:
        case EventType.Exit:
          break;
      }
      const actor = actors[row]!;
      const thread = actor === NO_TASK ? UNKNOWN_THREAD : threads[actor]!;
      if (thread === cursor.running) cursor.seenRow = row;
      if (thread !== cursor.actorThread) {
        cursor.actorThread = thread;
        cursor.actorRow = row;
      }
      cursor.lastRow = row;
    }
    model.length = end;
    model.endNs = timeNs[end - 1]!;
  }

  /** Nothing follows: losses that no event ended last to the end, waits across gaps become unknown. */
  finish(): void {
    this.#prepare();
    for (const cursor of this.#cursors) {
      if (cursor?.hasOpenLoss === true && cursor.lastRow !== NO_ROW) {
        this.#beginGap(cursor, cursor.lastRow, NO_ROW);
      }
    }
    const { threads } = this.#model;
    for (let thread = 1; thread < threads.length; thread += 1) {
      this.#endDoubtfulWait(thread);
      threads[thread]!.entries.trim();
    }
    for (const cursor of this.#cursors) {
      cursor?.timeline.entries.trim();
      cursor?.depth.trim();
    }
  }

  #prepare(): void {
    const model = this.#model;
    const { store } = model;
    model.prevStates.refresh();
    if (model.length === 0 && store.length > 0) model.startNs = store.timeNs[0]!;
    while (model.threads.length < store.tasks.threadCount) model.threads.push(new ThreadTimeline(model));
    if (model.endedRuntimeNs.length < model.threads.length) {
      const larger = new Float64Array(model.threads.length * 2);
      larger.set(model.endedRuntimeNs);
      model.endedRuntimeNs = larger;
    }
    this.#runnable.reserve(store.tasks.threadCount);
    for (const cursor of this.#cursors) cursor?.refreshLosses();
    for (; this.#lossesTaken < store.losses.length; this.#lossesTaken += 1) {
      const loss = store.losses[this.#lossesTaken]!;
      (this.#cursors[loss.cpu] ?? this.#addCpu(loss.cpu)).addLoss(loss);
    }
  }

  #addCpu(cpu: number): CpuCursor {
    const cursor = new CpuCursor(cpu, this.#model);
    this.#cursors[cpu] = cursor;
    this.#model.cpus[cpu] = cursor;
    return cursor;
  }

  /** This row is the first one of its CPU after a loss. */
  #passLoss(cursor: CpuCursor, row: number, timeNs: number): void {
    cursor.passLosses(timeNs);
    if (cursor.lastRow === NO_ROW) cursor.isStartLost = true;
    else this.#beginGap(cursor, cursor.lastRow, row);
  }

  #beginGap(cursor: CpuCursor, startRow: number, endRow: number): void {
    const { running } = cursor;
    if (running > IDLE_THREAD) {
      this.#becomeUnknown(running, startRow);
      this.#endRun(cursor, running, startRow);
    }
    cursor.beginGap(startRow, endRow);
  }

  #endRun(cursor: CpuCursor, thread: number, row: number): void {
    const { store, endedRuntimeNs } = this.#model;
    endedRuntimeNs[thread]! += Math.max(0, store.timeNs[row]! - cursor.sinceNs);
  }

  /** The thread's state is unknown from a row on, or from its newest event when that came later. */
  #becomeUnknown(thread: number, row: number): void {
    const timeline = this.#model.threads[thread]!;
    const runnable = this.#runnable;
    if (runnable.stateOf[thread] === ThreadState.Unknown && timeline.entries.length > 0) return;
    timeline.push(Math.max(row, timeline.lastRow), ThreadRole.BecameUnknown);
    runnable.stateOf[thread] = ThreadState.Unknown;
  }

  #switch(cursor: CpuCursor, row: number): void {
    const { store } = this.#model;
    const { threads } = store.tasks;
    const actor = store.actor[row]!;
    const subject = store.subject[row]!;
    const next = subject === NO_TASK ? UNKNOWN_THREAD : threads[subject]!;
    const prev = actor === NO_TASK ? cursor.running : threads[actor]!;
    if (cursor.running !== prev) {
      // Either a switch is missing, or this is the first one after the start or a gap.
      if (cursor.running !== UNKNOWN_THREAD) this.#contradict(cursor);
      if (prev !== UNKNOWN_THREAD) this.#reveal(cursor, prev, row);
    }
    if (cursor.timeline.entries.length === 0) this.#beginTimeline(cursor, prev, row);
    if (cursor.epoch > 0 && cursor.lastGapEndRow === NO_ROW) cursor.lastGapEndRow = row;
    if (prev > IDLE_THREAD) {
      this.#endRun(cursor, prev, row);
      this.#switchOut(prev, row);
    }
    cursor.running = UNKNOWN_THREAD;
    if (next > IDLE_THREAD) this.#switchIn(cursor, next, row);
    cursor.running = next;
    cursor.sinceNs = store.timeNs[row]!;
    cursor.seenRow = row;
    cursor.actorThread = UNKNOWN_THREAD;
    cursor.timeline.push(row, CpuChange.Switch);
    if (next === UNKNOWN_THREAD) this.#beginGap(cursor, row, NO_ROW);
    else cursor.startCounting(row);
  }

  /** The first switch of a CPU: how far back it is known that `prev` ran. */
  #beginTimeline(cursor: CpuCursor, prev: number, row: number): void {
    const { cpu, firstRow } = cursor;
    const { startNs, store, cpuLeadNs } = this.#model;
    let leadNs = cpuLeadNs[cpu];
    if (leadNs === undefined) {
      if (prev === UNKNOWN_THREAD || firstRow === NO_ROW) leadNs = store.timeNs[row]!;
      else leadNs = this.#isStartComplete(cursor) ? startNs : store.timeNs[firstRow]!;
    }
    cpuLeadNs[cpu] = leadNs;
    cursor.sinceNs = leadNs;
  }

  /** Whether nothing that happened on this CPU since the start of the recording can be missing. */
  #isStartComplete(cursor: CpuCursor): boolean {
    return !cursor.isStartLost && this.#model.store.metadata.overwrittenEvents === 0;
  }

  /** A switch says that `prev` ran, which was not known: when did it begin to? */
  #reveal(cursor: CpuCursor, prev: number, row: number): void {
    const isLead = cursor.timeline.entries.length === 0;
    const sinceRow = isLead ? cursor.firstRow : this.#resumeRow(cursor, prev);
    if (prev === IDLE_THREAD) {
      if (!isLead && sinceRow !== NO_ROW && sinceRow < row) cursor.timeline.push(sinceRow, CpuChange.Resumed);
      return;
    }
    const runnable = this.#runnable;
    const timeline = this.#model.threads[prev]!;
    if (runnable.stateOf[prev] === ThreadState.Running) this.#loseElsewhere(prev);
    runnable.discount(prev, row);
    const coversStart = isLead && this.#isStartComplete(cursor);
    if (sinceRow !== NO_ROW) timeline.dropWakeupsSince(coversStart ? 0 : sinceRow);
    const isKnown = sinceRow !== NO_ROW && timeline.lastRow <= (coversStart ? -1 : sinceRow);
    cursor.sinceNs = this.#model.store.timeNs[isKnown ? sinceRow : row]!;
    if (isLead && !isKnown) this.#model.cpuLeadNs[cursor.cpu] = this.#model.store.timeNs[row]!;
    if (!(isLead && timeline.entries.length === 0)) {
      runnable.stateOf[prev] = timeline.entries.length === 0 ? ThreadState.Unknown : timeline.newestState;
      this.#becomeUnknown(prev, isLead ? NO_ROW : cursor.lastGapStartRow);
      if (isKnown && sinceRow < row) {
        timeline.push(sinceRow, ThreadRole.SwitchedIn);
        if (!isLead) cursor.timeline.push(sinceRow, CpuChange.Resumed);
      }
    }
    runnable.count(prev, cursor, ThreadState.Running);
  }

  /**
   * From which row on it is known that `prev` ran, up to the switch at hand: since nothing was lost any more or, when
   * switches are missing without a report, since the events of its CPU name it as the task that was running.
   */
  #resumeRow(cursor: CpuCursor, prev: number): number {
    if (cursor.resumeRow !== NO_ROW) return cursor.resumeRow;
    const isNamed = cursor.actorThread === prev && cursor.actorRow > cursor.lastGapStartRow;
    return isNamed ? cursor.actorRow : NO_ROW;
  }

  /** The thread is not where it was believed to run: a switch of that CPU is missing. */
  #loseElsewhere(thread: number): void {
    this.#contradict(this.#cursors[this.#runnable.cpuOf[thread]!]!);
  }

  /** What is believed to run on this CPU does not: unknown since it was seen last. */
  #contradict(cursor: CpuCursor): void {
    this.#beginGap(cursor, cursor.seenRow, NO_ROW);
    cursor.contradictions += 1;
  }

  #switchOut(thread: number, row: number): void {
    const { store, prevStates, threads } = this.#model;
    const state = asThreadState(prevStates.stateByNumber[store.state[row]!]!);
    threads[thread]!.push(row, ThreadRole.SwitchedOut);
    if (state !== ThreadState.Preempted) this.#runnable.discount(thread, NO_ROW);
    this.#runnable.stateOf[thread] = state;
  }

  #switchIn(cursor: CpuCursor, thread: number, row: number): void {
    const runnable = this.#runnable;
    const timeline = this.#model.threads[thread]!;
    const state = asThreadState(runnable.stateOf[thread]!);
    if (state === ThreadState.Running) {
      this.#loseElsewhere(thread);
    } else if (state === ThreadState.Runnable || state === ThreadState.Preempted) {
      this.#endDoubtfulWait(thread);
      // It may have run here, unseen, while events of this CPU were lost.
      if (
        cursor.lastGapEndRow !== NO_ROW &&
        cursor.lastGapEndRow > timeline.lastRow &&
        runnable.stateOf[thread] !== ThreadState.Unknown
      ) {
        runnable.discount(thread, row);
        this.#becomeUnknown(thread, cursor.lastGapStartRow);
      }
      if (runnable.cpuOf[thread] !== cursor.cpu) runnable.discount(thread, row);
    }
    timeline.push(row, ThreadRole.SwitchedIn);
    runnable.count(thread, cursor, ThreadState.Running);
  }

  /** A thread that waits on a CPU across a gap may have run in it: its wait is not known beyond the gap's start. */
  #endDoubtfulWait(thread: number): boolean {
    const gapRow = this.#runnable.gapInWait(thread);
    if (gapRow === NO_ROW) return false;
    this.#becomeUnknown(thread, gapRow);
    return true;
  }

  #wake(row: number): void {
    const { store, threads } = this.#model;
    const thread = store.tasks.threads[store.subject[row]!] ?? IDLE_THREAD;
    if (thread === IDLE_THREAD) return;
    const runnable = this.#runnable;
    const state = asThreadState(runnable.stateOf[thread]!);
    if (state === ThreadState.Running) return;
    const arg = store.arg[row]!;
    const target = arg >= 0 && arg < UNKNOWN_CPU ? (this.#cursors[arg] ?? this.#addCpu(arg)) : undefined;
    if (state === ThreadState.Runnable || state === ThreadState.Preempted) {
      if (!this.#endDoubtfulWait(thread)) {
        if (state === ThreadState.Preempted) return;
        if (store.type[row] !== EventType.Waking) {
          // sched_wakeup after sched_waking: the same wakeup, with the CPU that was chosen.
          if (target !== undefined) runnable.move(thread, target, row);
          return;
        }
        // The kernel reports sched_waking only for a thread that sleeps: it has run, unseen, since it was woken.
        runnable.discount(thread, row);
        this.#becomeUnknown(thread, NO_ROW);
      }
    }
    threads[thread]!.push(row, ThreadRole.Woken);
    if (target === undefined) runnable.countNowhere(thread, ThreadState.Runnable);
    else {
      runnable.count(thread, target, ThreadState.Runnable);
      target.noteCount(row);
    }
  }

  #migrate(row: number): void {
    const { store, migrations } = this.#model;
    migrations.push(row);
    const thread = store.tasks.threads[store.subject[row]!] ?? IDLE_THREAD;
    const state = asThreadState(this.#runnable.stateOf[thread]!);
    if (state !== ThreadState.Runnable && state !== ThreadState.Preempted) return;
    if (this.#endDoubtfulWait(thread)) return;
    const destination = store.arg[row]! % 65536;
    this.#runnable.move(thread, this.#cursors[destination] ?? this.#addCpu(destination), row);
  }

  /**
   * In exec a thread that is not its group's leader takes over the leader's pid (de_thread in fs/exec.c) and runs
   * on under it.
   */
  #exec(cursor: CpuCursor, row: number): void {
    const { store, threads } = this.#model;
    const thread = store.tasks.threads[store.subject[row]!] ?? IDLE_THREAD;
    const former = store.tasks.threadOf(store.arg[row]!);
    if (former <= IDLE_THREAD || former === thread || thread === IDLE_THREAD) return;
    if (cursor.running !== former) return;
    this.#runnable.discount(former, row);
    this.#becomeUnknown(former, row);
    if (this.#runnable.stateOf[thread] === ThreadState.Running) this.#loseElsewhere(thread);
    this.#runnable.discount(thread, row);
    threads[thread]!.push(row, ThreadRole.SwitchedIn);
    this.#runnable.count(thread, cursor, ThreadState.Running);
    this.#endRun(cursor, former, row);
    cursor.running = thread;
    cursor.sinceNs = store.timeNs[row]!;
    cursor.timeline.push(row, CpuChange.Renamed);
  }
}
