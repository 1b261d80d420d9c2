/** What costs nothing, and whether the model is worth more. */
import type { Evaluation } from '../../../protocol/evaluation.js';
import { failed, overClaims, passed, skipped, together, type Check, type Finding } from '../check.js';
import { noEvaluation, TEST_PARTS, type AuditedDataSet, type AuditedRun } from '../subject.js';
import { figure, percent } from '../texts.js';

/** What baselines call it. */
const CONSTANT = 'constant';
/** Forecasts that vary less than this share of what came are hardly more than one value. */
const LEAST_SPREAD = 0.2;

export const constantBeatsModel: Check = {
  id: 'constant-beats-model',
  title: 'A constant answer does as well',
  explanation:
    'Giving the same answer every time needs no model; whoever does not beat that has learnt nothing that is seen in this figure.',
  inRun: async (run) => {
    const findings = [...ofTasks(run), ...(await ofTimes(run))];
    return together(findings, noEvaluation(run, 'The run has no results yet.'));
  },
  inClaims: (claims) =>
    overClaims(claims, 'The claims have no figure beside one of a constant answer.', (claim) => {
      const { accuracy, constantAccuracy, loss, constantLoss, classes } = claim;
      const most = Math.max(...(classes ?? []).map(({ share = 0 }) => share), constantAccuracy ?? 0);
      if (accuracy !== undefined && most > 0) {
        const text = `It is right in ${percent(accuracy)}, a constant answer in ${percent(most)}.`;
        return most >= accuracy ? failed(text) : passed(text);
      }
      if (loss === undefined || constantLoss === undefined) return null;
      const text = `Its loss is ${figure(loss)}, that of a constant answer ${figure(constantLoss)}.`;
      return constantLoss <= loss ? failed(text) : passed(text);
    }),
  needs: 'A data set alone has no model.',
};

export const simpleRuleBeatsModel: Check = {
  id: 'simple-rule-beats-model',
  title: 'A simple rule does as well',
  explanation:
    'Rules such as "whoever followed last time" are learnt in a moment; a model that is not clearly better than the best of them is not worth its training.',
  inRun: (run) => {
    const findings = run.evaluation === null ? ruleFromMetrics(run) : rulesOf(run.evaluation);
    return together(findings, noEvaluation(run, 'The run has no results yet.'));
  },
  inClaims: (claims) =>
    overClaims(
      claims,
      'The claims have no figure beside one of a simple rule.',
      ({ accuracy, baselines }) => {
        if (accuracy === undefined || baselines === undefined) return null;
        const best = baselines.reduce((most, each) => (each.accuracy > most.accuracy ? each : most));
        const text = `It is right in ${percent(accuracy)}, "${best.name}" in ${percent(best.accuracy)}.`;
        return best.accuracy >= accuracy ? failed(text) : passed(text);
      },
    ),
  needs: 'A data set alone has no model.',
};

export const collapsedForecast: Check = {
  id: 'collapsed-forecast',
  title: 'The forecast is hardly more than one value',
  explanation:
    'A forecast that stays near the mean looks calm and smooth in a plot and has a small error on average, but tells nothing of what comes when.',
  inRun: (run) => {
    const parts = (run.evaluation?.parts ?? []).filter((part) => part.task === 'inter-arrival');
    if (parts.length === 0) return skipped(noEvaluation(run, 'The run has no evaluation of times.'));
    return together(
      parts.map(({ part, collapse: { spreadRatio, freeRunRatio, isCollapsed } }) => {
        const free = freeRunRatio === null ? '' : `, those of a free run ${percent(freeRunRatio)}`;
        const text = `${part}: forecasts vary ${percent(spreadRatio)} as much as what came${free}.`;
        return isCollapsed ? failed(text) : passed(text);
      }),
    );
  },
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how much a forecast varies.', ({ forecast }) => {
      if (forecast === undefined) return null;
      const ratio = forecast.deviation / forecast.ofWhatCame;
      const text = `The forecast varies ${percent(ratio)} as much as what came.`;
      return ratio < LEAST_SPREAD ? failed(text) : passed(text);
    }),
  needs: 'A data set alone has no forecast.',
};

function ofTasks({ evaluation, metrics }: AuditedRun): Finding[] {
  const findings: Finding[] = [];
  for (const part of evaluation?.parts ?? []) {
    if (part.task !== 'next-task') continue;
    const all = part.slices.find(({ slice }) => slice === 'all');
    const constant = all?.baselines.find(({ name }) => name === CONSTANT);
    if (all === undefined || constant === undefined) continue;
    findings.push(compared(part.part, all.model.top1.value, constant.scores.top1.value));
  }
  if (findings.length > 0) return findings;
  for (const [part, { model, baselines }] of Object.entries(metrics ?? {})) {
    const constant = accuracyOf(baselines[CONSTANT]);
    if (model.task !== 'next-task' || model.accuracy === null || constant === null) continue;
    findings.push(compared(part, model.accuracy, constant));
  }
  return findings;
}

