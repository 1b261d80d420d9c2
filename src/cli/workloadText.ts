import type { Estimate } from '../protocol/evaluation.js';
import { estimateText, signed } from './estimateText.js';
import { table } from './output.js';

const NAME_WIDTH = 30;
const BASELINE_WIDTH = 26;

/** What a model comes to on a workload beside the baseline that is hardest to beat there. */
export interface BesideBest {
  readonly workload: string;
  /** `null`: no baseline has a figure. */
  readonly best: { readonly name: string; readonly value: number; readonly difference: Estimate } | null;
}

export interface BesideBestWords {
  /** Of the baseline's figure: `top-1 %`. */
  readonly figure: string;
  /** Of the model's less the baseline's: `difference, points`. */
  readonly difference: string;
  readonly format: (value: number) => string;
}

/** Workload by workload: by how much the model differs from the best baseline, event by event, with the 95 % interval. */
export function besideBestLines(rows: readonly BesideBest[], words: BesideBestWords): Iterable<string> {
  const { figure, difference, format } = words;
  return table(
    [
      { title: 'workload', align: 'left', cell: ({ workload }) => cutTo(NAME_WIDTH, workload) },
      {
        title: 'best baseline there',
        align: 'left',
        cell: ({ best }) => (best === null ? '-' : cutTo(BASELINE_WIDTH, best.name)),
      },
      { title: figure, align: 'right', cell: ({ best }) => (best === null ? '-' : format(best.value)) },
      {
        title: difference,
        align: 'right',
        cell: ({ best }) => (best === null ? '-' : estimateText(best.difference, signed(format))),
      },
    ],
    rows,
  );
}

export function cutTo(width: number, text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
