/**
 * The text of sched_switch's `prev_state`. A Perfetto trace has the bare number and not the kernel's own table of its
 * bits, so that the table follows from the kernel's version, as in Perfetto (src/trace_processor/types/task_state.cc):
 *
 *     all          01 S · 02 D · 04 T · 08 t · 10 X · 20 Z
 *     since 4.14   40 P · 80 I · 100 preempted
 *     before       40 x · 80 K · 100 W · 200 P · 400 N · preempted is 1000 since 4.8 and 800 before; D with N is idle, I
 *
 * Where no version is recorded, Perfetto takes 4.4, since its own traces of 2018 had none. Today these come from other
 * writers on newer kernels: here it is the table since 4.14, with the old preempted bits, which it leaves free.
 */
import type { EventStore } from '../../model/eventStore.js';
import { prevStatePrinter } from '../tracepoint/prevStateText.js';

const SINCE_4_14 = 4 * 1000 + 14;
const SINCE_4_8 = 4 * 1000 + 8;
/** TASK_STATE_MAX of 4.8 to 4.13, and before. */
const PREEMPTED_4_8 = 0x1000;
const PREEMPTED_OLD = 0x800;
/** Uninterruptible and not part of the load. */
const IDLE_BEFORE_4_14 = 0x402;
const CACHED_STATES = 65536;

const BEFORE_4_14 = `REC->prev_state & (0x7ff) ? __print_flags(REC->prev_state & (0x7ff), "|",
  { 0x01, "S" }, { 0x02, "D" }, { 0x04, "T" }, { 0x08, "t" }, { 0x10, "X" }, { 0x20, "Z" }, { 0x40, "x" },
  { 0x80, "K" }, { 0x100, "W" }, { 0x200, "P" }, { 0x400, "N" }) : "R"`;

/** Numbers of the states in a store. */
export class KernelStates {
  readonly #store: EventStore;
  #numbers = new Uint16Array(CACHED_STATES);
  #print = printerOf(undefined);

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The kernel that recorded: `6.1.0-13-amd64`. */
  setRelease(release: string): void {
    this.#print = printerOf(release);
    this.#numbers = new Uint16Array(CACHED_STATES);
  }

  /** Of the low 32 bits of a `prev_state`. */
  numberOf(prevState: number): number {
    const key = prevState & (CACHED_STATES - 1);
    if (key !== prevState) return this.#store.states.intern(this.#print(prevState));
    const known = this.#numbers[key]!;
    if (known !== 0) return known;
    return (this.#numbers[key] = this.#store.states.intern(this.#print(prevState)));
  }
}

function printerOf(release: string | undefined): (prevState: number) => string {
  const numbers = /^(\d{1,3})\.(\d{1,3})/.exec(release ?? '');
  const version = numbers === null ? undefined : Number(numbers[1]) * 1000 + Number(numbers[2]);
  const current = prevStatePrinter('');
  if (version === undefined) return withPreempted(current, PREEMPTED_OLD | PREEMPTED_4_8);
  if (version >= SINCE_4_14) return current;
  const old = prevStatePrinter(BEFORE_4_14);
  const printed = (state: number) => (state === IDLE_BEFORE_4_14 ? 'I' : old(state));
  return withPreempted(printed, version >= SINCE_4_8 ? PREEMPTED_4_8 : PREEMPTED_OLD);
}

function withPreempted(print: (state: number) => string, preempted: number): (state: number) => string {
  return (state) => ((state & preempted) === 0 ? print(state) : withPlus(print(state & ~preempted)));
}

function withPlus(text: string): string {
  return text.endsWith('+') ? text : `${text}+`;
}
