import { EventRefused } from '../../model/eventRefused.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { EventType } from '../../model/eventType.js';
import { NO_TASK } from '../../model/taskTable.js';
import type { TimehistRow, TimehistTask } from './timehistTextRow.js';

const US_PER_S = 1_000_000;
const NS_PER_US = 1000;
/**
 * Rows that wait for the end of an interval on a CPU where nothing happens, so that all stay in order of time. When
 * there are more, who ran next there is given up.
 */
const MAX_WAITING = 262_144;

/** A row as the store takes it. */
interface Waiting {
  readonly type: EventType;
  readonly seconds: number;
  readonly microseconds: number;
  readonly cpu: number;
  readonly actor: number;
  subject: number;
  readonly actorPrio: number;
  readonly state: number;
  readonly arg: number;
  readonly line: number;
  /** Whether it is known, or never will be, who the subject is. */
  isSettled: boolean;
  /** Losses that were reported before it. */
  readonly losses: { readonly cpu: number; readonly count: number; readonly line: number }[];
}

/** Makes events of the rows of timehist. */
export class TimehistRows {
  readonly #store: EventStore;
  /** In order of time; those before `#first` are done. */
  #waiting: Waiting[] = [];
  #first = 0;
  /** By CPU: its last switch. */
  readonly #lastByCpu = new Map<number, Waiting>();
  /** CPUs that lost events since their last switch: perf takes these times for run time. */
  readonly #hasLost = new Set<number>();
  /** By CPU: losses since its last row. */
  readonly #losses = new Map<number, Waiting['losses']>();
  /** By tid: when it was switched out last. */
  readonly #lastOutUs = new Map<number, number>();
  unknownNext = 0;
  /** Switches whose next task is that of the CPU's next row. */
  taken = 0;
  /** Those for which it cannot be: the recording lacks switches. */
  contradictions = 0;
  cutNames = 0;
  /** Why the store refused an event, of the first one. */
  refused: string | undefined;

  constructor(store: EventStore) {
    this.#store = store;
  }

  add(row: TimehistRow, line: number): void {
    const actor = this.#intern(row.task);
    switch (row.kind) {
      case 'ran':
        this.#switch(row, actor, line);
        break;
      case 'awakened':
        this.#put(row, EventType.Wakeup, actor, this.#intern(row.awakened), -1, line);
        break;
      case 'migrated':
        this.#put(row, EventType.Migrate, actor, this.#intern(row.migrated), row.from * 65536 + row.to, line);
    }
    this.#drain(false);
  }

  lose(cpu: number, count: number, line: number): void {
    const open = this.#losses.get(cpu);
    if (open === undefined) this.#losses.set(cpu, [{ cpu, count, line }]);
    else open.push({ cpu, count, line });
    this.#hasLost.add(cpu);
  }

