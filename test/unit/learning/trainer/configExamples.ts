/** Configurations that are right. */
export const VALID_CONFIGS: readonly string[] = [
  'dataset: a',
  'version: 1\ndataset: ../a/b\nmodel: { name: lstm-next-task }',
  'dataset: a\nmodel: { name: tcn, settings: { projection: 64, dropout: 0 } }\nwindows: { length: 32, stride: 1, features: [] }',
  'dataset: a\noptimizer: { name: adam, learningRate: 0.01, clipNorm: null }\nschedule: { name: constant }',
  'dataset: a\nmodel: { name: kernel-oracle-2019, settings: { scramble: true } }\noptimizer: { iterations: 5 }',
  'dataset: a\nepochs: 1\nbatchSize: 1\nseed: 4294967295\npositions: last\nengine: { name: embedded, threads: 2 }',
  'dataset: a\nearlyStopping: { patience: 0 }\ncheckpoints: { everySeconds: 0.5 }\nevaluation: { maxWindows: 10 }',
  'dataset: a\nmodel: { name: inter-arrival-tcn, settings: { quantiles: [0.1, 0.9] } }',
];

/** Wrong ones, with what is said about them; `isContradiction`: a JSON schema cannot tell. */
export const INVALID_CONFIGS: readonly {
  readonly text: string;
  readonly problems: readonly string[];
  readonly isContradiction?: boolean;
}[] = [
  { text: 'epochs: 3', problems: ['1:1: dataset is missing'] },
  {
    text: 'dataset: a\nepochs: 0\nbatch: 4',
    problems: ['2:9: epochs is a whole number from 1 to 100000', '3:1: batch is not known here'],
  },
  { text: 'dataset: ""', problems: ['1:10: dataset is empty'] },
  { text: 'dataset: [a]', problems: ['1:10: dataset is the path of a folder'] },
  {
    text: 'dataset: a\nmodel: { name: gru }',
    problems: [
      '2:16: model has a name: tcn, lstm-next-task, lstm, inter-arrival-tcn, inter-arrival-lstm, kernel-oracle-2019',
    ],
  },
  {
    text: 'dataset: a\nmodel:\n  name: tcn\n  settings:\n    hidden: 4',
    problems: ['5:5: hidden is not known here'],
  },
  {
    text: 'dataset: a\nmodel: { name: tcn, settings: { dropout: 1 } }',
    problems: ['2:42: dropout is a number from 0 to 0.95'],
  },
  {
    text: 'dataset: a\nwindows: { features: [cpu, load] }',
    problems: ['2:28: a feature is one of cpu, logDelta, delta'],
  },
  { text: 'dataset: a\nwindows: { features: [cpu, cpu] }', problems: ['2:22: a feature is there twice'] },
  {
    text: 'dataset: a\noptimizer: { name: sgd }',
    problems: ['2:20: an optimizer is `adam`, `adamw` or `lbfgs`'],
  },
  {
    text: 'dataset: a\noptimizer: { clipNorm: 0 }',
    problems: ['2:24: clipNorm is a number from 0.000001 on, or null for none'],
  },
  {
    text: 'dataset: a\nmodel: { name: kernel-oracle-2019 }\noptimizer: { beta1: 0.9 }',
    problems: ['3:21: lbfgs has no beta1'],
    isContradiction: true,
  },
  {
    text: 'dataset: a\noptimizer: { name: adam, weightDecay: 0.1 }',
    problems: ['2:39: adam has no weight decay; adamw has'],
    isContradiction: true,
  },
  {
    text: '- dataset',
    problems: ['1:1: a configuration has `dataset:` and what else it sets, each on a line of its own'],
  },
];
