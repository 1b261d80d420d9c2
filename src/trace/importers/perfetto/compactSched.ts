/**
 * Perfetto's compact encoding of sched_switch and sched_waking: a bundle's events as parallel arrays instead of one
 * message each. Source: CompactSched in protos/perfetto/trace/ftrace/ftrace_event_bundle.proto.
 *
 *     intern_table = 5 (repeated: names)
 *     switch: timestamp = 1, prev_state = 2, next_pid = 3, next_prio = 4, next_comm_index = 6
 *     waking: timestamp = 7, pid = 8, target_cpu = 9, prio = 10, comm_index = 11, common_flags = 12
 *
 * Time stamps are the distance to the one before, the first is absolute. Who left the CPU is not recorded, since it is
 * whom the switch before led to; nor is who wakes, since it is who runs.
 */
import type { TraceClock } from './traceClock.js';
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

const INTERN_TABLE = 5;
const HIGHEST_FIELD = 12;
const SWITCH = { time: 1, state: 2, pid: 3, prio: 4, comm: 6 } as const;
const WAKING = { time: 7, pid: 8, prio: 10, comm: 11, cpu: 9 } as const;

/** Bytes of one of the arrays. */
interface PackedArray {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly stop: number;
}

const EMPTY_ARRAY: PackedArray = { bytes: new Uint8Array(0), start: 0, stop: 0 };

/** What a bundle's arrays are, found but not read. */
export class CompactSched {
  /** Names as places in `bytes`. */
  readonly commStarts: number[] = [];
  readonly commStops: number[] = [];
  readonly switchCount: number;
  readonly wakingCount: number;
  /** Offset of the last event; -Infinity for none. */
  readonly latestNs: number;
  /** By field number. */
  readonly #arrays: PackedArray[] = [];
  readonly isDamaged: boolean;

  constructor(
    readonly bytes: Uint8Array,
    start: number,
    stop: number,
    clock: TraceClock,
  ) {
    const pieces: PackedArray[][] = [];
    const reader = new WireReader().open(bytes, start, stop);
    for (let from = start; reader.next(); from = reader.at) {
      const { field, wireType } = reader;
      if (field > HIGHEST_FIELD) continue;
      if (field === INTERN_TABLE) {
        if (wireType !== LENGTH_DELIMITED) continue;
        this.commStarts.push(reader.start);
        this.commStops.push(reader.stop);
      } else if (wireType === LENGTH_DELIMITED) {
        (pieces[field] ??= []).push({ bytes, start: reader.start, stop: reader.stop });
      } else if (wireType === VARINT) {
        // A number on its own is as good as an array of one; its tag is one byte, field numbers being below 16.
        (pieces[field] ??= []).push({ bytes, start: from + 1, stop: reader.at });
      }
    }
    this.isDamaged = reader.isDamaged;
    for (let field = 0; field <= HIGHEST_FIELD; field += 1) this.#arrays.push(joined(pieces[field] ?? []));
    const switches = new LastTime(this.cursor(SWITCH.time), clock);
    const wakings = new LastTime(this.cursor(WAKING.time), clock);
    this.switchCount = switches.count;
    this.wakingCount = wakings.count;
    this.latestNs = Math.max(switches.latestNs, wakings.latestNs);
  }

  cursor(field: number): WireReader {
    const { bytes, start, stop } = this.#arrays[field]!;
    return new WireReader().open(bytes, start, stop);
  }
}

/** Adds up time stamps, to know where they end. */
class LastTime {
  count = 0;
  latestNs = -Infinity;

  constructor(times: WireReader, clock: TraceClock) {
    let sum = 0;
    while (times.at < times.end && times.varint()) {
      sum = this.count === 0 ? clock.offsetOf(times.hi, times.lo) : sum + times.signed();
      if (sum > this.latestNs) this.latestNs = sum;
      this.count += 1;
    }
  }
}

