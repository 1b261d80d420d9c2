/** What the thesis on learned load balancing printed (I. Pinto Larrea, chapter 5): figures 5.1 to 5.3, and the shares of table 5.5. */
import type { ExperimentNumber, ThesisBar, ThesisFigures } from '../../../protocol/neuralCfs.js';

function bar(
  benchmark: string,
  torch: number | null,
  libml: number | null,
  other: number | null = null,
): ThesisBar {
  return { benchmark, torch, libml, other };
}

export const THESIS_FIGURES: Readonly<Record<ExperimentNumber, ThesisFigures>> = {
  1: {
    figure: '5.1',
    bars: [bar('compress-zstd', 0.8744, 0.859), bar('hackbench', 0.9938, 0.9516)],
    remark: 'The others are above 90 %.',
  },
  2: {
    figure: '5.2',
    bars: [bar('compress-zstd', 0.838, 0.806), bar('hackbench', 1, 0.968, 0.923)],
    remark:
      'The others are above 90 %, 92.442 % on average; the third bar is of a separate run. Balanced, hackbench is 126 rows.',
  },
  3: {
    figure: '5.3',
    bars: [
      bar('cassandra', 0.9576, 0.9544),
      bar('hackbench', 1, 1, 0.9683),
      bar('mean', 0.976, 0.974, 0.9613),
    ],
    remark: 'The third bar is of the model in the kernel. Balanced, hackbench is 58 rows.',
  },
};

interface ThesisCounts {
  readonly benchmark: string;
  readonly forced: number;
  /** Calls that end in a forced one. */
  readonly ending: number;
}

/** Of 1,000,000 calls each. */
const CALLS = 1_000_000;
const COUNTS: readonly ThesisCounts[] = [
  { benchmark: 'cassandra', forced: 70_197, ending: 257_518 },
  { benchmark: 'arrayfire', forced: 6531, ending: 44_901 },
  { benchmark: 'askap', forced: 3953, ending: 23_195 },
  { benchmark: 'compress-zstd', forced: 6759, ending: 15_845 },
  { benchmark: 'hackbench', forced: 29, ending: 63 },
];

/** How frequent positives were where the thesis measured; it does not tell that of migrations. */
export function thesisShares(
  experiment: ExperimentNumber,
): readonly { readonly of: string; readonly share: number }[] {
  if (experiment === 1) return [];
  return COUNTS.map(({ benchmark, forced, ending }) => ({
    of: `thesis: ${benchmark}`,
    share: (experiment === 3 ? forced : ending) / CALLS,
  }));
}
