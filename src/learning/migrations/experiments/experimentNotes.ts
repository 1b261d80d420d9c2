import { columnWarnings } from '../../../dataset/migrations/columnWarnings.js';
import type {
  ExperimentResult,
  ModelJudgement,
  PartResult,
  WayName,
  WayResult,
} from '../../../protocol/neuralCfs.js';
import { list, percent } from '../../audit/texts.js';

type Facts = Omit<ExperimentResult, 'notes'>;

/** What the figures of an experiment do and do not tell, in sentences with these figures. */
export function notesOf(facts: Facts): string[] {
  const { experiment, columns } = facts;
  const identifying = columnWarnings(experiment, columns).filter(({ kind }) => kind === 'identifies');
  return [
    ...(experiment === 3 ? tautology(facts.ways) : []),
    ...(experiment === 2 ? bySplit(facts.ways) : []),
    ...atRealPrevalence(facts.ways),
    ...(identifying.length === 0
      ? []
      : [`Among the inputs are columns that identify: ${list(identifying.map(({ column }) => column))}.`]),
  ];
}

/** The rule beside those that learned it. */
function tautology(ways: readonly WayResult[]): string[] {
  const label =
    'The label is made of the inputs: the kernel forces a migration when the task is hot and sd_nr_balance_failed > sd_cache_nice_tries.';
  const told = ways.flatMap(({ way, parts }) => {
    const models = modelsOf(parts[0]);
    const rule = models.find(({ name }) => name === 'rule');
    if (rule === undefined) return [];
    const others = models
      .filter(({ isThesis }) => isThesis)
      .map((each) => `${shortTitle(each)} ${figuresOf(each)}`);
    return [`${SPLITS[way]}: the rule ${figuresOf(rule)}; ${others.join('; ')}.`];
  });
  if (told.length === 0) return [label];
  return [
    `${label} So the rule alone, which learns nothing, scores (recall of both classes averaged, and average precision): ${told.join(' ')} What is measured here is how well a model copies a line of the kernel's source, not that it predicts anything; experiment 2, split by group, is the one that counts.`,
  ];
}

function figuresOf({ judgement }: ModelJudgement): string {
  const { atHalf, averagePrecision } = judgement!;
  return `${percent(atHalf.balancedAccuracy.value)}, ${averagePrecision.value.toFixed(3)}`;
}

/** What calls of one history on both sides are worth. */
function bySplit(ways: readonly WayResult[]): string[] {
  const of = (wanted: WayName) => modelsOf(ways.find(({ way }) => way === wanted)?.parts[0]);
  const [published, group] = [of('published'), of('group')];
  const told = published.flatMap((before) => {
    const after = before.isThesis ? group.find(({ name }) => name === before.name) : undefined;
    if (after === undefined) return [];
    const [from, to] = [before, after].map(({ judgement }) => judgement!.atHalf.balancedAccuracy.value) as [
      number,
      number,
    ];
    return [`${shortTitle(before)} ${percent(from)} by row, ${percent(to)} by group`];
  });
  const why =
    'All calls of a history up to its last forced one share the label. Split by row, histories are in training and test, and a model that knows them again is right; split by group none is.';
  return [told.length === 0 ? why : `${why} Recalls of both classes averaged: ${told.join('; ')}.`];
}

/** What share of alarms would be right where positives are as rare as they are. */
function atRealPrevalence(ways: readonly WayResult[]): string[] {
  const published = ways.find(({ way }) => way === 'published');
  const models = modelsOf(published?.parts[0]).filter(
    ({ isThesis, judgement }) => isThesis && judgement!.atHalf.precision !== null,
  );
  if (models.length === 0) return [];
  const each = (precision: (model: ModelJudgement) => number) =>
    list(models.map((model) => `${percent(precision(model))} (${shortTitle(model)})`));
  const real = models[0]!.judgement!.precisionAtPrevalence.map(({ of, share }, at) => {
    const there = each(({ judgement }) => judgement!.precisionAtPrevalence[at]!.precision);
    return `at ${percent(share)} (${of}) ${there}`;
  });
  const balanced = each(({ judgement }) => judgement!.atHalf.precision!.value);
  return [
    `As published, on rows made half and half, so much of what is called positive is: ${balanced}. With the same recall and false positive rate it would be, positives being as frequent as they are: ${real.join('; ')}.`,
  ];
}

/** Without its settings. */
function shortTitle({ title }: ModelJudgement): string {
  return title.replace(/ \(.*\)$/, '');
}

/** Those that have figures. */
function modelsOf(part: PartResult | undefined): ModelJudgement[] {
  return (part?.models ?? []).filter(({ judgement }) => judgement !== null);
}

const SPLITS: Readonly<Record<WayName, string>> = {
  published: 'As published',
  group: 'By group',
  recording: 'By recording',
  workload: 'By workload',
};
