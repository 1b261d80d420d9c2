/** What must not be on both sides: recordings, rows, and the choice of weights. */
import type { RecordingEntry } from '../../../dataset/files/dataSetMeta.js';
import type { PartName } from '../../../dataset/sequences.js';
import type { Claim } from '../claims/claims.js';
import { failed, overClaims, passed, skipped, unless, type Check, type Finding } from '../check.js';
import { LEAST_STRETCH, sharedRows } from '../measures/sharedRows.js';
import { PART_TITLES, recordingName, type AuditedDataSet, type AuditedRun } from '../subject.js';
import { counted, figure, list, percent } from '../texts.js';

const TESTS = ['seen', 'unseen'] as const satisfies readonly PartName[];

export const trainInTest: Check = {
  id: 'train-in-test',
  title: 'The same recording is in training and test',
  explanation:
    'A model that is tested on what it was trained on may have learnt it by heart, and its result tells nothing of recordings that it has not met.',
  inDataSet: (dataSet, signal) => lookForShared(dataSet, 'train', signal),
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell what was trained and what tested on.', ({ splits }) => {
      if (splits === undefined) return null;
      const both = inBoth(splits.train, splits.test);
      if (both.length > 0) return failed(`In training and test there ${areNamed(both)}.`);
      if (splits.by === 'row') {
        return failed(
          'Rows of one recording were dealt out to training and test one by one: each row is tested by the neighbours of rows that were trained on.',
        );
      }
      if (splits.train !== undefined && splits.test !== undefined) {
        return passed(
          `None of ${counted(splits.test.length, 'recording')} for the test is among those of training.`,
        );
      }
      return splits.by === undefined ? null : passed(`Training and test are split by ${splits.by}.`);
    }),
  needs: 'There is no split to look at.',
};

export const chosenOnTest: Check = {
  id: 'chosen-on-test',
  title: 'The weights were chosen on the test',
  explanation:
    'Of many states of a model the one that happens to do best on the test looks better than it is: the choice has to be made on other data, the validation part.',
  inDataSet: (dataSet, signal) => lookForShared(dataSet, 'validation', signal),
  inRun: lookAtChoice,
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how weights were chosen.', ({ checkpoint, splits }) => {
      const both = inBoth(splits?.validation, splits?.test);
      if (both.length > 0) return failed(`In validation and test there ${areNamed(both)}.`);
      if (checkpoint === undefined) return null;
      const { chosenOn } = checkpoint;
      return chosenOn === 'test'
        ? failed('The weights with the best result on the test were kept, and that result is told.')
        : passed(
            chosenOn === 'last'
              ? 'The last weights were kept.'
              : `The weights were chosen on the ${chosenOn} part.`,
          );
    }),
  needs: 'There is no choice of weights to look at.',
};

/** Rows or recordings of a part that are in a test as well. */
async function lookForShared(
  { meta, part }: AuditedDataSet,
  from: 'train' | 'validation',
  signal: AbortSignal | undefined,
): Promise<Finding> {
  const first = await part(from);
  const tests = (await Promise.all(TESTS.map(async (name) => ({ name, columns: await part(name) })))).filter(
    ({ columns }) => columns.rows > 0,
  );
  if (first.rows === 0) return skipped(`${PART_TITLES[from]} has no rows.`);
  if (tests.length === 0) return skipped('The parts for tests have no rows.');
  const reasons: string[] = [];
  for (const { name, columns } of tests) {
    for (const [a, b] of copies(meta.recordings, from, name)) {
      reasons.push(
        `${recordingName(a)} in ${PART_TITLES[from]} and ${recordingName(b)} in ${PART_TITLES[name]} hold the same ${a.rowsSha256 === b.rowsSha256 ? 'rows' : 'file'}.`,
      );
    }
    const { rows, stretches, longest, recordings } = sharedRows(first, columns, signal);
    if (recordings === null) continue;
    const [a, b] = recordings.map((each) => recordingName(meta.recordings[each]!)) as [string, string];
    reasons.push(
      `${counted(rows, 'row')} of ${PART_TITLES[name]} (${percent(rows / columns.rows)}) stand in ${PART_TITLES[from]}, too: ${counted(stretches, 'stretch', 'stretches')}, the longest of ${longest} rows (${a === b ? a : `${a} and ${b}`}).`,
    );
  }
  const cut = meta.recordings.filter(({ parts }) => parts[from] > 0 && TESTS.some((name) => parts[name] > 0));
  const remark =
    cut.length === 0
      ? ''
      : ` ${counted(cut.length, 'recording is', 'recordings are')} cut by time: what is tested there is how the same run goes on.`;
  return unless(
    reasons,
    `No two recordings are the same, and no stretch of ${LEAST_STRETCH} rows stands on both sides.${remark}`,
  );
}

