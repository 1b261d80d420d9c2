/** Sequences that are none: what they reach across, and what was lost from them. */
import { PART_NAMES } from '../../../dataset/sequences.js';
import type { DataSetMeta, RecordingEntry } from '../../../dataset/files/dataSetMeta.js';
import type { StoredPart } from '../../../dataset/dataSet.js';
import { failed, overClaims, passed, unless, type Check, type Finding } from '../check.js';
import {
  PART_TITLES,
  recordingName,
  sequencesOf,
  type AuditedDataSet,
  type SequencePlace,
} from '../subject.js';
import { counted, duration, list, percent } from '../texts.js';

const MANY_LOST = 0.01;
const MUCH_LEFT_OUT = 0.1;
/** A time difference of an uncut recording with losses is a hole when it is so much longer than 999 of 1,000 others. */
const HOLE_FACTOR = 20;
const LEAST_HOLE_NS = 1e6;
const USUAL_SHARE = 0.999;
const LEAST_DELTAS = 1000;

export const acrossGaps: Check = {
  id: 'windows-across-gaps',
  title: 'Sequences reach across recordings, CPUs or losses',
  explanation:
    'What stands behind a seam did not follow what stands before it; a model that is trained or tested across one learns, or fails on, an order of events that never was.',
  inDataSet: lookAtSequences,
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell where windows were cut.', ({ windows }) => {
      if (windows === undefined) return null;
      return windows.cross.length === 0
        ? passed('No window reaches across anything.')
        : failed(`Windows reach across ${list(windows.cross)}.`);
    }),
  needs: 'There are no sequences to look at.',
};

export const lostEvents: Check = {
  id: 'lost-events',
  title: 'Events were lost while recording',
  explanation:
    'When buffers run full, events are dropped just where most happens; what is left shows the calm moments, and who came next at the holes is not known.',
  inDataSet: ({ meta: { recordings } }) => {
    const reasons = recordings.flatMap((recording) => [...lossesOf(recording)]);
    const lost = recordings.reduce((sum, { lostEvents: each }) => sum + each, 0);
    return unless(
      reasons,
      `Of ${counted(recordings.length, 'recording')} ${counted(lost, 'event')} were lost.`,
    );
  },
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how many events were lost.', ({ lost }) => {
      if (lost === undefined) return null;
      const share = lost.lost / (lost.lost + lost.events);
      const text = `${counted(lost.lost, 'event')} (${percent(share)}) were lost.`;
      return share > MANY_LOST ? failed(text) : passed(text);
    }),
  needs: 'There is no recording to look at.',
};

function* lossesOf(recording: RecordingEntry): Generator<string> {
  const { lostEvents: lost, events, lossPlaces, leftOut, rows } = recording;
  const share = lost / Math.max(1, lost + events);
  if (share > MANY_LOST) {
    yield `${recordingName(recording)} lost ${lost} of ${lost + events} events (${percent(share)}) in ${counted(lossPlaces, 'place')}.`;
  }
  const without = leftOut / Math.max(1, leftOut + rows);
  if (without > MUCH_LEFT_OUT) {
    yield `Of ${recordingName(recording)} ${percent(without)} of the switches are left out, since events around them were lost.`;
  }
}

async function lookAtSequences({ meta, part }: AuditedDataSet): Promise<Finding> {
  const reasons: string[] = [];
  const rowsOf = new Float64Array(meta.recordings.length);
  const seams = new Seams(meta);
  let sequences = 0;
  for (const name of PART_NAMES) {
    const columns = await part(name);
    for (const place of sequencesOf(columns)) {
      sequences += 1;
      rowsOf[place.origin.recording]! += place.end - place.start;
      const fault = faultOf(columns, place, meta);
      if (fault !== null) reasons.push(`In ${PART_TITLES[name]} ${fault}.`);
      seams.add(columns, place);
    }
  }
  meta.recordings.forEach((recording, index) => {
    if (rowsOf[index]! > recording.rows) {
      reasons.push(
        `${recordingName(recording)} gave ${recording.rows} rows, and sequences that are said to be of it hold ${rowsOf[index]!}.`,
      );
    }
  });
  reasons.push(...seams.holes());
  return unless(
    reasons,
    `${counted(sequences, 'sequence')} lie each within one recording${meta.options.perCpu ? ' and one CPU' : ''}, in order of time and without holes.`,
  );
}

/** What in a sequence cannot be of one recording and CPU, as a clause. */
function faultOf(
  { cpu, deltaNs }: StoredPart,
  { start, end, origin, startNs }: SequencePlace,
  { recordings, options }: DataSetMeta,
): string | null {
  const recording = recordings[origin.recording]!;
  const whose = `a sequence of ${recordingName(recording)}`;
  if (options.perCpu && origin.cpu === null) return `${whose} is of no single CPU, in a data set by CPU`;
  let sumNs = 0;
  for (let row = start; row < end; row += 1) {
    if (origin.cpu !== null && cpu[row] !== origin.cpu) {
      return `${whose} and CPU ${origin.cpu} holds rows of CPU ${cpu[row]!}`;
    }
    if (row === start) continue;
    const ns = deltaNs[row]!;
    if (Number.isNaN(ns)) return `${whose} holds a row without a time difference in its midst`;
    if (ns < 0) return `${whose} goes back in time by ${duration(-ns)}`;
    sumNs += ns;
  }
  const beforeNs = Number(BigInt(recording.startNs) - startNs);
  if (beforeNs > 0) return `${whose} begins ${duration(beforeNs)} before the recording does`;
  const behindNs = Number(startNs - BigInt(recording.endNs)) + sumNs;
  // Sums of time differences are exact, but times beyond 2^53 ns are not.
  return behindNs > 1000 ? `${whose} ends ${duration(behindNs)} after the recording does` : null;
}

/** Time differences of recordings that told losses and were not cut at them. */
class Seams {
  readonly #deltas = new Map<number, number[]>();
  readonly #sequences: Float64Array;

  constructor(private readonly meta: DataSetMeta) {
    this.#sequences = new Float64Array(meta.recordings.length);
  }

  add({ deltaNs }: StoredPart, { start, end, origin: { recording } }: SequencePlace): void {
    this.#sequences[recording]! += 1;
    if (this.meta.recordings[recording]!.lossPlaces === 0) return;
    const deltas = this.#deltas.get(recording) ?? [];
    this.#deltas.set(recording, deltas);
    for (let row = start + 1; row < end; row += 1) if (deltaNs[row]! >= 0) deltas.push(deltaNs[row]!);
  }

  *holes(): Generator<string> {
    for (const [index, deltas] of this.#deltas) {
      const recording = this.meta.recordings[index]!;
      const uncut = this.meta.options.perCpu ? recording.cpus : 1;
      const parts = PART_NAMES.filter((name) => recording.parts[name] > 0).length;
      if (this.#sequences[index]! > uncut * Math.max(1, parts) || deltas.length < LEAST_DELTAS) continue;
      const sorted = Float64Array.from(deltas).sort();
      const usual = sorted[Math.floor(USUAL_SHARE * (sorted.length - 1))]!;
      const longest = sorted.at(-1)!;
      if (longest < Math.max(LEAST_HOLE_NS, HOLE_FACTOR * usual)) continue;
      yield `${recordingName(recording)} lost events in ${counted(recording.lossPlaces, 'place')} and was not cut there: one of its sequences holds a gap of ${duration(longest)}, where 999 of 1,000 are below ${duration(usual)}.`;
    }
  }
}