function compared(part: string, model: number, constant: number): Finding {
  const text = `${part}: the model is right in ${percent(model)}, always naming the most frequent task in ${percent(constant)}.`;
  return constant >= model ? failed(text) : passed(text);
}

/** The constant answer of times is the median of the training part. */
async function ofTimes({ info, evaluation, metrics, dataSet }: AuditedRun): Promise<Finding[]> {
  if (info.task !== 'inter-arrival' || typeof dataSet === 'string') return [];
  const median = await trainingMedian(dataSet);
  if (median === null) return [];
  const findings: Finding[] = [];
  for (const name of TEST_PARTS) {
    const evaluated = evaluation?.parts.find(({ part }) => part === name);
    const first = evaluated?.task === 'inter-arrival' ? evaluated.horizons[0]?.model.logMae.value : undefined;
    const model = metrics?.[name]?.model;
    const error = first ?? (model?.task === 'inter-arrival' ? model.maeLog : null);
    if (error === null) continue;
    const constant = meanError((await dataSet.part(name)).deltaNs, median);
    if (constant === null) continue;
    const text = `${name}: the model is off by ${figure(error)} of ln(1 + ns) on average, always answering the median by ${figure(constant)}.`;
    findings.push(constant <= error ? failed(text) : passed(text));
  }
  return findings;
}

async function trainingMedian({ part }: AuditedDataSet): Promise<number | null> {
  const sorted = (await part('train')).deltaNs.filter((ns) => ns >= 0).sort();
  return sorted.length === 0 ? null : Math.log1p(sorted[sorted.length >> 1]!);
}

function meanError(deltaNs: Float64Array, answer: number): number | null {
  let sum = 0;
  let count = 0;
  for (const ns of deltaNs) {
    if (!(ns >= 0)) continue;
    sum += Math.abs(Math.log1p(ns) - answer);
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

interface Rule {
  readonly name: string;
  readonly score: number;
  /** Whether the model is better beyond chance, or as far as is known. */
  readonly isBeaten: boolean;
}

/** Of each part the best rule; higher scores are better where `isError` is false. */
function rulesOf({ parts }: Evaluation): Finding[] {
  return parts.flatMap((part) => {
    if (part.task === 'next-task') {
      const all = part.slices.find(({ slice }) => slice === 'all');
      const rules = (all?.baselines ?? [])
        .filter(({ name }) => name !== CONSTANT)
        .map(({ name, scores, difference: { top1 } }) => ({
          name,
          score: scores.top1.value,
          isBeaten: (top1.low ?? top1.value) > 0,
        }));
      return ofRules(part.part, rules, false, all?.model.top1.value ?? 0);
    }
    const first = part.horizons[0];
    const rules = (first?.baselines ?? []).map(({ name, scores, difference: { logMae } }) => ({
      name,
      score: scores.logMae.value,
      isBeaten: (logMae.high ?? logMae.value) < 0,
    }));
    return ofRules(part.part, rules, true, first?.model.logMae.value ?? 0);
  });
}

function ruleFromMetrics({ metrics }: AuditedRun): Finding[] {
  return Object.entries(metrics ?? {}).flatMap(([part, { model, baselines }]) => {
    const isError = model.task === 'inter-arrival';
    const own = isError ? model.maeLog : model.accuracy;
    if (own === null) return [];
    const rules = Object.entries(baselines).flatMap(([name, value]) => {
      const score = isError ? numberOf(value, 'maeLog') : accuracyOf(value);
      if (score === null || name === CONSTANT) return [];
      return [{ name, score, isBeaten: isError ? own < score : own > score }];
    });
    return ofRules(part, rules, isError, own);
  });
}

function ofRules(part: string, rules: readonly Rule[], isError: boolean, own: number): Finding[] {
  if (rules.length === 0) return [];
  const best = rules.reduce((most, each) => (each.score < most.score === isError ? each : most));
  const shown = (value: number) => (isError ? `an error of ${figure(value)}` : percent(value));
  const worse = rules.filter(({ isBeaten }) => !isBeaten);
  const rule = worse.includes(best) ? best : (worse[0] ?? best);
  const text = `${part}: the model has ${shown(own)}, "${rule.name}" ${shown(rule.score)}`;
  return [
    worse.length > 0
      ? failed(`${text}, and the difference is not clearly in its favour.`)
      : passed(`${text}.`),
  ];
}

function accuracyOf(baseline: unknown): number | null {
  return numberOf(baseline, 'accuracy');
}

function numberOf(value: unknown, key: string): number | null {
  const found: unknown =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : null;
  return typeof found === 'number' ? found : null;
}
