/**
 * Perfetto's protobuf traces (`.perfetto-trace`, `.pftrace`) with the scheduler events of linux.ftrace.
 *
 * Source of the format: the message definitions under protos/perfetto/trace in Perfetto's repository; each file here
 * names those it reads. A trace is a sequence of packets; batches of events of one CPU (`ftraceBundle.ts`) hold them as
 * messages (`eventFields.ts`) or as parallel arrays (`compactSched.ts`).
 *
 *     0a 1e                      Trace.packet, 30 bytes
 *       0a 1c                      TracePacket.ftrace_events, 28 bytes
 *         08 01                      FtraceEventBundle.cpu 1
 *         12 18 08 e8 07 10 2a …     FtraceEventBundle.event: timestamp 1000, pid 42, …
 *
 * The wire format is read by hand (`wire.ts`), since libraries for it allocate for each event and each 64-bit number.
 */
import { Failure } from '../../../base/errors.js';
import type { RandomAccess } from '../../../base/randomAccess.js';
import type { EventStore } from '../../model/eventStore.js';
import type { Detection, FileImporter, ImportSteps } from '../importer.js';
import { mergeByTime } from '../tracepoint/timeMerge.js';
import { PacketFile } from './packetFile.js';
import { PerfettoTrace } from './perfettoTrace.js';
import { looksLikePacket } from './tracePackets.js';
import { VARINT_BYTES, WireReader } from './wire.js';

const PACKET_TAG = 0x0a;
/** Packets that must look right before a file is believed to be a trace, unless it has fewer. */
const BELIEVED_PACKETS = 8;
/** Bytes of packets between two steps. */
const STEP_BYTES = 1024 * 1024;
const NAMED_FAULTS = 5;

export const perfetto: FileImporter = {
  kind: 'file',
  name: 'perfetto',
  label: 'Perfetto trace (protobuf)',
  detect,
  read,
};

function detect(head: Uint8Array): Detection {
  if (head[0] !== PACKET_TAG) return { matches: false, reason: 'it does not begin with a packet (byte 0a)' };
  const reader = new WireReader();
  let at = 0;
  let count = 0;
  while (at < head.length && count < BELIEVED_PACKETS) {
    reader.open(head, at + 1, Math.min(head.length, at + 1 + VARINT_BYTES));
    if (head[at] !== PACKET_TAG || !reader.varint()) {
      if (count > 0 && head.length - at <= VARINT_BYTES && head[at] === PACKET_TAG) break;
      return { matches: false, reason: `there is no packet at byte ${at}` };
    }
    const stop = reader.at + reader.unsigned();
    const isCut = stop > head.length;
    if (!looksLikePacket(head, reader.at, Math.min(stop, head.length), isCut)) {
      return { matches: false, reason: `what stands at byte ${at} is no packet of a trace` };
    }
    count += 1;
    at = stop;
  }
  return { matches: true, confidence: count > 1 ? 0.95 : 0.7 };
}

function* read(file: RandomAccess, store: EventStore): ImportSteps {
  const { metadata } = store;
  metadata.capabilities = { wakeups: true, prevState: true, priorities: true, textLines: false };
  const rowsBefore = store.length;
  const packets = new PacketFile(file);
  const trace = new PerfettoTrace(store);
  const doneBytes = () => packets.offset;
  let steppedAt = 0;
  while (packets.next()) {
    trace.read(packets.bytes, packets.start, packets.stop, packets.packetOffset);
    do {
      if (!trace.mayEmit) continue;
      trace.mayEmit = false;
      yield* mergeByTime(trace.streams, doneBytes);
    } while (trace.readExpanded());
    if (packets.offset - steppedAt >= STEP_BYTES) {
      steppedAt = packets.offset;
      yield steppedAt;
    }
  }
  trace.releaseAll();
  yield* mergeByTime(trace.streams, doneBytes);
  trace.finish();
  addFaults(store, packets.faults);
  if (store.length === rowsBefore) throw nothingFound(file.name, trace, packets.faults);
}

function addFaults({ diagnostics }: EventStore, faults: readonly string[]): void {
  for (const message of faults.slice(0, NAMED_FAULTS)) diagnostics.push({ severity: 'error', message });
  const more = faults.length - NAMED_FAULTS;
  if (more > 0) diagnostics.push({ severity: 'error', message: `There are ${more} more damaged places.` });
}

function nothingFound(name: string, trace: PerfettoTrace, faults: readonly string[]): Failure {
  const what =
    trace.bundleCount === 0
      ? `has no ftrace events in its ${trace.packetCount} packets`
      : `has ${trace.bundleCount} batches of ftrace events, the first at byte ${trace.firstBundleAt}, but no scheduler event that can be read among them`;
  const other = trace.hasTaskStates
    ? ' The scheduler events of other data sources that it has (generic_kernel_task_state_event) are not read.'
    : '';
  const damage = faults.length === 0 ? '' : ` ${faults[0]!}`;
  return new Failure(
    'bad-input',
    `${name} ${what}.${other}${damage} Record with the data source linux.ftrace and ftrace_events "sched/sched_switch", "sched/sched_wakeup", "sched/sched_waking" and "sched/sched_wakeup_new".`,
  );
}
