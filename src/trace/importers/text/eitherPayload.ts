/**
 * Payloads of tools that print an event through libtraceevent: in the kernel's own text, or, of the events that its
 * sched plugin knows, in that one's. perf did so once, `trace-cmd report` does unless it is told not to (`-N`).
 */
import { EventType } from '../../model/eventType.js';
import type { EventStore } from '../../model/eventStore.js';
import { ascii, startsWith } from './bytes.js';
import { PluginPayloadReader } from './pluginPayload.js';
import { SchedPayloadReader, type EventContext } from './schedPayload.js';

const PREV_COMM = ascii('prev_comm=');
const COMM = ascii('comm=');

/** Reads either dialect and adds the rows. One instance a session. */
export class EitherPayloadReader {
  readonly #kernel: SchedPayloadReader;
  readonly #plugin: PluginPayloadReader;

  constructor(store: EventStore) {
    this.#kernel = new SchedPayloadReader(store);
    this.#plugin = new PluginPayloadReader(store);
  }

  /** Wakeups of old kernels with `success=0`: nobody was woken. They are counted, not added. */
  get unsuccessfulWakeups(): number {
    return this.#kernel.unsuccessfulWakeups + this.#plugin.unsuccessfulWakeups;
  }

  /** Adds the event; false when the payload is in neither text. */
  read(type: EventType, line: Uint8Array, at: number, end: number, context: EventContext): boolean {
    // A task may be named `prev_comm=…`: what is not in the one text may still be in the other.
    return (
      (!isOfPlugin(type, line, at, end) && this.#kernel.read(type, line, at, end, context)) ||
      this.#plugin.read(type, line, at, end, context)
    );
  }
}

/** Whether the payload of an event of this type is in the sched plugin's text. */
export function isOfPlugin(type: EventType, line: Uint8Array, at: number, end: number): boolean {
  switch (type) {
    case EventType.Switch:
      return !startsWith(line, at, end, PREV_COMM);
    case EventType.Wakeup:
    case EventType.WakeupNew:
    case EventType.Waking:
      return !startsWith(line, at, end, COMM);
    default:
      return false;
  }
}
