import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure, isFailure, messageOf } from '../../../base/errors.js';
import { readAudit } from '../../../learning/audit/auditFile.js';
import { readEvaluation, weightsDigest } from '../../../learning/evaluation/evaluationFiles.js';
import { isOutdated } from '../../../learning/evaluation/presentWeights.js';
import { bestWeights, inputsOf } from '../../../learning/export/trainedModel.js';
import { modelOutline, type OutlineNode } from '../../../learning/models/modelOutline.js';
import { readHistory, readMetrics } from '../../../learning/runs/runFiles.js';
import { modelKindOf, type TrainingConfig } from '../../../learning/trainer/config/config.js';
import { readRunConfig } from '../../../learning/trainer/resumedConfig.js';
import { readRun, runPaths, stateOf, type RunInfo } from '../../../learning/trainer/runFolder.js';
import type { Audit } from '../../../protocol/audit.js';
import type { Evaluation } from '../../../protocol/evaluation.js';
import type { CourseView, Found, LayerView, ModelPanelState } from '../../../protocol/modelPanelMessages.js';
import { historyView } from '../../training/panel/historyView.js';
import { metricsView } from '../../training/panel/metricsView.js';
import { runFacts } from '../../training/panel/runFacts.js';

/** What of the best weights is shown, as long as their file is the same. */
interface Weights {
  readonly digest: string;
  readonly layers: readonly LayerView[];
}

/** What the model panel shows, from the files of a run. What cannot be read is told in its place; the rest is shown. */
export class ModelSource {
  #weights: { readonly stamp: string; readonly found: Found<Weights> } | undefined;

  /** @param shownPath makes a path short */
  constructor(
    private readonly folder: string,
    private readonly shownPath: (path: string) => string,
  ) {}

  /** Failures: `not-found` when there is no run, `bad-input` when its run.json is damaged. */
  async state(): Promise<ModelPanelState> {
    const { folder } = this;
    const run = await readRun(folder);
    if (run === null) {
      throw new Failure(
        'not-found',
        `There is no run in ${folder}: it was moved or deleted. Close this view, or open another run in the view Runs.`,
      );
    }
    const config = await readRunConfig(folder).catch(() => null);
    const [weights, evaluation, audit, course] = await Promise.all([
      this.#readWeights(config),
      found(() => readEvaluation(folder)),
      found(() => readAudit(folder)),
      found(() => courseOf(folder, run)),
    ]);
    return {
      folder,
      title: basename(folder),
      task: run.task,
      facts: runFacts(run, config, this.shownPath),
      hasWeights: weights.kind !== 'missing',
      layers: weights.kind === 'found' ? { kind: 'found', value: weights.value.layers } : weights,
      course,
      evaluation,
      isOutdated:
        evaluation.kind === 'found' && weights.kind === 'found'
          ? isOutdated(evaluation.value, weights.value.digest)
          : null,
      audit,
      isAuditOutdated: audit.kind === 'found' ? isOfOther(audit.value, weights, evaluation) : null,
    };
  }

  /** Weights are hashed and laid out once, not at each change of another file. */
  async #readWeights(config: TrainingConfig | null): Promise<Found<Weights>> {
    const stamp = await weightsStamp(this.folder);
    if (this.#weights?.stamp === stamp) return this.#weights.found;
    const read = async (): Promise<Weights> => {
      const { tensors, metadata } = await bestWeights(this.folder);
      const used = config ?? (await readRunConfig(this.folder));
      const inputs = inputsOf(this.folder, metadata, used);
      const layers = modelOutline(modelKindOf(used), inputs, used.model.settings).map(layerView);
      return { digest: weightsDigest(tensors), layers };
    };
    const weights = await found(read);
    this.#weights = { stamp, found: weights };
    return weights;
  }
}

/** Whether an audit looked at other weights, or at another evaluation, than are there now. What cannot be read is taken as it was. */
function isOfOther(audit: Audit, weights: Found<Weights>, evaluation: Found<Evaluation>): boolean {
  if (weights.kind === 'found' && audit.weightsSha256 !== weights.value.digest) return true;
  if (evaluation.kind === 'problem') return false;
  return audit.evaluated !== (evaluation.kind === 'found' ? evaluation.value.evaluated : null);
}

/** `null` and what is not there are missing; other failures are told. */
async function found<T>(read: () => Promise<T | null>): Promise<Found<T>> {
  try {
    const value = await read();
    return value === null ? { kind: 'missing' } : { kind: 'found', value };
  } catch (error) {
    if (isFailure(error, 'not-found')) return { kind: 'missing' };
    return { kind: 'problem', message: messageOf(error) };
  }
}

async function courseOf(folder: string, run: RunInfo): Promise<CourseView | null> {
  const history = await readHistory(folder);
  if (history.length === 0) return null;
  const metrics = run.state === 'finished' ? await readMetrics(folder) : null;
  const best = history.findLast(({ isBest }) => isBest);
  return {
    state: stateOf(run),
    task: run.task,
    epochs: run.epochs,
    best: best === undefined ? run.best : { epoch: best.epoch, loss: best.validationLoss ?? best.trainLoss },
    history: historyView(history),
    metrics: metrics === null ? null : metricsView(metrics, run.model),
  };
}

function layerView({ shape, detail, ...node }: OutlineNode): LayerView {
  return { ...node, shape: shape ?? null, detail: detail ?? null };
}

async function weightsStamp(folder: string): Promise<string> {
  const path = join(runPaths(folder).best, 'weights.safetensors');
  return stat(path).then(
    ({ size, mtimeMs, ino }) => `${ino}:${size}:${mtimeMs}`,
    () => '-',
  );
}
