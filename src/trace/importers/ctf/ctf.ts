/**
 * The Common Trace Format 1.8 with the scheduler's events of a kernel, as LTTng and `perf data convert --to-ctf` write
 * it: a folder with the file `metadata`, which describes the data streams beside it. Source: Common Trace Format
 * specification 1.8.3.
 *
 *     session/kernel/metadata, session/kernel/channel0_0 …, session/kernel/index/…     LTTng
 *     out/metadata, out/perf_stream_0 …                                                perf
 */
import { Failure } from '../../../base/errors.js';
import type { EventStore } from '../../model/eventStore.js';
import type { FolderImporter, ImportSteps } from '../importer.js';
import { mergeByTime } from '../tracepoint/timeMerge.js';
import { describeTrace, kernelReleaseOf } from './ctfProperties.js';
import { DataStream } from './dataStream.js';
import { metadataPaths, streamsOf, tracesOf } from './ctfTraces.js';
import { statePrinterFor } from './kernelStates.js';
import { isMetadataText, metadataByteOrder } from './metadataText.js';
import { Remarks } from './remarks.js';
import { SchedEventAdder } from './schedEvents.js';

/** Events between two steps while the first of a stream is looked for. */
const STEP_EVENTS = 32768;
/** Some 290 years: no clock counts further. */
const MAX_NS = 9_200_000_000_000_000_000n;

export const ctf: FolderImporter = {
  kind: 'folder',
  name: 'ctf',
  label: 'CTF 1.8 (LTTng kernel traces, perf data convert --to-ctf)',
  detect: (head) =>
    isMetadataText(head) || metadataByteOrder(head) !== undefined
      ? { matches: true, confidence: 1 }
      : {
          matches: false,
          reason: 'it is not the "metadata" file of a trace, which begins with "/* CTF 1.8 */" or 75D11D57',
        },
  detectFolder: (paths) =>
    metadataPaths(paths).length > 0
      ? { matches: true, confidence: 0.8 }
      : { matches: false, reason: 'no file named "metadata" in it' },
  read,
};

function* read(folder: Parameters<FolderImporter['read']>[0], store: EventStore): ImportSteps {
  store.metadata.capabilities = { wakeups: true, prevState: true, priorities: true, textLines: false };
  const remarks = new Remarks();
  try {
    const traces = tracesOf(folder, remarks);
    const first = traces[0]!;
    describeTrace(store, first.layout.metadata);
    const events = new SchedEventAdder(store, statePrinterFor(kernelReleaseOf(first.layout.metadata)));
    const sink = { store, events, remarks, record: 0 };
    const streams = streamsOf(folder, traces, remarks).map(
      ({ files, machine }) => new DataStream(files, machine, sink),
    );
    yield* readStreams(streams, store);
    if (events.unsuccessfulWakeups > 0) {
      remarks.add(
        'success',
        'info',
        `${events.unsuccessfulWakeups} wakeups with success=0 woke nobody: they are left out.`,
      );
    }
  } finally {
    remarks.tell(store);
  }
}

function* readStreams(streams: readonly DataStream[], store: EventStore): ImportSteps {
  const doneBytes = () => streams.reduce((sum, stream) => sum + stream.doneBytes, 0);
  for (const stream of streams) {
    while (!stream.findFirst(STEP_EVENTS)) yield doneBytes();
  }
  let firstNs: bigint | undefined;
  for (const stream of streams) {
    const ns = stream.firstNs();
    // A damaged first time must not become what all others are counted from.
    if (ns === undefined || ns > MAX_NS || ns < -MAX_NS) continue;
    if (firstNs === undefined || ns < firstNs) firstNs = ns;
  }
  if (firstNs === undefined) {
    throw new Failure(
      'bad-input',
      'The data streams of the CTF trace hold no scheduler event that could be read. Was it recorded with sched_switch enabled, and are all of its files there?',
    );
  }
  store.offsetOf(firstNs);
  for (const stream of streams) stream.begin();
  yield* mergeByTime(streams, doneBytes);
}
