import type { EventStore } from '../trace/model/eventStore.js';
import { PrevStates } from './prevState.js';

/**
 * The events that timelines refer to and how much of them has been analysed. The store's columns may be replaced by
 * larger ones while it grows, so they are always reached through the store, never kept.
 */
export class AnalysedTrace {
  readonly prevStates: PrevStates;
  /** By CPU: from when on it is known what ran before its first switch, ns; undefined until there is a switch. */
  readonly cpuLeadNs: (number | undefined)[] = [];
  /** Rows analysed so far. */
  length = 0;
  /** Time of the first and the last row analysed, in ns after the store's base. */
  startNs = 0;
  endNs = 0;

  constructor(readonly store: EventStore) {
    this.prevStates = new PrevStates(store.states);
  }

  /** Whether this recording tells in which state a thread leaves its CPU. */
  get hasPrevStates(): boolean {
    return this.store.metadata.capabilities.prevState && this.store.states.size > 1;
  }
}
