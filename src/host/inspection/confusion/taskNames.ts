import { readDataSetMeta } from '../../../dataset/files/dataSetMeta.js';
import type { Evaluation, NextTaskEvaluation } from '../../../protocol/evaluation.js';

export interface TaskNames {
  /** Names of the tasks of a part by their index in the vocabulary. */
  of(part: NextTaskEvaluation): (index: number) => string;
}

/**
 * Names of tasks: the evaluation has those that came or were guessed by the model. Others, which only a baseline guessed, are in
 * the data set, if it is still where it was.
 */
export async function readTaskNames({ dataset }: Pick<Evaluation, 'dataset'>): Promise<TaskNames> {
  const vocabulary = await readDataSetMeta(dataset.path).then(
    ({ vocabulary: { tasks } }) => tasks,
    () => [],
  );
  return {
    of: ({ byTask }) => {
      const known = new Map(byTask.map(({ index, task }) => [index, task]));
      return (index) => known.get(index) ?? (index === 0 ? 'UNK' : (vocabulary[index] ?? `task ${index}`));
    },
  };
}
