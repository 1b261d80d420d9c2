/**
 * What a TracePacket may hold, as far as it matters here. Source: protos/perfetto/trace/trace_packet.proto.
 *
 *     ftrace_events = 1, process_tree = 2, trusted_packet_sequence_id = 10, ftrace_stats = 34,
 *     previous_packet_dropped = 42, system_info = 45, compressed_packets = 50, machine_id = 98,
 *     generic_kernel_task_state_event = 117, zstd_compressed_packets = 133
 */
import { LENGTH_DELIMITED, VARINT, WireReader } from './wire.js';

export const FTRACE_EVENTS = 1;
export const PROCESS_TREE = 2;
export const FTRACE_STATS = 34;
export const SYSTEM_INFO = 45;
export const TASK_STATE_EVENT = 117;

/** Fields that are numbers; all others have a length. */
const NUMBERS: ReadonlySet<number> = new Set([3, 8, 10, 13, 41, 42, 58, 79, 87, 98]);
const WANTED: ReadonlySet<number> = new Set([
  FTRACE_EVENTS,
  PROCESS_TREE,
  FTRACE_STATS,
  SYSTEM_INFO,
  50,
  TASK_STATE_EVENT,
  133,
]);
/** Fields up to here are assigned, 900 is for tests, and 1000 to 1999 are for extensions. */
const ASSIGNED_FIELDS = 200;

/** The head of a packet: what it holds and where it comes from. */
export class PacketHead {
  /** Number of the field with its content; 0 for none that is wanted. */
  field = 0;
  start = 0;
  stop = 0;
  sequence = 0;
  /** Packets of this sequence before this one are missing; also set in the first one of all. */
  isAfterLoss = false;
  /** Another machine than the one that recorded, such as a virtual machine on it; 0 for the one itself. */
  machine = 0;
  readonly #reader = new WireReader();

  /** Reads the packet `[start, stop)`; false when it is damaged. */
  read(bytes: Uint8Array, start: number, stop: number): boolean {
    const reader = this.#reader.open(bytes, start, stop);
    this.field = 0;
    this.sequence = 0;
    this.isAfterLoss = false;
    this.machine = 0;
    while (reader.next()) {
      const { field, wireType } = reader;
      if (wireType === LENGTH_DELIMITED) {
        if (!WANTED.has(field)) continue;
        this.field = field;
        this.start = reader.start;
        this.stop = reader.stop;
      } else if (wireType === VARINT) {
        if (field === 10) this.sequence = reader.lo;
        else if (field === 42) this.isAfterLoss = reader.lo !== 0;
        else if (field === 98) this.machine = reader.lo;
      }
    }
    return !reader.isDamaged;
  }
}

/**
 * Whether `[start, stop)` looks like a packet: fields that are assigned, each of its kind. `isCut`: the bytes end before
 * the packet does, so that its last field need not be whole.
 */
export function looksLikePacket(bytes: Uint8Array, start: number, stop: number, isCut: boolean): boolean {
  const reader = new WireReader().open(bytes, start, stop);
  let count = 0;
  while (reader.next()) {
    if (!isAssigned(reader.field) || reader.wireType !== wireTypeOf(reader.field)) return false;
    count += 1;
  }
  if (!reader.isDamaged) return count > 0 || stop === start;
  if (!isCut) return false;
  // The tag of the field that is cut was still read, or is that of the field before.
  return count > 0 || (isAssigned(reader.field) && reader.wireType === wireTypeOf(reader.field));
}

function isAssigned(field: number): boolean {
  return (field >= 1 && field <= ASSIGNED_FIELDS) || field === 900 || (field >= 1000 && field < 2000);
}

function wireTypeOf(field: number): number {
  return NUMBERS.has(field) ? VARINT : LENGTH_DELIMITED;
}
