import type { ModelInput, ModelRun } from '../../../src/protocol/neuralCfsRunMessages.js';
import { element, linkButton } from '../../common/dom.js';
import { formatCount } from '../../common/format.js';
import { simpleTable } from '../../common/simpleTable.js';
import { amount, listed, positivesText } from '../../neuralCfs/model/words.js';
import { atThreshold, baselineText, judgementRows } from '../model/judgementRows.js';
import type { Act, RunModel } from '../model/runModel.js';
import { card, figureList } from './card.js';

/** What it is worth on the test, beside what knowing nothing comes to. */
export function createJudgementCard(model: RunModel): HTMLElement {
  const shown = card('What it is worth');
  model.state.observe((state) => {
    if (state !== null) shown.show(...judgementOf(state.run));
  });
  return shown.element;
}

function judgementOf(run: ModelRun): (HTMLElement | null)[] {
  const rows = judgementRows(run);
  const { judgement } = run.model;
  const baseline = baselineText(run);
  const facts = figureList('Training and test', [
    {
      label: 'Training',
      value: positivesText(run.training),
      title: 'Positive calls of all that it learnt from',
    },
    { label: 'Test', value: positivesText(run.test), title: 'Positive calls of all that it is judged by' },
    {
      label: 'Threshold',
      value: thresholdText(run),
      title: 'A call whose score is not below it is called positive',
    },
    { label: 'Model', value: run.model.summary, title: 'What was trained' },
  ]);
  if (judgement === null) {
    const why = run.refusal ?? run.model.failure ?? 'The run does not say why.';
    return [facts, element('p', { className: 'empty-chart' }, `It was not judged: ${why}`)];
  }
  return [
    facts,
    element(
      'div',
      { className: 'scroll-x' },
      simpleTable(
        'Figures on the test',
        [
          {
            label: 'On the test',
            title: 'Figure',
            numeric: false,
            cell: ({ label, title }) => element('span', { title }, label),
          },
          {
            label: 'This model',
            title: 'With an interval of 95 % where one can be told',
            numeric: true,
            cell: ({ value }) => value,
          },
          {
            label: 'Knowing nothing',
            title: 'What saying the same of every call, or tossing a coin, comes to',
            numeric: true,
            cell: ({ baseline: by }) => by,
          },
        ],
        rows,
      ),
    ),
    confusionTable(run),
    baseline === null ? null : element('p', { className: 'chart-note' }, baseline),
    element('p', { className: 'chart-note' }, `Split: ${run.split}`),
  ];
}

function thresholdText({ threshold }: ModelRun): string {
  const how = threshold.choice === 'half' ? 'one half' : 'the best on the training rows';
  return `${amount(threshold.score)} (${how}); ${amount(threshold.logit)} in log-odds`;
}

function confusionTable({ model, threshold }: ModelRun): HTMLElement | null {
  if (model.judgement === null) return null;
  const { trueNegatives, falsePositives, falseNegatives, truePositives } = atThreshold(
    threshold,
    model.judgement,
  );
  return element(
    'div',
    { className: 'scroll-x' },
    simpleTable(
      'Calls of the test at the threshold',
      [
        { label: 'At the threshold', title: 'What the call is', numeric: false, cell: ({ is }) => is },
        {
          label: 'Model says no',
          title: 'Called negative',
          numeric: true,
          cell: ({ no }) => formatCount(no),
        },
        {
          label: 'Model says yes',
          title: 'Called positive',
          numeric: true,
          cell: ({ yes }) => formatCount(yes),
        },
      ],
      [
        { is: 'Negative', no: trueNegatives, yes: falsePositives },
        { is: 'Positive', no: falseNegatives, yes: truePositives },
      ],
    ),
  );
}

/** What the model is given, and in which scale. */
export function createInputsCard(model: RunModel): HTMLElement {
  const shown = card('Inputs');
  model.state.observe((state) => {
    if (state === null) return;
    const { inputs, leftOut } = state.run;
    shown.show(
      element('div', { className: 'scroll-x' }, inputsTable(inputs)),
      leftOut.length === 0
        ? null
        : element('p', { className: 'chart-note' }, `Left out, as they did not vary: ${listed(leftOut)}.`),
    );
  });
  return shown.element;
}

function inputsTable(inputs: readonly ModelInput[]): HTMLElement {
  const number = (label: string, title: string, read: (input: ModelInput) => number) => ({
    ...{ label, title, numeric: true },
    cell: (input: ModelInput) => (Number.isFinite(read(input)) ? amount(read(input)) : '—'),
  });
  return simpleTable(
    'Inputs of the model',
    [
      {
        label: 'Input',
        title: 'Column of the records',
        numeric: false,
        cell: ({ name }) => element('code', {}, name),
      },
      { label: 'In the kernel', title: 'Where it is read', numeric: false, cell: ({ text }) => text },
      { label: 'Unit', title: 'Of its values', numeric: false, cell: ({ unit }) => unit },
      number('Mean', 'Of the training rows: it is taken from each value', ({ mean }) => mean),
      number('Deviation', 'Of the training rows: each value is divided by it', ({ deviation }) => deviation),
      number('Least', 'Of the calibration rows', ({ least }) => least),
      number('Most', 'Of the calibration rows', ({ most }) => most),
    ],
    inputs,
  );
}

/** What it learnt from; each opens. */
export function createRecordingsCard(model: RunModel, act: Act): HTMLElement {
  const shown = card('Recordings');
  model.state.observe((state) => {
    if (state === null) return;
    const rows = state.run.recordings.map((recording, at) => ({ ...recording, at }));
    shown.show(
      element(
        'div',
        { className: 'scroll-x' },
        simpleTable(
          'Recordings',
          [
            {
              ...{ label: 'Recording', title: 'Opens it', numeric: false },
              cell: ({ name, path, at }) =>
                linkButton(name, path, () => void act('openRecording', { recording: at })),
            },
            { label: 'Workload', title: 'What ran', numeric: false, cell: ({ workload }) => workload },
            { label: 'Machine', title: 'Where', numeric: false, cell: ({ machine }) => machine ?? '—' },
            { label: 'Calls', title: 'Before cleaning', numeric: true, cell: (row) => formatCount(row.rows) },
          ],
          rows,
        ),
      ),
    );
  });
  return shown.element;
}
