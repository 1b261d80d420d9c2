/** Models trained on recorded calls, as LibML carries them elsewhere. */
import { cleaned } from '../../src/dataset/migrations/cleaning.js';
import { experimentColumns } from '../../src/dataset/migrations/experimentColumns.js';
import { labelled } from '../../src/dataset/migrations/labels.js';
import type { Experiment, MigrationSet } from '../../src/dataset/migrations/migrationSet.js';
import { columnOf } from '../../src/dataset/migrations/setColumns.js';
import { splitRows } from '../../src/dataset/migrations/splitRows.js';
import { classifierKinds } from '../../src/learning/migrations/models/classifierKinds.js';
import type { DeployableModel, RawRows } from '../../src/learning/migrations/deployableModel.js';

export interface TrainedDeployable {
  readonly model: DeployableModel;
  /** As recorded. */
  readonly training: RawRows;
  readonly test: RawRows;
}

/** A model trained at natural prevalence on some of the history groups; the others are the test. */
export async function trainedDeployable(
  set: MigrationSet,
  experiment: Experiment,
  kindName: string,
): Promise<TrainedDeployable> {
  const labels = labelled(set, experiment);
  const { train, test } = splitRows(set, labels, { by: 'group', testShare: 0.3, seed: 1 });
  const clean = cleaned(set, labels, {
    columns: experimentColumns(experiment),
    trainRows: train,
    ...{ seed: 1, balance: 'natural', fitOn: 'train' },
  });
  const [kind] = classifierKinds([kindName]);
  const { classWeights } = clean;
  const classifier = await kind!.train(clean.train, experiment, { seed: 1, classWeights });
  const training = rawRows(set, clean.columns, clean.train.rows);
  const features = clean.scaling.map(({ name, mean, deviation }, at) => {
    const values = training.values.filter((_, place) => place % clean.columns.length === at);
    const least = values.reduce((a, b) => Math.min(a, b));
    const most = values.reduce((a, b) => Math.max(a, b));
    return { name, mean, deviation: deviation || 1, least, most };
  });
  const body = classifier.body!();
  classifier.dispose();
  return {
    model: { features, body, threshold: 0 },
    training,
    test: rawRows(set, clean.columns, clean.table(test).rows),
  };
}

/** Columns of rows of a set, exact: its tables for models are float32. */
export function rawRows(set: MigrationSet, names: readonly string[], rows: Uint32Array): RawRows {
  const values = new Float64Array(rows.length * names.length);
  for (const [at, name] of names.entries()) {
    const column = columnOf(set, name);
    for (const [place, row] of rows.entries()) values[place * names.length + at] = column[row]!;
  }
  return { rows: rows.length, values };
}
