import type { ThreadState } from '../protocol/traceMessages.js';
import type { EventType } from '../trace/model/eventType.js';

/** Enumerations come back from byte columns as plain numbers; only values of the enumeration are ever written. */

export function asThreadState(byte: number): ThreadState {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
  return byte;
}

export function asEventType(byte: number): EventType {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
  return byte;
}
