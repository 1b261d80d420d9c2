/** What a study is asked to do, unless told otherwise; and whether recordings can tell it at all. */
import { Failure } from '../../../base/errors.js';
import type { MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import type { StudySettings } from '../../../protocol/neuralCfsStudy.js';
import { MODEL_NAMES } from '../models/modelNames.js';

/** All but the recordings. */
export type StudyChoices = Omit<StudySettings, 'paths'>;

export const USUAL_STUDY: StudyChoices = {
  experiments: [1, 2, 3],
  ways: ['published', 'group'],
  models: MODEL_NAMES,
  balance: 'half',
  importanceOf: 'mlp',
  transferOf: 'mlp',
  transferBy: ['workload', 'machine'],
  seed: 42,
};

/** What a study of these recordings is asked to do; a model that is not carried is carried nowhere. */
export function settingsFor(paths: readonly string[], choices: Partial<StudyChoices>): StudySettings {
  const all = { ...USUAL_STUDY, ...choices };
  return { ...all, paths, transferBy: all.transferOf === null ? [] : all.transferBy };
}

/** Failure `bad-input`: the label of an experiment that is asked for is told by no recording, or not by all. */
export function requireLabels(set: MigrationSet, { experiments }: StudyChoices): void {
  const unlabelled = experiments.filter((experiment) => experiment !== 1);
  if (unlabelled.length === 0 || set.columns.has('forced')) return;
  const lacking = set.recordings.filter(({ lacks }) => lacks?.includes('forced'));
  const which = `Experiment${unlabelled.length === 1 ? '' : 's'} ${unlabelled.join(' and ')}`;
  throw new Failure(
    'bad-input',
    `${which} ask${unlabelled.length === 1 ? 's' : ''} for forced migrations, which ${namesOf(lacking)} not tell: there is neither a column "forced" nor a 2 in "migration". Choose experiment 1 alone, leave ${lacking.length === 1 ? 'it' : 'them'} out, or record again with KernelOracle.`,
  );
}

/** Of recordings so many are named. */
const NAMED = 3;

function namesOf(recordings: MigrationSet['recordings']): string {
  const listed = recordings.slice(0, NAMED).map(({ path }) => path);
  const more = recordings.length - listed.length;
  const names = more > 0 ? `${listed.join(', ')} and ${more} more` : listed.join(' and ');
  return `${names} ${recordings.length === 1 ? 'does' : 'do'}`;
}
