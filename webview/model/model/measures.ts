import type {
  Estimate,
  NextTaskScores,
  PartEvaluation,
  SliceName,
  TimeScores,
} from '../../../src/protocol/evaluation.js';
import { unknownText } from '../../common/format.js';
import { formatAccuracy, formatLoss } from '../../training/model/words.js';

/** A figure by which predictors are compared. */
export interface Measure<Scores> {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  readonly better: 'higher' | 'lower';
  /** Values beyond these there cannot be. */
  readonly least: number;
  readonly greatest?: number;
  readonly read: (scores: Scores) => Estimate | null;
  readonly format: (value: number) => string;
  readonly formatTick: (value: number) => string;
  /** Of a difference, with its sign and without its unit. */
  readonly formatDifference: (value: number) => string;
  readonly differenceUnit: string;
}

/** `95 %`, `0.5 %` */
export function shareTick(value: number): string {
  return `${Number((value * 100).toFixed(2))} %`;
}

export function numberTick(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const share = {
  better: 'higher',
  least: 0,
  greatest: 1,
  format: (value: number) => formatAccuracy(value),
  formatTick: shareTick,
  formatDifference: (value: number) => signed(value * 100, 2),
  differenceUnit: ' points',
} as const;

const number = {
  least: 0,
  format: (value: number) => formatLoss(value),
  formatTick: numberTick,
  formatDifference: (value: number) => `${value < 0 ? '−' : '+'}${formatLoss(Math.abs(value))}`,
  differenceUnit: '',
} as const;

export const TASK_MEASURES: readonly Measure<NextTaskScores>[] = [
  {
    id: 'top1',
    label: 'Top-1',
    title: 'Share of events whose first guess was right; a task that is not in the vocabulary never is',
    ...share,
    read: ({ top1 }) => top1,
  },
  {
    id: 'top3',
    label: 'Top-3',
    title: 'Share of events that were among the first three guesses',
    ...share,
    read: ({ top3 }) => top3,
  },
  {
    id: 'mrr',
    label: 'MRR',
    title: 'Mean reciprocal rank: 1 when the right task is always first, 0.5 when it is always second',
    ...number,
    greatest: 1,
    better: 'higher',
    read: ({ mrr }) => mrr,
  },
  {
    id: 'logLoss',
    label: 'Log loss',
    title: 'Nats an event, over tasks of the vocabulary: how surprised it is by what comes. Less is better',
    ...number,
    better: 'lower',
    read: ({ logLoss }) => logLoss,
  },
];

export const TIME_MEASURES: readonly Measure<TimeScores>[] = [
  {
    id: 'logMae',
    label: 'Log MAE',
    title: 'Mean |error| of ln(1 + ns): 0.69 is wrong by a factor of two. Less is better',
    ...number,
    better: 'lower',
    read: ({ logMae }) => logMae,
  },
  {
    id: 'mase',
    label: 'MASE',
    title:
      'Mean absolute scaled error: below 1 is better than repeating the last value did on the training part',
    ...number,
    better: 'lower',
    read: ({ mase }) => mase,
  },
  {
    id: 'pinball',
    label: 'Pinball loss',
    title: 'Mean over the quantiles, of ln(1 + ns). Less is better',
    ...number,
    better: 'lower',
    read: ({ pinball }) => pinball,
  },
  {
    id: 'crps',
    label: 'CRPS',
    title:
      'Continuous ranked probability score, of ln(1 + ns): the error of a whole distribution. Less is better',
    ...number,
    better: 'lower',
    read: ({ crps }) => crps,
  },
];

export function measureOf<Scores>(measures: readonly Measure<Scores>[], id: string): Measure<Scores> {
  return measures.find((each) => each.id === id) ?? measures[0]!;
}

export const SLICE_WORDS: Readonly<Record<SliceName, { readonly label: string; readonly title: string }>> = {
  all: { label: 'All switches', title: 'Every event that was to be predicted, idle among them' },
  withoutIdle: {
    label: 'Without idle',
    title: 'Events at which a task came, and not idle: idle is easy to guess',
  },
  contested: {
    label: 'Contested',
    title: 'Events at which more than one task was runnable, so that the scheduler had a choice',
  },
  knownOnly: {
    label: 'Known tasks only',
    title: 'Events at which a task of the vocabulary came: flatters where many are unknown',
  },
};

const PART_WORDS: Readonly<Record<string, { readonly label: string; readonly title: string }>> = {
  seen: { label: 'Seen test', title: 'Recordings of categories that it was trained on' },
  unseen: { label: 'Unseen test', title: 'The category that was held out' },
  validation: {
    label: 'Validation',
    title: 'The part by which the best epoch was chosen: it flatters the model a little',
  },
  given: { label: 'Given recordings', title: 'Recordings that were named when it was evaluated' },
};

export function partWords(part: string): { readonly label: string; readonly title: string } {
  return PART_WORDS[part] ?? { label: part, title: '' };
}

/** `1 event ahead`, `100 events ahead`. */
export function horizonLabel(steps: number): string {
  return `${steps.toLocaleString('en')} ${steps === 1 ? 'event' : 'events'} ahead`;
}

/** `71.23 % (70.10 % … 72.31 %)`; without bounds where nobody can tell. */
export function estimateText(estimate: Estimate | null, format: (value: number) => string): string {
  if (estimate === null) return unknownText;
  const { value, low, high } = estimate;
  return low === null || high === null
    ? format(value)
    : `${format(value)} (${format(low)} … ${format(high)})`;
}

/** `+1.23 (+0.40 … +2.01) points` */
export function differenceText(
  difference: Estimate,
  { formatDifference, differenceUnit }: Pick<Measure<unknown>, 'formatDifference' | 'differenceUnit'>,
): string {
  return `${estimateText(difference, formatDifference)}${differenceUnit}`;
}

/** How the model stands by a difference and its interval: better, worse, or nobody can tell. */
export type Standing = 'better' | 'worse' | 'even' | 'untold';

export function standingOf({ low, high }: Estimate, better: 'higher' | 'lower'): Standing {
  if (low === null || high === null) return 'untold';
  if (low <= 0 && high >= 0) return 'even';
  return low > 0 === (better === 'higher') ? 'better' : 'worse';
}

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  better: 'better',
  worse: 'worse',
  even: 'cannot be told apart',
  untold: 'too few blocks to tell',
};

