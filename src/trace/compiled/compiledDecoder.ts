/**
 * The decoder for the frequent binary records, compiled from C (README.md): its functions, and the tables that it shares with
 * the readers in TypeScript, as typed arrays over its memory. The memory never grows, so that they stay valid.
 */
import { webAssembly, type WasmModule } from '../../base/webAssembly.js';
import { EventType } from '../model/eventType.js';
import type { RecordPlan, TaskPlace } from '../importers/tracepoint/recordPlan.js';
import { DECODER } from './generated/decoderBytes.js';

/** An address in the decoder's memory. */
interface Address {
  readonly value: number;
}

type Data =
  | 'plans'
  | 'recent_tasks'
  | 'flag_numbers'
  | 'state_numbers'
  | 'running_pids'
  | 'running_tasks'
  | 'block'
  | 'last_ns'
  | 'row_time_ns'
  | 'row_actor'
  | 'row_subject'
  | 'row_line'
  | 'row_arg'
  | 'row_cpu'
  | 'row_wide_cpu'
  | 'row_state'
  | 'row_flags'
  | 'row_actor_prio'
  | 'row_subject_prio'
  | 'row_type'
  | 'row_vruntime'
  | 'samples'
  | 'attrs'
  | 'queue'
  | 'chunk_bases'
  | 'chunk_waiting'
  | 'id_highs'
  | 'id_lows'
  | 'id_attrs'
  | 'rings'
  | 'ring_order'
  | 'event_kinds';

interface Functions {
  readonly __heap_base: Address;
  scan_samples(chunk: number, at: number, end: number): number;
  read_rings(budget: number): number;
  read_samples(row: number, end: number, untilNs: number, shiftNs: number): number;
}

type Exports = Functions & Readonly<Record<Data, Address>>;

/** Sizes of decoder.h. */
const MAX_PLANS = 16;
const PLAN_WORDS = 19;
const TASK_SLOTS = 4096;
const SLOT_WORDS = 8;
const TRACKED_CPUS = 8192;

const PAGE_BYTES = 65536;
/** Behind the last byte that is handed out: records are read by words. */
const SPARE_BYTES = 64;

const IS_LITTLE_HOST = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

let compiled: WasmModule | undefined;

export class CompiledDecoder {
  readonly functions: Functions;
  readonly buffer: ArrayBuffer;
  readonly recentTasks: Int32Array;
  readonly flagNumbers: Uint32Array;
  readonly runningPids: Int32Array;
  readonly runningTasks: Uint32Array;
  readonly #exports: Exports;
  readonly #plans: Int32Array;
  #planCount = 0;
  #hasSwitch = false;
  #next: number;

  /** With memory for so many bytes of its users; undefined where there is no WebAssembly, or not so much memory. */
  static begin(heapBytes: number): CompiledDecoder | undefined {
    if (!IS_LITTLE_HOST) return undefined;
    try {
      compiled ??= new webAssembly.Module(Buffer.from(DECODER, 'base64'));
      return new CompiledDecoder(compiled, heapBytes);
    } catch {
      // Slower, and otherwise the same.
      return undefined;
    }
  }

  private constructor(module: WasmModule, heapBytes: number) {
    const pages = Math.ceil((DATA_BYTES + heapBytes + SPARE_BYTES) / PAGE_BYTES);
    const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
    this.#exports = new webAssembly.Instance(module, { env: { memory } }).exports as Exports;
    this.functions = this.#exports;
    this.buffer = memory.buffer;
    this.#next = this.functions.__heap_base.value;
    this.recentTasks = this.words('recent_tasks', TASK_SLOTS * SLOT_WORDS);
    this.flagNumbers = this.unsigned('flag_numbers', 65536);
    this.runningPids = this.words('running_pids', TRACKED_CPUS);
    this.runningTasks = this.unsigned('running_tasks', TRACKED_CPUS);
    this.#plans = this.words('plans', MAX_PLANS * PLAN_WORDS);
  }

  addressOf(name: Data): number {
    return this.#exports[name].value;
  }

  words(name: Data, count: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.buffer, this.addressOf(name), count);
  }

  unsigned(name: Data, count: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.buffer, this.addressOf(name), count);
  }

  doubles(name: Data, count: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.buffer, this.addressOf(name), count);
  }

  halves(name: Data, count: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.buffer, this.addressOf(name), count);
  }

  signedHalves(name: Data, count: number): Int16Array<ArrayBuffer> {
    return new Int16Array(this.buffer, this.addressOf(name), count);
  }

  bytes(name: Data, count: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, this.addressOf(name), count);
  }

  /** Address of so many bytes of the memory that is left, at a multiple of 8; undefined when they are not left. */
  take(count: number): number | undefined {
    const at = Math.ceil(this.#next / 8) * 8;
    if (at + count + SPARE_BYTES > this.buffer.byteLength) return undefined;
    this.#next = at + count;
    return at;
  }

  /** The number of the plan here; -1 when its records are not for this decoder. Its `stateNumbers` are shared from now on. */
  addPlan(plan: RecordPlan): number {
    const isSwitch = plan.type === EventType.Switch;
    if (!plan.hasWords || this.#planCount === MAX_PLANS || (isSwitch && this.#hasSwitch)) return -1;
    if (isSwitch) {
      this.#hasSwitch = true;
      plan.stateNumbers = this.halves('state_numbers', 65536);
    }
    const number = this.#planCount;
    this.#planCount += 1;
    this.#plans.set(wordsOf(plan), number * PLAN_WORDS);
    return number;
  }
}

/** All that lies before the memory for others: 1.1 MB; some more does no harm. */
const DATA_BYTES = 20 * PAGE_BYTES;

/** As in `struct plan`. */
function wordsOf(plan: RecordPlan): number[] {
  return [
    plan.type,
    plan.minimumBytes,
    ...placeWords(plan.subject),
    ...placeWords(plan.partner),
    plan.prioAt,
    plan.partnerPrioAt,
    plan.stateAt,
    plan.actorPidAt,
    plan.successAt,
    plan.argAt,
    plan.secondArgAt,
    plan.vruntimeAt,
    plan.secondVruntimeAt,
  ];
}

function placeWords({ pidAt, commAt, locationAt, textOrigin }: TaskPlace): number[] {
  return [pidAt, commAt, locationAt, textOrigin];
}
