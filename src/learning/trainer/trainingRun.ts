import { setImmediate } from 'node:timers/promises';
import { Failure } from '../../base/errors.js';
import { throwIfCancelled } from '../../base/cancellation.js';
import type { Batch } from '../../dataset/sequences.js';
import type { Engine, Variable } from '../engines/engine.js';
import type { TensorValues } from '../files/safetensors.js';
import type { LbfgsSettings, Model, StepContext } from '../models/model.js';
import { readWeights, writeCheckpoint, type Checkpoint, type TrainingState } from './checkpoints.js';
import { modelKindOf, type TrainingConfig } from './config/config.js';
import { evaluate, evaluateParts, type PartMetrics, type RunMetrics } from './evaluation.js';
import { Adam } from './optimizers/adam.js';
import { Lbfgs } from './optimizers/lbfgs.js';
import type { Evaluation } from './optimizers/optimizer.js';
import type { PauseSwitch } from './pauseSwitch.js';
import { afterEpoch } from './plateau.js';
import type { EpochRecord, TrainingProgress } from '../../protocol/trainerMessages.js';
import { runPaths } from './runFolder.js';
import type { RunJournal } from './runJournal.js';
import type { TrainingData } from './trainingData.js';

export interface RunParts {
  readonly config: TrainingConfig;
  readonly engine: Engine;
  readonly data: TrainingData;
  readonly model: Model;
  readonly journal: RunJournal;
  readonly metadata: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly pause: PauseSwitch | undefined;
  readonly onProgress: ((progress: TrainingProgress) => void) | undefined;
  readonly onEpoch: ((record: EpochRecord) => void) | undefined;
  readonly nowMs: () => number;
  /** Shortest time between two tellings of progress. */
  readonly progressMs: number;
}

/** Time that work may go on before messages are let in. */
const BREATH_MS = 20;

export function initialState(config: TrainingConfig): TrainingState {
  return {
    version: 1,
    epoch: 0,
    batch: 0,
    step: 0,
    lossSum: 0,
    lossWeight: 0,
    epochMs: 0,
    schedule: { learningRate: config.optimizer.learningRate, bestLoss: null, badEpochs: 0 },
    stopping: { bestLoss: null, bestEpoch: 0, badEpochs: 0 },
    isDone: false,
  };
}

/** A run that had come to its end goes on when more epochs, or more patience, are asked for. */
function stateToGoOn(state: TrainingState, { epochs, earlyStopping }: TrainingConfig): TrainingState {
  const isStopped = earlyStopping.patience > 0 && state.stopping.badEpochs >= earlyStopping.patience;
  return { ...state, isDone: state.epoch >= epochs || isStopped };
}

/** The epochs of a run. Where it stands is `state`, all of it; a checkpoint is written at any place between two steps. */
export class TrainingRun {
  readonly #adam: Adam | null;
  readonly #lbfgs: Lbfgs | null;
  #state: TrainingState;
  #breathedMs = 0;
  #toldMs = -Infinity;
  #savedMs = performance.now();
  #phase: TrainingProgress['phase'] = 'training';
  /** Since the process began: for the time that remains. */
  #workedMs = 0;
  #workedBatches = 0;