/** A predictor of a slice or horizon, with its difference to the model. */
export interface Compared<Scores> {
  readonly name: string;
  readonly isModel: boolean;
  readonly scores: Scores;
  /** Model less this one; `null`: it is the model. */
  readonly difference: Scores | null;
}

/** The model first, then the baselines in their order. */
export function comparedOf<Scores>(
  name: string,
  {
    model,
    baselines,
  }: {
    readonly model: Scores;
    readonly baselines: readonly {
      readonly name: string;
      readonly scores: Scores;
      readonly difference: Scores;
    }[];
  },
): Compared<Scores>[] {
  return [
    { name, isModel: true, scores: model, difference: null },
    ...baselines.map((each) => ({ ...each, isModel: false })),
  ];
}

/** The baseline that is hardest to beat by a measure. */
export function bestBaselineBy<Scores>(
  compared: readonly Compared<Scores>[],
  { read, better }: Measure<Scores>,
): Compared<Scores> | null {
  let best: Compared<Scores> | null = null;
  for (const each of compared) {
    const value = each.isModel ? null : (read(each.scores)?.value ?? null);
    if (value === null) continue;
    const before = best === null ? null : (read(best.scores)?.value ?? null);
    if (before === null || (better === 'higher' ? value > before : value < before)) best = each;
  }
  return best;
}

/** What a user wants to know first, in a sentence: is the model worth more than something trivial? */
export function verdictText<Scores>(compared: readonly Compared<Scores>[], measure: Measure<Scores>): string {
  const { label, read, format, better } = measure;
  const own = compared.find(({ isModel }) => isModel);
  const estimate = own === undefined ? null : read(own.scores);
  if (own === undefined || estimate === null) return `The model has no ${label}.`;
  const first = `The model's ${label} is ${estimateText(estimate, format)}.`;
  const best = bestBaselineBy(compared, measure);
  const difference = best?.difference == null ? null : read(best.difference);
  if (best === null || difference === null) return `${first} No baseline has that figure.`;
  const than = `the best baseline, "${best.name}" with ${estimateText(read(best.scores), format)}`;
  const amount = `the difference is ${differenceText(difference, measure)}`;
  switch (standingOf(difference, better)) {
    case 'better':
      return `${first} It beats ${than}: ${amount}.`;
    case 'worse':
      return `${first} It does not beat ${than}: ${amount}.`;
    case 'even':
      return `${first} It cannot be told apart from ${than}: ${amount}, and its interval holds zero.`;
    case 'untold':
      return `${first} Beside ${than}, ${amount}; there are too few blocks of events for an interval.`;
  }
}

/** What is known of a part in few words: `12,345 events of 3 recordings, 4.1 % of unknown tasks, 38 % idle`. */
export function partFacts(part: PartEvaluation): string {
  const { targets, recordings } = part;
  const facts = [
    `${targets.toLocaleString('en')} events of ${recordings.length} ${recordings.length === 1 ? 'recording' : 'recordings'}`,
  ];
  if (part.task === 'next-task' && targets > 0) {
    facts.push(`${formatAccuracy(part.idleTargets / targets)} idle`);
    facts.push(`${formatAccuracy(part.unknownTargets / targets)} of tasks that are not in the vocabulary`);
    facts.push(
      part.contestedTargets === null
        ? 'how many were contested the data set does not tell'
        : `${formatAccuracy(part.contestedTargets / targets)} contested`,
    );
  }
  facts.push(`intervals over blocks of ${part.blockEvents.toLocaleString('en')} events`);
  return facts.join(' · ');
}

function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
