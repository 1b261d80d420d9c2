import { NOT_TOLD, UNKNOWN } from '../../dataset/sequences.js';
import { IDLE } from '../../dataset/vocabulary.js';
import type { NextTaskEvaluation, TaskGroup, TaskScores } from '../../protocol/evaluation.js';
import type { TaskBaseline } from '../baselines/taskBaseline.js';
import type { Model } from '../models/model.js';
import { askTaskBaselineOf } from './askBaselines.js';
import { askTaskModel, type Reading } from './askModel.js';
import { BlockBootstrap, blockLength } from './blockBootstrap.js';
import { calibrationOf } from './calibration.js';
import type { NextTaskEvents, Unwritten } from './evaluatedEvents.js';
import type { EvaluatedPart } from './evaluatedPart.js';
import { groupsByCpu, groupsByWorkload } from './groups.js';
import { taskTable, TaskScoring } from './taskScores.js';

export interface TaskPartOptions {
  readonly model: Model;
  readonly reading: Reading;
  /** As the TCN follow-up scored: UNK and idle are one answer. */
  readonly aliased: boolean;
  readonly baselines: readonly TaskBaseline[];
  /** By index in the vocabulary. */
  readonly taskNames: readonly string[];
  readonly seed: number;
  readonly eventsFile: string;
  readonly breathe: (share: number) => Promise<void>;
}

/** What a next-task model and the baselines answer to the events of a part, and what that comes to. */
export async function evaluateTasks(
  part: EvaluatedPart,
  options: TaskPartOptions,
): Promise<{ readonly events: NextTaskEvents; readonly evaluation: Unwritten<NextTaskEvaluation> }> {
  const { model, reading, aliased, breathe } = options;
  const answers = await askTaskModel({ model, part, breathe }, reading, aliased);
  const baselines: { name: string; answers: Awaited<ReturnType<typeof askTaskBaselineOf>> }[] = [];
  for (const baseline of options.baselines) {
    const found = await askTaskBaselineOf(part, baseline, () => breathe(1));
    baselines.push({ name: baseline.name, answers: found });
  }
  const target = Int32Array.from(part.rows, (row) => part.stored.task[row]!);
  const contested = Uint8Array.from(part.rows, (row) => part.stored.contested[row]!);
  const isRight = Uint8Array.from(answers.rank, (rank) => (rank === 1 ? 1 : 0));
  const bootstrap = new BlockBootstrap(part.recording, blockLength(isRight, part.recording), options.seed);
  const scoring = new TaskScoring({ target, contested }, answers, baselines, bootstrap);
  const groupOf = ({ name, category, isIn }: ReturnType<typeof groupsByCpu>[number]) =>
    scoring.group(name, category, isIn);
  const byWorkload = groupsByWorkload(part).map(groupOf);
  const byTask = taskTable(target, answers.guess, options.taskNames);
  const evaluation: Unwritten<NextTaskEvaluation> = {
    task: 'next-task',
    part: part.name,
    targets: part.rows.length,
    recordings: part.recordings,
    eventsFile: options.eventsFile,
    blockEvents: bootstrap.blockEvents,
    unknownTargets: countOf(target, UNKNOWN),
    idleTargets: countOf(target, IDLE),
    contestedTargets: contested.every((each) => each === NOT_TOLD) ? null : countOf(contested, 1),
    slices: scoring.slices(),
    calibration: calibrationOf(answers.confidence, isRight),
    byWorkload,
    byCpu: groupsByCpu(part).map(groupOf),
    byTask,
    macro: macroOf(byWorkload, byTask),
  };
  return {
    evaluation,
    events: {
      task: 'next-task',
      count: part.rows.length,
      row: part.rows,
      recording: part.recording,
      cpu: Uint16Array.from(part.rows, (row) => part.stored.cpu[row]!),
      timeNs: part.timeNs,
      ...{ contested, target },
      guess: answers.guess,
      rank: answers.rank,
      confidence: answers.confidence,
      probability: answers.probability,
      baselines: new Map(baselines.map(({ name, answers: { guess } }) => [name, guess])),
    },
  };
}

function macroOf(
  byWorkload: readonly TaskGroup[],
  byTask: readonly TaskScores[],
): NextTaskEvaluation['macro'] {
  const occurring = byTask.filter(({ support }) => support > 0);
  return {
    workloadTop1: meanOf(byWorkload, ({ model }) => model.value),
    taskRecall: meanOf(occurring, ({ recall }) => recall ?? 0),
    taskF1: meanOf(occurring, ({ f1 }) => f1 ?? 0),
  };
}

/** 0 of none: where all targets are UNK no task occurs, and nothing is right. */
function meanOf<T>(list: readonly T[], valueOf: (each: T) => number): number {
  return list.length === 0 ? 0 : list.reduce((sum, each) => sum + valueOf(each), 0) / list.length;
}

function countOf(values: Int32Array | Uint8Array, wanted: number): number {
  let count = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] === wanted) count += 1;
  return count;
}
