import {
  ThreadState,
  type LaneSegments,
  type Loss,
  type ThreadName,
} from '../../../src/protocol/traceMessages.js';
import {
  formatCount,
  formatDuration,
  formatDurationExact,
  formatOffset,
  formatShare,
  formatTimestamp,
} from '../../common/format.js';
import { stateName, stateOf } from '../model/stateNames.js';

/** What a tooltip says: a heading, then label and value of each line. */
export interface Description {
  readonly title: string;
  readonly lines: readonly (readonly [label: string, value: string])[];
}

function times(startNs: number, endNs: number, baseNs: bigint): [string, string][] {
  return [
    ['Duration', formatDurationExact(endNs - startNs)],
    ['Start', formatOffset(startNs)],
    ['End', formatOffset(endNs)],
    ['Clock', formatTimestamp(baseNs, startNs)],
  ];
}

export function threadTitle(name: ThreadName | undefined, thread: number): string {
  return name === undefined ? `thread ${thread}` : `${name.comm} · ${name.pid}`;
}

/** Segment `index` of a lane in words. `nameOf` knows the threads of CPU lanes. */
export function describeSegment(
  lane: LaneSegments,
  index: number,
  baseNs: bigint,
  nameOf: (thread: number) => ThreadName | undefined,
): Description {
  const startNs = lane.startNs[index]!;
  const endNs = lane.endNs[index]!;
  const value = lane.value[index]!;
  const count = lane.count[index]!;
  const state = stateOf(lane.state[index]!);
  const span = times(startNs, endNs, baseNs);
  if (lane.lane.kind === 'depth') {
    const mean = lane.fill[index]!;
    const depth: [string, string][] =
      count > 1
        ? [
            ['Runnable, most', String(value)],
            ['Runnable, mean', mean.toFixed(2)],
          ]
        : [['Runnable', String(value)]];
    return { title: `Run queue of CPU ${lane.lane.cpu}`, lines: [...depth, ...span] };
  }
  if (lane.lane.kind === 'cpu') {
    if (state !== ThreadState.Running) return { title: `CPU ${lane.lane.cpu}: not known`, lines: span };
    const title = threadTitle(nameOf(value), value);
    if (count === 1) return { title, lines: [['State', `running on CPU ${lane.lane.cpu}`], ...span] };
    return {
      title: `Mostly ${title}`,
      lines: [...summarised(count, 'CPU busy', lane.fill[index]!), ...span],
    };
  }
  const title = threadTitle(nameOf(lane.lane.thread), lane.lane.thread);
  const where = value === 65535 || state === ThreadState.Sleeping ? '' : ` · CPU ${value}`;
  if (count === 1) return { title, lines: [['State', `${stateName(state)}${where}`], ...span] };
  return {
    title,
    lines: [['Mostly', stateName(state)], ...summarised(count, 'Running', lane.fill[index]!), ...span],
  };
}

function summarised(count: number, label: string, share: number): [string, string][] {
  return [
    ['Here', `${formatCount(count)} intervals; zoom in to tell them apart`],
    [label, formatShare(share)],
  ];
}

export function describeLoss(loss: Loss, baseNs: bigint): Description {
  const count = loss.count === null ? 'an unknown number of events' : `${formatCount(loss.count)} events`;
  return {
    title: `Lost events on CPU ${loss.cpu}`,
    lines: [['Lost', count], ...times(loss.startNs, loss.endNs, baseNs)],
  };
}

/** One line for the live region of screen readers. */
export function announcement(
  comm: string,
  pid: number,
  state: ThreadState,
  cpu: number | null,
  startNs: number,
  endNs: number | null,
): string {
  const where = cpu === null ? '' : ` on CPU ${cpu}`;
  const length = endNs === null ? 'until the end of the recording' : `for ${formatDuration(endNs - startNs)}`;
  return `${comm} ${pid}, ${stateName(state)}${where}, at ${formatOffset(startNs)} ${length}.`;
}
