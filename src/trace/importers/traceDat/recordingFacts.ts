import { MAX_CPUS } from '../tracepoint/ringBuffer.js';
import type { EventStore } from '../../model/eventStore.js';
import type { BufferChoice } from './bufferChoice.js';
import { countsNanoseconds } from './recordingClock.js';
import type { TraceDatHead, TraceDatStart } from './traceDatHead.js';

/** Notes what a trace.dat tells of the recording as a whole, and what a user has to know before trusting it. */
export function describeRecording(
  store: EventStore,
  start: TraceDatStart,
  { options, buffers, longBytes }: TraceDatHead,
  choice: BufferChoice,
  compression: string,
): void {
  const { metadata } = store;
  const clock = choice.main.clock ?? options.clock;
  const facts: [string, string | undefined][] = [
    ['trace.dat version', String(start.version)],
    ['compression', compression],
    ['machine', `${longBytes * 8}-bit, ${start.isLittleEndian ? 'little' : 'big'}-endian`],
    ['kernel', options.uname],
    ['trace-cmd', options.tool],
    ['clock', clock],
    [
      'buffers',
      buffers.length > 1 || choice.main.name !== '' ? buffers.map(shownName).join(', ') : undefined,
    ],
    ['time offset', options.offsetNs === 0n ? undefined : `${options.offsetNs} ns, added to every time`],
  ];
  for (const [name, value] of facts) {
    if (value !== undefined && value !== '') metadata.properties.set(name, value);
  }
  const statistics = options.statistics.get(choice.main.name);
  metadata.overwrittenEvents = statistics?.overruns;
  if (statistics !== undefined && statistics.dropped > 0) {
    metadata.properties.set('dropped events', `${statistics.dropped}, for which the buffer had no room`);
  }
  const cpus = options.cpuCount ?? Math.max(...buffers.map((buffer) => buffer.cpus.length));
  metadata.cpuCount = cpus > 0 && cpus <= MAX_CPUS ? cpus : undefined;
  warn(store, choice, clock, countsNanoseconds(clock, options));
}

function warn(
  { diagnostics }: EventStore,
  { main, leftOut }: BufferChoice,
  clock: string | undefined,
  isNanoseconds: boolean,
): void {
  if (leftOut.length > 0) {
    diagnostics.push({
      severity: 'warning',
      message: `Several buffers of this recording hold the same kinds of scheduler events. They are read from ${shownName(main)}, which has most of them, and left out of ${leftOut.map(shownName).join(', ')}.`,
    });
  }
  if (!isNanoseconds) {
    diagnostics.push({
      severity: 'warning',
      message: `This recording was made with the clock "${clock}", which does not count nanoseconds: all times and durations are in its own units. Record with "-C mono" for times that can be compared.`,
    });
  }
}

function shownName({ name }: { readonly name: string }): string {
  return name === '' ? 'the main buffer' : `"${name}"`;
}
