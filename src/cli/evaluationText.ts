import type { CostFigures, Evaluation, PartEvaluation } from '../protocol/evaluation.js';
import { taskPartLines } from './evaluationTaskText.js';
import { timePartLines } from './evaluationTimeText.js';
import { printable, table } from './output.js';

/** Of the terminal. */
const WIDTH = 110;

/** An evaluation as text: what to know first, then part by part, then what predictions cost. */
export function* evaluationLines(evaluation: Evaluation): Generator<string> {
  const { model, dataset, parts, cost, warnings, bootstrap } = evaluation;
  yield `model        ${printable(model.name)} (${model.task}), ${model.parameters} parameters, weights of epoch ${model.epoch}`;
  yield `data set     ${printable(dataset.path)}`;
  yield `evaluated    ${evaluation.evaluated} on ${printable(model.engine)}`;
  yield `intervals    95 %, of ${bootstrap.resamples} resamples of blocks; a difference is the model less the baseline`;
  if (warnings.length > 0) yield '';
  for (const warning of warnings) yield* wrapped(`warning: ${printable(warning)}`);
  for (const part of parts) {
    yield '';
    yield* partLines(part);
  }
  if (cost !== null) {
    yield '';
    yield* costLines(cost);
  }
}

function partLines(part: PartEvaluation): Generator<string> {
  return part.task === 'next-task' ? taskPartLines(part) : timePartLines(part);
}

function* costLines({ machine, engines, streaming }: CostFigures): Generator<string> {
  yield `cost on ${printable(machine)}`;
  yield* table(
    [
      { title: 'engine', align: 'left', cell: ({ engine }) => engine },
      { title: 'threads', align: 'right', cell: ({ threads }) => String(threads) },
      { title: 'one window, p50 µs', align: 'right', cell: ({ single }) => micro(single.p50Ns) },
      { title: 'p99 µs', align: 'right', cell: ({ single }) => micro(single.p99Ns) },
      {
        title: 'windows/s, many at once',
        align: 'right',
        cell: ({ batched }) => `${batched.windowsPerSecond.toFixed(0)} (${batched.windows})`,
      },
    ],
    engines,
  );
  if (streaming === null) return;
  yield `event by event, p50 ${micro(streaming.p50Ns)} µs, p99 ${micro(streaming.p99Ns)} µs (${streaming.events} events)`;
}

function micro(ns: number): string {
  return (ns / 1000).toFixed(ns < 100_000 ? 1 : 0);
}

/** Lines no wider than the terminal, those behind the first one indented. */
export function* wrapped(text: string): Generator<string> {
  let line = '';
  for (const word of text.split(' ')) {
    if (line.length > 0 && line.length + 1 + word.length > WIDTH) {
      yield line;
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  yield line;
}
