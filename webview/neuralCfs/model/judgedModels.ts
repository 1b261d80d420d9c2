import type { Judgement, ModelJudgement, PartResult } from '../../../src/protocol/neuralCfs.js';

/** A model that has figures. */
export type JudgedModel = ModelJudgement & { readonly judgement: Judgement };

export function isJudged(model: ModelJudgement): model is JudgedModel {
  return model.judgement !== null;
}

/** Those of the thesis first. */
export function inOrder(models: readonly ModelJudgement[]): readonly ModelJudgement[] {
  return [...models.filter(({ isThesis }) => isThesis), ...models.filter(({ isThesis }) => !isThesis)];
}

export function judgedModels(part: PartResult | null): readonly JudgedModel[] {
  return inOrder(part?.models ?? []).filter(isJudged);
}

/** The baseline with the highest average precision. */
export function bestBaseline(models: readonly ModelJudgement[]): JudgedModel | null {
  let best: JudgedModel | null = null;
  for (const model of models.filter(isJudged)) {
    if (model.isThesis) continue;
    const value = model.judgement.averagePrecision.value;
    if (best === null || value > best.judgement.averagePrecision.value) best = model;
  }
  return best;
}
