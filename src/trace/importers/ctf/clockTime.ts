import type { EventStore } from '../../model/eventStore.js';
import type { CtfClock } from './ctfMetadata.js';
import type { FieldMachine } from './fieldMachine.js';

const NS_PER_SECOND = 1_000_000_000n;

/** Without a clock, times are taken for nanoseconds of an unknown origin, as babeltrace does. */
const NO_CLOCK: CtfClock = {
  name: '',
  description: undefined,
  frequency: NS_PER_SECOND,
  offsetSeconds: 0n,
  offsetCycles: 0n,
};

/** Turns the cycles of a clock into time: exact, and for clocks of nanoseconds without big numbers. */
export class ClockTime {
  readonly #clock: CtfClock;
  readonly #originNs: bigint;
  /** The cycles that `#baseNs` (an offset of the store) stands for, as high and low 32 bits. */
  #baseHigh = 0;
  #baseLow = 0;
  #baseNs = 0;

  constructor(clock: CtfClock | undefined) {
    this.#clock = clock ?? NO_CLOCK;
    const { frequency, offsetSeconds, offsetCycles } = this.#clock;
    this.#originNs = offsetSeconds * NS_PER_SECOND + (offsetCycles * NS_PER_SECOND) / frequency;
  }

  /** Absolute time in ns at which the machine stands. */
  absoluteNs({ clockHigh, clockLow }: FieldMachine): bigint {
    const cycles = (BigInt(clockHigh) << 32n) + BigInt(clockLow);
    return this.#originNs + (cycles * NS_PER_SECOND) / this.#clock.frequency;
  }

  /** Offsets are counted from where the machine stands now. */
  setBase(machine: FieldMachine, store: EventStore): void {
    this.#baseHigh = machine.clockHigh;
    this.#baseLow = machine.clockLow;
    this.#baseNs = store.offsetOf(this.absoluteNs(machine));
  }

  /** Offset of the store, in ns, of the time at which the machine stands. */
  offsetNs(machine: FieldMachine, store: EventStore): number {
    if (this.#clock.frequency !== NS_PER_SECOND) return store.offsetOf(this.absoluteNs(machine));
    return (
      this.#baseNs + ((machine.clockHigh - this.#baseHigh) * 2 ** 32 + (machine.clockLow - this.#baseLow))
    );
  }
}
