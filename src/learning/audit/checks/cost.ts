/** Times, and how they were put together. */
import type { CostFigures } from '../../../protocol/evaluation.js';
import type { Claim } from '../claims/claims.js';
import { failed, overClaims, passed, skipped, together, type Check, type Finding } from '../check.js';
import { noEvaluation } from '../subject.js';
import { counted, duration, figure, percent } from '../texts.js';

/** Two figures that were measured apart are not as near as this. */
const SAME = 1e-3;
/** Means of ratios and ratios of means that differ by more tell different things. */
const DIFFERENT = 0.1;
/** A change that is so small has no sign. */
const NO_CHANGE = 0.005;

export const batchAsLatency: Check = {
  id: 'batch-as-latency',
  title: 'The time of a batch is quoted as that of one event',
  explanation:
    'Computing many examples at once takes less time for each, but nobody who waits for one answer gets it before the whole batch is done.',
  inRun: (run) =>
    run.evaluation?.cost == null
      ? skipped(noEvaluation(run, 'The cost of the model was not measured.'))
      : ofCost(run.evaluation.cost),
  inClaims: (claims) =>
    overClaims(claims, 'The claims have no latency.', ({ latencies }) => {
      if (latencies === undefined) return null;
      return together(
        latencies.map(({ of, milliseconds, batch, isDivided }) => {
          const ns = milliseconds * 1e6;
          if (batch === 1) return passed(`${of}: ${duration(ns)} for one event, computed alone.`);
          if (!isDivided) return passed(`${of}: ${duration(ns)} for a batch of ${batch}, told as such.`);
          return failed(
            `${of}: ${duration(ns)} is the time of a batch divided by its ${batch} events; the batch, and each event in it, took ${duration(ns * batch)}.`,
          );
        }),
      );
    }),
  needs: 'There is no latency to look at.',
};

export const meanOfRatios: Check = {
  id: 'mean-of-ratios',
  title: 'A mean of ratios stands for the ratio of means',
  explanation:
    'A mean of ratios counts a small thing that became ten times as slow like a large one that did; how much longer all took together is the ratio of means, and the two can even disagree on which is faster.',
  inClaims: (claims) => overClaims(claims, 'The claims have no ratios.', ({ ratios }) => ofRatios(ratios)),
  needs: 'Only claims quote ratios: KernelOracle itself shows differences, event by event.',
};

export const unlikeCompared: Check = {
  id: 'unlike-compared',
  title: 'Unlike things are compared',
  explanation:
    'When "before" and "after" are times of different amounts of work, their ratio is no speed-up.',
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell what is compared.', ({ ratios }) => {
      const told = (ratios ?? []).filter(
        ({ beforeIs, afterIs }) => beforeIs !== undefined && afterIs !== undefined,
      );
      if (told.length === 0) return null;
      return together(
        told.map(({ of, beforeIs, afterIs }) =>
          beforeIs === afterIs
            ? passed(`${of}: ${beforeIs!} on both sides.`)
            : failed(`${of}: before it is ${beforeIs!}, after it ${afterIs!}.`),
        ),
      );
    }),
  needs: 'Only claims tell of comparisons.',
};

export const measuredOnce: Check = {
  id: 'measured-once',
  title: 'It was measured once',
  explanation:
    'Any measurement comes out a little differently each time; without a second one nobody can tell a difference from chance.',
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell how often things were measured.', ({ repeats }) => {
      if (repeats === undefined) return null;
      return repeats === 1 ? failed('There was one run each.') : passed(`There were ${repeats} runs each.`);
    }),
  needs: 'Only claims tell how often something was measured: our own figures have intervals.',
};

function ofCost({ engines }: CostFigures): Finding {
  const findings = engines.map(({ engine, single, batched: { windows, windowsPerSecond } }) => {
    const share = 1e9 / windowsPerSecond;
    const text = `${engine}: one event takes ${duration(single.p50Ns)}, ${counted(windows, 'window')} at once ${duration(share)} each`;
    const isSame = windows > 1 && Math.abs(single.p50Ns - share) <= SAME * share;
    return isSame ? failed(`${text}: the first figure is the batch's, divided.`) : passed(`${text}.`);
  });
  return together(findings, 'No engine was measured.');
}

function ofRatios(ratios: Claim['ratios']): Finding | null {
  const several = (ratios ?? []).filter(({ pairs }) => pairs.length > 1);
  if (several.length === 0) return null;
  return together(
    several.map(({ of, quoted, pairs }) => {
      const mean = pairs.reduce((all, { before, after }) => all + after / before, 0) / pairs.length;
      const sum = (side: 'before' | 'after') => pairs.reduce((all, each) => all + each[side], 0);
      const ratio = sum('after') / sum('before');
      const told = quoted === undefined ? '' : `, and ${figure(quoted)} is quoted`;
      const text = `${of}: over ${pairs.length} pairs the mean of ratios is ${figure(mean)} (${change(mean)}), the ratio of means ${figure(ratio)} (${change(ratio)})${told}`;
      if (directionOf(mean) * directionOf(ratio) < 0) {
        return failed(`${text}: they do not even agree on which is faster.`);
      }
      if (Math.abs(mean - ratio) > DIFFERENT * ratio) return failed(`${text}.`);
      return quoted !== undefined && isNeither(quoted, mean, ratio)
        ? failed(`${text}, which is neither.`)
        : passed(`${text}.`);
    }),
  );
}

function isNeither(quoted: number, ...told: readonly number[]): boolean {
  return told.every((each) => Math.abs(quoted - each) > Math.max(NO_CHANGE, DIFFERENT * Math.abs(each - 1)));
}

function directionOf(ratio: number): number {
  return Math.abs(ratio - 1) < NO_CHANGE ? 0 : Math.sign(ratio - 1);
}

function change(ratio: number): string {
  return `${ratio >= 1 ? '+' : '−'}${percent(Math.abs(ratio - 1))}`;
}
