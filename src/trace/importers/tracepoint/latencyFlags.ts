import type { CompiledDecoder } from '../../compiled/compiledDecoder.js';
import type { EventStore } from '../../model/eventStore.js';

const IRQS_OFF = 0x01;
/** Before 6.13 "irqs-off not supported", since then lazy rescheduling: the two cannot be told apart in a record. */
const NOT_SUPPORTED_OR_LAZY = 0x02;
const NEED_RESCHED = 0x04;
const HARDIRQ = 0x08;
const SOFTIRQ = 0x10;
const PREEMPT_RESCHED = 0x20;
const NMI = 0x40;
const BH_OFF = 0x80;

/**
 * The five characters that the kernel prints for `common_flags` and `common_preempt_count`: `d..2.`. Source:
 * trace_print_lat_fmt in kernel/trace/trace_output.c. Byte 2 of the count holds migrate_disable in its high half.
 */
export function latencyFlagsText(flags: number, preemptCount: number): string {
  const isHard = (flags & HARDIRQ) !== 0;
  const isSoft = (flags & SOFTIRQ) !== 0;
  return [
    irqsCharacter(flags),
    needReschedCharacter(flags),
    contextCharacter((flags & NMI) !== 0, isHard, isSoft),
    hexOrDot(preemptCount & 0xf),
    hexOrDot(preemptCount >>> 4),
  ].join('');
}

function irqsCharacter(flags: number): string {
  const isOff = (flags & IRQS_OFF) !== 0;
  const isBhOff = (flags & BH_OFF) !== 0;
  if (isOff) return isBhOff ? 'D' : 'd';
  return isBhOff ? 'b' : '.';
}

function needReschedCharacter(flags: number): string {
  const isLazy = (flags & NOT_SUPPORTED_OR_LAZY) !== 0;
  const isNeeded = (flags & NEED_RESCHED) !== 0;
  const isPreempt = (flags & PREEMPT_RESCHED) !== 0;
  if (isNeeded && isPreempt) return isLazy ? 'B' : 'N';
  if (isNeeded) return isLazy ? 'b' : 'n';
  if (isPreempt) return isLazy ? 'L' : 'p';
  return isLazy ? 'l' : '.';
}

function contextCharacter(isNmi: boolean, isHard: boolean, isSoft: boolean): string {
  if (isNmi) return isHard ? 'Z' : 'z';
  if (isHard) return isSoft ? 'H' : 'h';
  return isSoft ? 's' : '.';
}

function hexOrDot(value: number): string {
  return value === 0 ? '.' : value.toString(16);
}

/** Numbers of flag texts in a store, each text made once. */
export class LatencyFlags {
  readonly #store: EventStore;
  /** By `preempt count << 8 | flags`, as they lie in a record: number + 1, 0 not made yet. */
  readonly numbers: Uint32Array;

  /** With the compiled decoder's table where it takes part. */
  constructor(store: EventStore, decoder?: CompiledDecoder) {
    this.#store = store;
    this.numbers = decoder?.flagNumbers ?? new Uint32Array(65536);
  }

  numberOf(flags: number, preemptCount: number): number {
    const key = ((preemptCount & 0xff) << 8) | (flags & 0xff);
    const known = this.numbers[key]!;
    if (known !== 0) return known - 1;
    const number = this.#store.flagTexts.intern(latencyFlagsText(flags, preemptCount));
    this.numbers[key] = number + 1;
    return number;
  }
}