/** The protobuf rule for a packed array that stands in several pieces. */
function joined(pieces: readonly PackedArray[]): PackedArray {
  const [first] = pieces;
  if (first === undefined) return EMPTY_ARRAY;
  if (pieces.length === 1) return first;
  const bytes = new Uint8Array(pieces.reduce((sum, { start, stop }) => sum + stop - start, 0));
  let at = 0;
  for (const { bytes: from, start, stop } of pieces) {
    bytes.set(from.subarray(start, stop), at);
    at += stop - start;
  }
  return { bytes, start: 0, stop: bytes.length };
}

/** Goes over the switches or the wakings of a bundle. */
export class CompactCursor {
  /** Offset of the event that comes next; Infinity at the end. */
  nextNs = Infinity;
  /** How many were read. */
  count = 0;
  pid = 0;
  prio = 0;
  /** Low 32 bits of a switch's prev_state. */
  state = 0;
  targetCpu = -1;
  /** Its name as a place in the bytes of the bundle. */
  commStart = 0;
  commStop = 0;
  /** The arrays are of different lengths, or name a name that is not in the table. */
  isDamaged = false;

  readonly #compact: CompactSched;
  readonly #times: WireReader;
  readonly #states: WireReader | undefined;
  readonly #cpus: WireReader | undefined;
  readonly #pids: WireReader;
  readonly #prios: WireReader;
  readonly #comms: WireReader;
  #nowNs = 0;

  constructor(compact: CompactSched, clock: TraceClock, kind: 'switch' | 'waking') {
    const isSwitch = kind === 'switch';
    const fields = isSwitch ? SWITCH : WAKING;
    this.#compact = compact;
    this.#times = compact.cursor(fields.time);
    this.#pids = compact.cursor(fields.pid);
    this.#prios = compact.cursor(fields.prio);
    this.#comms = compact.cursor(fields.comm);
    this.#states = isSwitch ? compact.cursor(SWITCH.state) : undefined;
    this.#cpus = isSwitch ? undefined : compact.cursor(WAKING.cpu);
    const times = this.#times;
    if (times.at < times.end && times.varint())
      this.nextNs = this.#nowNs = clock.offsetOf(times.hi, times.lo);
    this.#checkEnd();
  }

  /** Reads the event at `nextNs`; false when it is not whole, which ends the reading. */
  read(): boolean {
    const pids = this.#pids;
    const prios = this.#prios;
    const comms = this.#comms;
    const isWhole = pids.varint() && prios.varint() && comms.varint() && this.#readOther();
    const comm = comms.lo;
    const { commStarts, commStops } = this.#compact;
    if (!isWhole || comms.hi !== 0 || comm < 0 || comm >= commStarts.length) {
      this.isDamaged = true;
      this.nextNs = Infinity;
      return false;
    }
    this.pid = pids.lo;
    this.prio = prios.lo;
    this.commStart = commStarts[comm]!;
    this.commStop = commStops[comm]!;
    this.count += 1;
    this.#advance();
    return true;
  }

  #readOther(): boolean {
    const states = this.#states ?? this.#cpus!;
    if (!states.varint()) return false;
    if (this.#states === undefined) this.targetCpu = states.lo;
    else this.state = states.lo;
    return true;
  }

  #advance(): void {
    const times = this.#times;
    if (times.at < times.end && times.varint()) {
      this.#nowNs += times.hi === 0 ? times.lo >>> 0 : times.signed();
      this.nextNs = this.#nowNs;
      return;
    }
    this.nextNs = Infinity;
    this.#checkEnd();
  }

  /** At the end of the times, the other arrays must be at theirs. */
  #checkEnd(): void {
    if (this.nextNs !== Infinity) return;
    const others = [this.#pids, this.#prios, this.#comms, this.#states, this.#cpus];
    const isLeft = others.some((array) => array !== undefined && array.at < array.end);
    if (isLeft || this.#times.isDamaged) this.isDamaged = true;
  }
}