  constructor(
    private readonly parts: RunParts,
    restored: Required<Checkpoint> | null,
  ) {
    const { engine, model, config } = parts;
    this.#state = restored === null ? initialState(config) : stateToGoOn(restored.state, config);
    if (restored !== null) this.#load(restored.weights);
    const { optimizer } = config;
    this.#adam = optimizer.name === 'lbfgs' ? null : new Adam(engine, model.parameters, optimizer);
    this.#lbfgs = optimizer.name === 'lbfgs' ? this.#newLbfgs(optimizer) : null;
    if (restored !== null) (this.#adam ?? this.#lbfgs)?.restore(restored.optimizer);
  }

  /**
   * Goes on to the last epoch, restores the best weights and evaluates them on all parts.
   * Failures: `cancelled` (with a checkpoint written), `write-failed`, `bad-input` for a loss that is not finite.
   */
  async run(): Promise<RunMetrics> {
    const { config, data, model, journal } = this.parts;
    try {
      while (!this.#state.isDone) {
        if (this.#adam !== null) await this.#descend(this.#adam);
        else await this.#stepOfLbfgs();
        await this.#endEpoch();
      }
      this.#phase = 'evaluating';
      const { best } = runPaths(journal.folder);
      this.#load((await readWeights(best)).tensors);
      const options = { config, logDelta: data.logDelta, breathe: () => this.#breathe() };
      return await evaluateParts(model, data, options);
    } finally {
      this.#adam?.dispose();
    }
  }

  /** Failure `write-failed`. */
  async #save(): Promise<void> {
    const { latest } = runPaths(this.parts.journal.folder);
    const optimizer = (this.#adam ?? this.#lbfgs!).state();
    const { metadata } = this.parts;
    await writeCheckpoint(latest, { weights: this.#weights(), optimizer, state: this.#state, metadata });
    this.#savedMs = performance.now();
  }

  async #descend(adam: Adam): Promise<void> {
    const { config, data, model, engine, journal } = this.parts;
    const windows = data.train.ofEpoch(this.#state.epoch);
    const batches = windows.batchCount(config.batchSize);
    while (this.#state.batch < batches) {
      await this.#betweenSteps(true);
      const began = performance.now();
      const batch = windows.batch(this.#state.batch, config.batchSize);
      const step = this.#state.step + 1;
      const { loss, norm } = engine.scope(() => {
        const found = model.gradients(batch, this.#context(step));
        if (!Number.isFinite(found.loss)) return { loss: found.loss, norm: null };
        const { learningRate } = this.#state.schedule;
        return { loss: found.loss, norm: adam.apply(found.gradients, step, learningRate) };
      });
      this.#requireFinite(loss, norm);
      this.#count(batch, loss, performance.now() - began);
      this.#state = { ...this.#state, step, batch: this.#state.batch + 1 };
      journal.stepEnded(step, loss, norm);
    }
  }

  /** An epoch of L-BFGS is one step of it, over all of the training part: its checkpoints are those at its ends. */
  async #stepOfLbfgs(): Promise<void> {
    const { model, engine } = this.parts;
    const lbfgs = this.#lbfgs!;
    const step = this.#state.step + 1;
    const began = performance.now();
    const evaluateAt = async (weights: Float64Array): Promise<Evaluation> => {
      spread(weights, model.parameters, engine);
      return this.#fullGradient(step);
    };
    const loss = await lbfgs.step(evaluateAt, this.#state.schedule.learningRate);
    this.#requireFinite(loss, null);
    spread(lbfgs.weights, model.parameters, engine);
    const epochMs = performance.now() - began;
    this.#state = { ...this.#state, step, lossSum: loss, lossWeight: 1, epochMs };
    this.parts.journal.stepEnded(step, loss, null);
  }

  async #fullGradient(step: number): Promise<Evaluation> {
    const { config, data, model, engine } = this.parts;
    const sizes = [...model.parameters.values()].map(({ rows, columns }) => rows * columns);
    const gradient = new Float64Array(sizes.reduce((sum, size) => sum + size, 0));
    let lossSum = 0;
    let weightSum = 0;
    for (let index = 0; index < data.train.batchCount(config.batchSize); index += 1) {
      await this.#betweenSteps(false);
      const batch = data.train.batch(index, config.batchSize);
      const weight = model.lossWeight(batch, config.positions);
      const began = performance.now();
      const loss = engine.scope(() => {
        const found = model.gradients(batch, this.#context(step));
        let at = 0;
        for (const tensor of found.gradients.values())
          for (const value of engine.read(tensor)) gradient[at] = gradient[at++]! + weight * value;
        return found.loss;
      });
      lossSum += weight * loss;
      weightSum += weight;
      this.#workedMs += performance.now() - began;
    }
    for (let at = 0; at < gradient.length; at += 1) gradient[at] = gradient[at]! / (weightSum || 1);
    return { loss: lossSum / (weightSum || 1), gradient };
  }

  async #endEpoch(): Promise<void> {
    const { config, data, model, journal, metadata } = this.parts;
    this.#phase = 'validating';
    const options = { config, logDelta: data.logDelta, breathe: () => this.#breathe(this.#adam !== null) };
    const metrics = await evaluate(model, data.validation, options);
    const trainLoss = this.#state.lossWeight === 0 ? 0 : this.#state.lossSum / this.#state.lossWeight;
    // Without a validation part the training loss has to do.
    const loss = metrics.loss ?? trainLoss;
    this.#requireFinite(loss, null);
    const { stopping, epoch, schedule } = this.#state;
    const isBest = stopping.bestLoss === null || loss < stopping.bestLoss;
    const record = this.#record(metrics, trainLoss, isBest);
    const badEpochs = isBest ? 0 : stopping.badEpochs + 1;
    const { patience } = config.earlyStopping;
    const isStopped = patience > 0 && badEpochs >= patience;
    this.#state = {
      ...this.#state,
      epoch: epoch + 1,
      batch: 0,
      lossSum: 0,
      lossWeight: 0,
      epochMs: 0,
      schedule: afterEpoch(schedule, loss, config.schedule),
      stopping: isBest ? { bestLoss: loss, bestEpoch: epoch + 1, badEpochs } : { ...stopping, badEpochs },
      isDone: epoch + 1 >= config.epochs || isStopped,
    };
    journal.epochEnded(record, this.#learnt());
    // Best before latest: a run that goes on from before this epoch comes to the same best again.
    const weights = this.#weights();
    if (isBest) await writeCheckpoint(runPaths(journal.folder).best, { weights, metadata });
    await this.#save();
    await this.#tellEpoch(record, loss, isBest, isStopped);
    this.#phase = 'training';
  }

  async #tellEpoch(record: EpochRecord, loss: number, isBest: boolean, isStopped: boolean): Promise<void> {
    const { journal, onEpoch, config } = this.parts;
    const { accuracy, mae } = record;
    const best = isBest ? { epoch: record.epoch, loss, accuracy, mae } : journal.info.best;
    const told = [
      `epoch ${record.epoch} of ${config.epochs}: loss ${record.trainLoss.toFixed(4)}`,
      `validation ${record.validationLoss?.toFixed(4) ?? '-'}`,
      ...(accuracy === null ? [] : [`accuracy ${(accuracy * 100).toFixed(2)} %`]),
      ...(mae === null ? [] : [`error ${mae.toFixed(4)}`]),
      ...(isBest ? ['best so far'] : []),
    ];
    journal.log.info(told.join(', '));
    const { learningRate } = this.#state.schedule;
    if (learningRate !== record.learningRate) journal.log.info(`learning rate ${learningRate} from here on`);
    let message: string | null = null;
    if (isStopped) {
      message = `Ended early: ${config.earlyStopping.patience} epochs without improvement.`;
      journal.log.info(message);
    }
    await journal.update({ epoch: record.epoch, step: record.step, best, message });
    onEpoch?.(record);
  }

  #record(metrics: PartMetrics, trainLoss: number, isBest: boolean): EpochRecord {
    const { engine, data, nowMs } = this.parts;
    const { epoch, step, schedule, epochMs } = this.#state;
    const isTasks = metrics.task === 'next-task';
    return {
      epoch: epoch + 1,
      step,
      time: new Date(nowMs()).toISOString(),
      trainLoss,
      validationLoss: metrics.loss,
      accuracy: isTasks ? metrics.accuracy : null,
      top5: isTasks ? metrics.top5 : null,
      accuracyWithoutIdle: isTasks ? metrics.accuracyWithoutIdle : null,
      mae: isTasks ? null : metrics.maeLog,
      learningRate: schedule.learningRate,
      examplesPerSecond: epochMs > 0 ? (data.train.count / epochMs) * 1000 : null,
      memoryBytes: engine.memoryBytes,
      isBest,
    };
  }

  /** Pause, cancellation and timed checkpoints: here the state is whole. */
  async #betweenSteps(canSave: boolean): Promise<void> {
    const { pause, signal, journal, config } = this.parts;
    await this.#breathe(canSave);
    if (pause?.isPaused === true) {
      if (canSave) await this.#save();
      await journal.update({ state: 'paused', step: this.#state.step });
      journal.log.info('paused');
      this.#phase = 'paused';
      this.#tell(true);
      await pause.whilePaused(signal);
      this.#phase = 'training';
      await this.#breathe(canSave);
      await journal.update({ state: 'running' });
      journal.log.info('resumed');
    }
    const { everySeconds } = config.checkpoints;
    const isDue = everySeconds > 0 && performance.now() - this.#savedMs >= everySeconds * 1000;
    if (canSave && isDue) await this.#save();
  }

  /** Lets messages in now and then; Failure `cancelled` once that is asked for, with a checkpoint where there can be one. */
  async #breathe(canSave = false): Promise<void> {
    this.#tell(false);
    if (performance.now() - this.#breathedMs >= BREATH_MS) {
      await setImmediate();
      this.#breathedMs = performance.now();
    }
    const { signal } = this.parts;
    if (signal?.aborted === true && canSave) await this.#save();
    throwIfCancelled(signal);
  }

  #tell(isForced: boolean): void {
    const { onProgress, config, data, engine } = this.parts;
    const now = performance.now();
    if (onProgress === undefined || (!isForced && now - this.#toldMs < this.parts.progressMs)) return;
    this.#toldMs = now;
    const { epoch, batch, step, lossSum, lossWeight, schedule, stopping, epochMs } = this.#state;
    const batches = data.train.batchCount(config.batchSize);
    const left = (config.epochs - epoch) * batches - batch;
    onProgress({
      phase: this.#phase,
      epoch: Math.min(config.epochs, epoch + 1),
      epochs: config.epochs,
      batch,
      batches,
      step,
      loss: lossWeight === 0 ? null : lossSum / lossWeight,
      learningRate: schedule.learningRate,
      examplesPerSecond: epochMs > 0 ? ((batch * config.batchSize) / epochMs) * 1000 : null,
      memoryBytes: engine.memoryBytes,
      bestLoss: stopping.bestLoss,
      remainingMs: this.#workedBatches > 0 ? (left * this.#workedMs) / this.#workedBatches : null,
    });
  }

  #count(batch: Batch, loss: number, tookMs: number): void {
    const weight = this.parts.model.lossWeight(batch, this.parts.config.positions);
    this.#workedMs += tookMs;
    this.#workedBatches += 1;
    const { lossSum, lossWeight, epochMs } = this.#state;
    this.#state = {
      ...this.#state,
      lossSum: lossSum + weight * loss,
      lossWeight: lossWeight + weight,
      epochMs: epochMs + tookMs,
    };
  }

  #requireFinite(loss: number, norm: number | null): void {
    if (Number.isFinite(loss) && (norm === null || Number.isFinite(norm))) return;
    const { epoch, step, schedule } = this.#state;
    const what = Number.isFinite(loss) ? 'gradient' : 'loss';
    throw new Failure(
      'bad-input',
      `The ${what} is not finite any more (epoch ${epoch + 1}, behind step ${step}). Make optimizer.learningRate smaller (it is ${schedule.learningRate})${this.#clips() ? '' : ' or set optimizer.clipNorm to 1'}, and begin a new run; or look for extreme values in the data set.`,
    );
  }

  #clips(): boolean {
    const { optimizer } = this.parts.config;
    return optimizer.name !== 'lbfgs' && optimizer.clipNorm !== null;
  }

  #context(step: number): StepContext {
    return { isTraining: true, step, positions: this.parts.config.positions };
  }

  #newLbfgs(settings: LbfgsSettings): Lbfgs {
    const values = [...this.#learnt().values()].flatMap((each) => Array.from(each));
    return new Lbfgs(settings, Float64Array.from(values));
  }

  #learnt(): Map<string, Float32Array> {
    const { engine, model } = this.parts;
    return new Map([...model.parameters].map(([name, variable]) => [name, engine.read(variable)]));
  }