/** Recordings of one part that are copies of others in another one. */
function copies(
  recordings: readonly RecordingEntry[],
  from: PartName,
  to: PartName,
): (readonly [RecordingEntry, RecordingEntry])[] {
  const known = new Map<string, RecordingEntry>();
  for (const recording of recordings) {
    if (recording.parts[from] > 0) for (const key of keysOf(recording)) known.set(key, recording);
  }
  return recordings.flatMap((recording) => {
    if (recording.parts[to] === 0) return [];
    const copy = keysOf(recording)
      .map((key) => known.get(key))
      .find((each) => each !== undefined && each !== recording);
    return copy === undefined ? [] : [[copy, recording] as const];
  });
}

/** Of the rows, and of the files with which recording of them it is. */
function keysOf({ rowsSha256, files, traceId }: RecordingEntry): string[] {
  const digests = files.map(({ sha256 }) => sha256).sort();
  return [
    `rows ${rowsSha256}`,
    ...(digests.length === 0 ? [] : [`files ${digests.join()} ${traceId ?? ''}`]),
  ];
}

function lookAtChoice({ info, history }: AuditedRun): Finding {
  const { best } = info;
  if (best === null || history.length === 0) return skipped('The run has no epoch yet.');
  const isValidated = history.every(({ validationLoss }) => validationLoss !== null);
  const what = isValidated ? 'validation' : 'training';
  const lossOf = ({ validationLoss, trainLoss }: (typeof history)[number]) =>
    isValidated ? validationLoss! : trainLoss;
  const lowest = history.reduce((least, each) => (lossOf(each) < lossOf(least) ? each : least));
  const chosen = history.find(({ epoch }) => epoch === best.epoch);
  if (chosen === undefined) return failed(`The history has no epoch ${best.epoch}, whose weights were kept.`);
  if (lossOf(chosen) > lossOf(lowest)) {
    return failed(
      `The weights of epoch ${chosen.epoch} were kept, though the ${what} loss was lower in epoch ${lowest.epoch} (${figure(lossOf(lowest))} against ${figure(lossOf(chosen))}): something else chose them.`,
    );
  }
  return passed(
    isValidated
      ? `Epoch ${best.epoch} has the lowest validation loss, ${figure(lossOf(chosen))}.`
      : `There is no validation part: epoch ${best.epoch} has the lowest training loss, which may be learnt by heart.`,
  );
}

type Recordings = NonNullable<Claim['splits']>['test'];

function inBoth(a: Recordings = [], b: Recordings = []): string[] {
  const keys = (recording: NonNullable<Recordings>[number]) =>
    typeof recording === 'string' ? [recording] : [recording.name, recording.sha256];
  const known = new Set(a.flatMap(keys));
  return b
    .filter((recording) => keys(recording).some((key) => known.has(key)))
    .map((recording) => (typeof recording === 'string' ? recording : recording.name));
}

function areNamed(names: readonly string[]): string {
  return `${names.length === 1 ? 'is' : 'are'} ${list(names)}`;
}