  finish(): void {
    this.#drain(true);
    for (const losses of this.#losses.values()) this.#reportLosses(losses);
  }

  #switch(row: TimehistRow & { kind: 'ran' }, actor: number, line: number): void {
    const { cpu } = row;
    const last = this.#lastByCpu.get(cpu);
    if (last !== undefined) this.#settle(last, row, actor, line);
    const who = last !== undefined && row.task.tid === -1 ? this.#goneTask(last, row) : actor;
    this.#hasLost.delete(cpu);
    const next = row.next === undefined ? NO_TASK : this.#intern(row.next);
    const event = this.#event(row, EventType.Switch, who, next, 0, line, {
      isSettled: row.next !== undefined,
      prio: row.prio ?? UNKNOWN_PRIO,
      state: row.state === undefined ? 0 : this.#store.states.intern(row.state),
    });
    this.#push(event);
    this.#lastByCpu.set(cpu, event);
    if (row.task.tid !== undefined) this.#lastOutUs.set(row.task.tid, timeUs(row));
  }

  /** With the CPU's next row, it shows who `last` switched to. */
  #settle(last: Waiting, row: TimehistRow & { kind: 'ran' }, actor: number, line: number): void {
    const sinceLastUs = timeUs(row) - row.runUs - timeUs(last);
    const isKnown = !this.#hasLost.has(row.cpu);
    if (!last.isSettled && isKnown && (sinceLastUs === 0 || sinceLastUs === 1)) {
      if (!this.#isPossible(last, row)) this.contradictions += 1;
      else if (actor !== NO_TASK) {
        last.subject = actor;
        this.taken += 1;
      }
    }
    last.isSettled = true;
    if (isKnown && sinceLastUs > 1) this.#insertBeginning(row, actor, line);
  }

  /**
   * Whether the task of the CPU's next row can be the one that was switched to. perf takes everything between two
   * switches of a CPU that it has seen for the run time of the second one's task: when the recording lacks switches, a
   * task seems to follow itself, or to have begun before it stopped elsewhere.
   */
  #isPossible(last: Waiting, row: TimehistRow & { kind: 'ran' }): boolean {
    const { tid } = row.task;
    if (tid === undefined || tid < 0) return true;
    if (last.actor !== NO_TASK && this.#store.tasks.pids[last.actor] === tid) return false;
    const outUs = tid === 0 ? undefined : this.#lastOutUs.get(tid);
    return outUs === undefined || outUs <= timeUs(row) - row.runUs + 1;
  }

  /** A thread that exits has no number any more when it is switched out: it is who was switched to, if that is certain. */
  #goneTask(last: Waiting, row: TimehistRow & { kind: 'ran' }): number {
    const sinceLastUs = timeUs(row) - row.runUs - timeUs(last);
    const isCertain = !this.#hasLost.has(row.cpu) && (sinceLastUs === 0 || sinceLastUs === 1);
    return isCertain ? last.subject : NO_TASK;
  }

  /** The interval of a row begins later than the last one of its CPU ended: that beginning is a switch, too. */
  #insertBeginning(row: TimehistRow & { kind: 'ran' }, task: number, line: number): void {
    const beginningUs = row.microseconds - row.runUs;
    const seconds = row.seconds + Math.floor(beginningUs / US_PER_S);
    if (seconds < 0) return;
    const microseconds = ((beginningUs % US_PER_S) + US_PER_S) % US_PER_S;
    const place = { seconds, microseconds, cpu: row.cpu };
    const event = this.#event(place, EventType.Switch, NO_TASK, task, 0, line, { isSettled: true });
    let at = this.#waiting.length;
    while (at > this.#first && timeUs(event) < timeUs(this.#waiting[at - 1]!)) at -= 1;
    this.#waiting.splice(at, 0, event);
  }

  #put(row: TimehistRow, type: EventType, actor: number, subject: number, arg: number, line: number): void {
    this.#push(this.#event(row, type, actor, subject, arg, line, { isSettled: true }));
  }

  #event(
    { seconds, microseconds, cpu }: Pick<TimehistRow, 'seconds' | 'microseconds' | 'cpu'>,
    type: EventType,
    actor: number,
    subject: number,
    arg: number,
    line: number,
    { isSettled, prio = UNKNOWN_PRIO, state = 0 }: { isSettled: boolean; prio?: number; state?: number },
  ): Waiting {
    const fields = { type, seconds, microseconds, cpu, actor, subject, actorPrio: prio, state, arg, line };
    return { ...fields, isSettled, losses: [] };
  }

  #push(event: Waiting): void {
    const lost = this.#losses.get(event.cpu);
    if (lost !== undefined) {
      event.losses.push(...lost);
      this.#losses.delete(event.cpu);
    }
    this.#waiting.push(event);
  }

  /** Gives the store what is settled, in order. */
  #drain(isAll: boolean): void {
    const waiting = this.#waiting;
    while (this.#first < waiting.length) {
      const event = waiting[this.#first]!;
      if (!event.isSettled && !isAll && waiting.length - this.#first <= MAX_WAITING) break;
      this.#first += 1;
      this.#give(event);
    }
    if (this.#first > 1024 && this.#first > waiting.length / 2) {
      this.#waiting = waiting.slice(this.#first);
      this.#first = 0;
    }
  }

  #give(event: Waiting): void {
    const { type, seconds, microseconds, cpu, actor, subject, actorPrio, state, arg, line } = event;
    event.isSettled = true;
    this.#reportLosses(event.losses);
    const nanoseconds = microseconds * NS_PER_US;
    try {
      this.#store.add(
        type,
        seconds,
        nanoseconds,
        cpu,
        actor,
        subject,
        actorPrio,
        UNKNOWN_PRIO,
        state,
        0,
        arg,
        line,
      );
      if (type === EventType.Switch && subject === NO_TASK) this.unknownNext += 1;
    } catch (error) {
      if (!(error instanceof EventRefused)) throw error;
      this.refused ??= error.message;
    }
  }

  #reportLosses(losses: Waiting['losses']): void {
    for (const { cpu, count, line } of losses) this.#store.addLoss(cpu, count, line);
  }

  #intern({ comm, tid, tgid }: TimehistTask): number {
    const { tasks } = this.#store;
    if (tid === undefined) this.cutNames += 1;
    if (tid === undefined || tid < 0) return NO_TASK;
    const task = tasks.intern(tid, comm);
    if (tgid > 0 && tid > 0 && task !== NO_TASK) tasks.setTgid(task, tgid);
    return task;
  }
}

/** Exact: seconds are at most those since 1970. */
function timeUs({
  seconds,
  microseconds,
}: {
  readonly seconds: number;
  readonly microseconds: number;
}): number {
  return seconds * US_PER_S + microseconds;
}