  /** Parameters and statistics. */
  #weights(): Map<string, TensorValues> {
    const { engine, model } = this.parts;
    const all = [...model.parameters, ...model.statistics];
    return new Map(
      all.map(([name, each]) => [name, { shape: [each.rows, each.columns], values: engine.read(each) }]),
    );
  }

  #load(weights: ReadonlyMap<string, TensorValues>): void {
    loadWeights(this.parts.engine, this.parts.model, weights, modelKindOf(this.parts.config).name);
  }
}

/** Writes values into a model. Failure `bad-input` when they are another model's. */
export function loadWeights(
  engine: Engine,
  model: Model,
  weights: ReadonlyMap<string, TensorValues>,
  modelName: string,
): void {
  for (const [name, variable] of [...model.parameters, ...model.statistics]) {
    const values = weights.get(name)?.values;
    if (!(values instanceof Float32Array) || values.length !== variable.rows * variable.columns) {
      throw new Failure(
        'bad-input',
        `The weights have no ${name} of ${variable.rows} × ${variable.columns} as ${modelName} needs it: they are of another model, or of other settings.`,
      );
    }
    engine.write(variable, values);
  }
}

function spread(weights: Float64Array, parameters: ReadonlyMap<string, Variable>, engine: Engine): void {
  let at = 0;
  for (const variable of parameters.values()) {
    const size = variable.rows * variable.columns;
    engine.write(variable, Float32Array.from(weights.subarray(at, at + size)));
    at += size;
  }
}
