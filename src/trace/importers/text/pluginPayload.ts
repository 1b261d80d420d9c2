/**
 * The text that libtraceevent's sched plugin prints instead of the kernel's (older perf, `trace-cmd report`):
 *
 *     sched_switch:      perf:47449 [120] R ==> migration/0:18 [0]
 *     sched_wakeup:      kworker/u16:0:47342 [120] success=1 CPU:002
 *
 * Source: plugins/plugin_sched_switch.c of libtraceevent. A comm may hold colons, spaces, brackets and arrows, so
 * a pid is the last number after a colon before ` [prio]`. The plugin knows sched_switch, sched_wakeup and
 * sched_wakeup_new; every other event is in the kernel's own text.
 */
import { EventType } from '../../model/eventType.js';
import { UNKNOWN_PRIO, type EventStore } from '../../model/eventStore.js';
import { NO_TASK } from '../../model/taskTable.js';
import {
  CLOSE_BRACKET,
  COLON,
  NumberReader,
  OPEN_BRACKET,
  SPACE,
  ascii,
  find,
  isDigit,
  startsWith,
  textOf,
} from './bytes.js';
import { addEvent, type EventContext } from './schedPayload.js';

const MINUS = 0x2d;
const ARROW = ascii(' ==> ');
const SUCCESS = ascii(' success=');
const CPU = ascii(' CPU:');
/** States are a few letters: `R`, `S`, `DK`. */
const MAX_STATE_BYTES = 12;

/** Reads the plugin's payloads and adds the rows. One instance a session. */
export class PluginPayloadReader {
  readonly #store: EventStore;
  readonly #numbers = new NumberReader();
  /** Parts of the `comm:pid [prio]` read last. */
  #task = NO_TASK;
  #prio = UNKNOWN_PRIO;
  #after = 0;
  /** Wakeups of old kernels with `success=0`: nobody was woken. They are counted, not added. */
  unsuccessfulWakeups = 0;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** Adds the event; false when the payload is not as the plugin prints it. */
  read(type: EventType, line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    if (type === EventType.Switch) return this.#switch(line, at, end, context);
    if (type === EventType.Wakeup || type === EventType.WakeupNew || type === EventType.Waking) {
      return this.#wakeup(type, line, at, end, context);
    }
    return false;
  }

  #switch(line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    for (let arrow = find(line, at, end, ARROW); arrow >= 0; arrow = find(line, arrow + 1, end, ARROW)) {
      let stateStart = arrow;
      while (stateStart > at && line[stateStart - 1] !== SPACE) stateStart -= 1;
      if (stateStart === arrow || arrow - stateStart > MAX_STATE_BYTES) continue;
      // The right side first: whether it can be read decides that this arrow is the event's own.
      if (!this.#taskTo(line, arrow + ARROW.length, end, end)) continue;
      const subject = this.#task;
      const subjectPrio = this.#prio;
      if (!this.#taskTo(line, at, stateStart - 1, stateStart - 1) || this.#after !== stateStart - 1) continue;
      const state = this.#store.states.intern(textOf(line, stateStart, arrow));
      addEvent(
        this.#store,
        EventType.Switch,
        context,
        this.#task,
        subject,
        this.#prio,
        subjectPrio,
        state,
        0,
      );
      return true;
    }
    return false;
  }

  #wakeup(type: EventType, line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    const numbers = this.#numbers;
    if (!this.#taskTo(line, at, end, end)) return false;
    let rest = this.#after;
    if (startsWith(line, rest, end, SUCCESS)) {
      const success = numbers.integer(line, rest + SUCCESS.length, end);
      if (!numbers.ok) return false;
      if (success === 0) {
        this.unsuccessfulWakeups += 1;
        return true;
      }
      rest = numbers.end;
    }
    let target = -1;
    if (startsWith(line, rest, end, CPU)) {
      target = numbers.integer(line, rest + CPU.length, end);
      if (!numbers.ok) return false;
    }
    addEvent(this.#store, type, context, context.actor, this.#task, UNKNOWN_PRIO, this.#prio, 0, target);
    return true;
  }

  /**
   * Reads `comm:pid [prio]` that begins at `at`: its bracket is the last one before `end` that fits, so that what
   * stands behind it (`CPU:000`) does not matter and a comm may look like a task itself.
   */
  #taskTo(line: Uint8Array, at: number, end: number, limit: number): boolean {
    const numbers = this.#numbers;
    for (let bracket = end - 1; bracket > at; bracket -= 1) {
      if (line[bracket] !== OPEN_BRACKET || line[bracket - 1] !== SPACE) continue;
      const prio = numbers.integer(line, bracket + 1, limit);
      if (numbers.end === bracket + 1 || line[numbers.end] !== CLOSE_BRACKET) continue;
      const after = numbers.end + 1;
      let digits = bracket - 1;
      while (digits > at && isDigit(line[digits - 1])) digits -= 1;
      if (digits > at && line[digits - 1] === MINUS) digits -= 1;
      if (digits === bracket - 1 || digits <= at || line[digits - 1] !== COLON) continue;
      const pid = numbers.integer(line, digits, bracket - 1);
      if (!numbers.ok) continue;
      this.#task = this.#store.tasks.internBytes(pid, line, at, digits - 1);
      this.#prio = prio;
      this.#after = after;
      return true;
    }
    return false;
  }
}
