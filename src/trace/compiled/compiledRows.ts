import type { RowBlock } from '../model/eventColumns.js';
import type { EventStore } from '../model/eventStore.js';
import type { CompiledDecoder } from './compiledDecoder.js';

/** BLOCK_ROWS and EVENT_TYPES of decoder.h. */
const BLOCK_ROWS = 4096;
const EVENT_TYPES = 9;
const TRACKED_CPUS = 8192;
/** Places of `struct block`: of 32 bits, and of 64. */
const ROWS = 0;
const CPU_LIMIT = 1;
const IS_SORTED = 2;
const HAS_VRUNTIMES = 3;
const COUNTS = 4;
const BLOCK_WORDS = 14;
const START_NS = BLOCK_WORDS / 2;
const END_NS = START_NS + 1;
/** CPUs whose number fits a byte. */
const NARROW_CPUS = 256;

/** The rows that the decoder made and that are not in the store yet. Before anything else adds to the store, they have to be. */
export class CompiledRows {
  readonly #store: EventStore;
  readonly #numbers: Uint32Array;
  readonly #times: Float64Array;
  readonly #lastNs: Float64Array;
  readonly #timeNs: Float64Array;
  readonly #actor: Uint32Array;
  readonly #subject: Uint32Array;
  readonly #line: Uint32Array;
  readonly #arg: Int32Array;
  readonly #cpu: Uint8Array;
  readonly #wideCpu: Uint16Array;
  readonly #state: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #actorPrio: Int16Array;
  readonly #subjectPrio: Int16Array;
  readonly #type: Uint8Array;
  readonly #vruntimeNs: BigInt64Array;

  constructor(decoder: CompiledDecoder, store: EventStore) {
    this.#store = store;
    this.#numbers = decoder.unsigned('block', BLOCK_WORDS);
    this.#times = decoder.doubles('block', END_NS + 1);
    this.#lastNs = decoder.doubles('last_ns', TRACKED_CPUS).fill(NaN);
    this.#timeNs = decoder.doubles('row_time_ns', BLOCK_ROWS);
    this.#actor = decoder.unsigned('row_actor', BLOCK_ROWS);
    this.#subject = decoder.unsigned('row_subject', BLOCK_ROWS);
    this.#line = decoder.unsigned('row_line', BLOCK_ROWS);
    this.#arg = decoder.words('row_arg', BLOCK_ROWS);
    this.#cpu = decoder.bytes('row_cpu', BLOCK_ROWS);
    this.#wideCpu = decoder.halves('row_wide_cpu', BLOCK_ROWS);
    this.#state = decoder.bytes('row_state', BLOCK_ROWS);
    this.#flags = decoder.bytes('row_flags', BLOCK_ROWS);
    this.#actorPrio = decoder.signedHalves('row_actor_prio', BLOCK_ROWS);
    this.#subjectPrio = decoder.signedHalves('row_subject_prio', BLOCK_ROWS);
    this.#type = decoder.bytes('row_type', BLOCK_ROWS);
    this.#vruntimeNs = new BigInt64Array(decoder.buffer, decoder.addressOf('row_vruntime'), BLOCK_ROWS);
    this.#clear();
  }

  get isFull(): boolean {
    return this.#numbers[ROWS] === BLOCK_ROWS;
  }

  /** Brings the rows into the store. */
  flush(): void {
    if (this.#numbers[ROWS] === 0) return;
    this.#store.appendRows(this.#block());
    this.#clear();
  }

  #block(): RowBlock {
    const numbers = this.#numbers;
    const length = numbers[ROWS]!;
    const cpuLimit = numbers[CPU_LIMIT]!;
    return {
      length,
      timeNs: this.#timeNs.subarray(0, length),
      actor: this.#actor.subarray(0, length),
      subject: this.#subject.subarray(0, length),
      line: this.#line.subarray(0, length),
      arg: this.#arg.subarray(0, length),
      cpu: (cpuLimit > NARROW_CPUS ? this.#wideCpu : this.#cpu).subarray(0, length),
      state: this.#state.subarray(0, length),
      flags: this.#flags.subarray(0, length),
      actorPrio: this.#actorPrio.subarray(0, length),
      subjectPrio: this.#subjectPrio.subarray(0, length),
      type: this.#type.subarray(0, length),
      vruntimeNs: numbers[HAS_VRUNTIMES] === 0 ? undefined : this.#vruntimeNs.subarray(0, length),
      isSorted: numbers[IS_SORTED] === 1,
      startNs: this.#times[START_NS]!,
      endNs: this.#times[END_NS]!,
      counts: Array.from(numbers.subarray(COUNTS, COUNTS + EVENT_TYPES)),
      lastNs: this.#lastNs.subarray(0, cpuLimit),
    };
  }

  #clear(): void {
    const numbers = this.#numbers;
    this.#lastNs.fill(NaN, 0, numbers[CPU_LIMIT]);
    numbers.fill(0);
    numbers[IS_SORTED] = 1;
    this.#times[START_NS] = Infinity;
    this.#times[END_NS] = -Infinity;
  }
}
