import type { ExperimentNumber } from '../../../src/protocol/neuralCfs.js';

type Part = 'experiment' | 'ranking' | 'importance' | 'transfer';

const WHAT: Readonly<Record<Part, string>> = {
  experiment: 'No models were trained and judged',
  ranking: 'No columns were scored',
  importance: 'No columns were shuffled for permutation importance',
  transfer: 'No model was carried from one workload or machine to another',
};

const CHOICE: Readonly<Record<Part, string>> = {
  experiment: 'with this experiment and at least one model',
  ranking: 'with this experiment',
  importance: 'with a model for permutation importance',
  transfer: 'with a model for transfer',
};

/** What a study does not hold, and how to get it. */
export function missingText(part: Part, experiment: ExperimentNumber): string {
  return `${WHAT[part]} for experiment ${experiment} in this study. To have that, run “NeuralCFS: Study Migration Records…” again ${CHOICE[part]}.`;
}
