import type { ComparisonRemark, MetricComparison } from '../../protocol/comparisonMessages.js';
import type { ResultSet } from './resultSets.js';

/** What to know before the numbers of a comparison are used. */
export function comparisonRemarks(
  sets: readonly ResultSet[],
  metrics: readonly MetricComparison[],
): ComparisonRemark[] {
  return [
    ...incomplete(sets),
    ...failures(sets, metrics),
    ...differentCommands(sets),
    ...missing(sets, metrics),
    ...throttled(sets),
    ...machines(sets),
    ...sameTwice(sets),
    ...notInterleaved(sets),
    ...few(metrics),
  ];
}

const warning = (text: string): ComparisonRemark => ({ severity: 'warning', text });
const info = (text: string): ComparisonRemark => ({ severity: 'info', text });

function incomplete(sets: readonly ResultSet[]): ComparisonRemark[] {
  const paths = new Set(
    sets.filter(({ results }) => results.state !== 'complete').map(({ set }) => set.path),
  );
  return [...paths].map((path) => warning(`${path} is not complete: it was stopped, or still runs.`));
}

function failures(sets: readonly ResultSet[], metrics: readonly MetricComparison[]): ComparisonRemark[] {
  return metrics
    .filter(({ isPrimary }) => isPrimary)
    .flatMap(({ benchmark, sets: figures }) =>
      figures.flatMap((each, at) =>
        each === null || each.failed === 0
          ? []
          : [
              warning(
                `${benchmark}, ${sets[at]!.set.label}: ${each.failed} of ${each.failed + each.n} repeats failed ` +
                  'and are left out. If the hard ones fail, the rest looks better than it is.',
              ),
            ],
      ),
    );
}

function differentCommands(sets: readonly ResultSet[]): ComparisonRemark[] {
  const commands = new Map<string, Set<string>>();
  for (const { name, command } of sets.flatMap(({ results }) => results.benchmarks)) {
    commands.set(name, (commands.get(name) ?? new Set()).add(command));
  }
  return [...commands]
    .filter(([, texts]) => texts.size > 1)
    .map(([name]) =>
      warning(`${name} was not run with the same command everywhere: the difference may be the command's.`),
    );
}

function missing(sets: readonly ResultSet[], metrics: readonly MetricComparison[]): ComparisonRemark[] {
  return metrics
    .filter(({ isPrimary }) => isPrimary)
    .flatMap(({ benchmark, sets: figures }) => {
      const without = figures.flatMap((each, at) => (each === null ? [sets[at]!.set.label] : []));
      return without.length === 0 ? [] : [info(`${benchmark} was not measured for ${without.join(', ')}.`)];
    });
}

function throttled(sets: readonly ResultSet[]): ComparisonRemark[] {
  return sets.flatMap(({ set, results, subject }) => {
    const count = results.repeats.filter(
      (repeat) =>
        repeat.subject === subject &&
        (repeat.after?.throttleCount ?? 0) > (repeat.before?.throttleCount ?? Number.POSITIVE_INFINITY),
    ).length;
    return count === 0
      ? []
      : [warning(`${set.label}: the processor slowed down from heat during ${count} repeats.`)];
  });
}

function machines(sets: readonly ResultSet[]): ComparisonRemark[] {
  const names = new Set(sets.map(({ set }) => set.machine).filter((name) => name !== ''));
  return names.size < 2
    ? []
    : [
        warning(
          `The sets are of different machines (${[...names].join(', ')}): differences are theirs as well.`,
        ),
      ];
}

function notInterleaved(sets: readonly ResultSet[]): ComparisonRemark[] {
  const files = new Set(sets.map(({ set }) => set.path));
  return files.size < 2
    ? []
    : [
        info(
          'The sets are of separate files, so their repeats were not interleaved: whatever changed on the machine ' +
            'between them looks like a difference between the sets.',
        ),
      ];
}

function sameTwice(sets: readonly ResultSet[]): ComparisonRemark[] {
  const keys = sets.map(({ set, subject }) => JSON.stringify([set.path, subject]));
  return sets.flatMap(({ set }, at) =>
    keys.indexOf(keys[at]!) < at
      ? [warning(`${set.label} of ${set.path} is compared with itself: the same repeats on both sides.`)]
      : [],
  );
}

function few(metrics: readonly MetricComparison[]): ComparisonRemark[] {
  const counts = metrics
    .filter(({ isPrimary }) => isPrimary)
    .flatMap(({ sets }) => sets.flatMap((each) => (each === null ? [] : [each.n])));
  const fewest = Math.min(...counts);
  if (fewest === 1) {
    return [
      warning(
        'Some benchmarks were measured once only: their ratios are shown, but nothing tells a difference from chance.',
      ),
    ];
  }
  return fewest > 1 && fewest < 5
    ? [
        info(
          `Some benchmarks have ${fewest} repeats only: their intervals are rough, and miss the truth more often than 5 % of the time.`,
        ),
      ]
    : [];
}
