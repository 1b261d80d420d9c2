import type { CleanedTable } from '../../../dataset/migrations/cleaning.js';
import type { MigrationSet } from '../../../dataset/migrations/migrationSet.js';
import type { ModelJudgement, PartResult, RowCounts } from '../../../protocol/neuralCfs.js';
import { refusalOf, rowCounts } from '../judgement/enoughRows.js';
import { judgeScores, lessAveragePrecision, type Judged, type JudgeOptions } from '../judgement/judge.js';
import type { TrainedModel } from './trainModels.js';

export interface JudgedPart extends Pick<PartResult, 'workload' | 'trainedOn' | 'training'> {
  /** Places in the test table; all of them unless given. */
  readonly places?: Uint32Array;
}

/** Figures of trained models on a test or some of its rows; a refusal where it has too few of a class. */
export function judgePart(
  set: MigrationSet,
  test: CleanedTable,
  models: readonly TrainedModel[],
  { workload, trainedOn, training, places = allPlaces(test) }: JudgedPart,
  options: JudgeOptions,
): PartResult {
  const labels = Uint8Array.from(places, (at) => test.labels[at]!);
  const counts = rowCounts(labels);
  const refusal = refusalOf('training', training) ?? refusalOf('test', counts);
  const part = { workload, trainedOn, training, test: counts };
  if (refusal !== null) return { ...part, refusal, models: [] };
  const scored = models.flatMap(({ scores, threshold }) =>
    scores === null ? [] : [{ scores: Float32Array.from(places, (at) => scores[at]!), threshold }],
  );
  const rows = {
    labels,
    groups: Uint32Array.from(places, (at) => test.groups[at]!),
    recording: Uint16Array.from(places, (at) => set.recording[test.rows[at]!]!),
  };
  const found = judgeScores(rows, scored, options);
  const judged = models.map((model) => ({ model, judged: model.scores === null ? null : found.shift()! }));
  return { ...part, refusal: null, models: withDifferences(judged) };
}

/** What a part comes to that nothing was trained for. */
export function refusedPart(
  part: Pick<PartResult, 'workload' | 'trainedOn'>,
  training: RowCounts,
  test: RowCounts,
  refusal: string,
): PartResult {
  return { ...part, training, test, refusal, models: [] };
}

interface JudgedModel {
  readonly model: TrainedModel;
  readonly judged: Judged | null;
}

function withDifferences(models: readonly JudgedModel[]): ModelJudgement[] {
  let best: { readonly title: string; readonly judged: Judged } | null = null;
  for (const { model, judged } of models) {
    if (judged === null || model.kind.isThesis) continue;
    if (best === null || averagePrecision(judged) > averagePrecision(best.judged)) {
      best = { title: model.kind.title, judged };
    }
  }
  return models.map(({ model: { kind, summary, trainingSeconds, failure }, judged }) => ({
    name: kind.name,
    title: kind.title,
    isThesis: kind.isThesis,
    summary,
    trainingSeconds,
    failure,
    judgement: judged?.judgement ?? null,
    lessBaseline:
      judged === null || best === null || !kind.isThesis
        ? null
        : { baseline: best.title, averagePrecision: lessAveragePrecision(judged, best.judged) },
  }));
}

function averagePrecision({ judgement }: Judged): number {
  return judgement.averagePrecision.value;
}

function allPlaces({ rows }: CleanedTable): Uint32Array {
  return Uint32Array.from(rows, (_, at) => at);
}
