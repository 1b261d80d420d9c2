import { LatencyFiles } from '../analysis/latency/latencyFiles.js';
import { latencyDensities } from '../analysis/latency/latencyDensities.js';
import { formatRatio } from '../analysis/latency/latencyFigures.js';
import {
  LATENCY_STUDY_ENDING,
  readLatencyStudy,
  setsOf,
  usualBaseline,
  USUAL_SETTINGS,
} from '../analysis/latency/latencyStudy.js';
import { Failure } from '../base/errors.js';
import type {
  BandwidthRule,
  DensityAxis,
  DensityRange,
  LatencyDensities,
  LatencySettings,
  LatencySetView,
  LatencyStudy,
  LatencyStudySet,
  LatencyUnit,
} from '../protocol/latencyMessages.js';
import { describedLatencies, readResultLatencies } from '../remote/benchmarks/latencySets.js';
import { setLetter } from './compare.js';
import { printLines, printable, table, toJson, type Column } from './output.js';

export interface LatencyDensityOptions {
  readonly json?: boolean;
  readonly axis?: DensityAxis;
  readonly bandwidth?: BandwidthRule;
  readonly factor?: number;
  readonly range?: DensityRange;
  /** Label of the sets with which the others are compared. */
  readonly baseline?: string;
  /** Of all files that are lists of numbers. */
  readonly unit?: LatencyUnit;
  /** Which part of each file: a function, `forced`. */
  readonly part?: string;
  readonly benchmark?: string;
  readonly probe?: string;
}

/** `latency-density FILE…`: the figures and densities that the panel shows. A `*.latency.json` stands for its sets. */
export async function latencyDensity(
  paths: readonly string[],
  options: LatencyDensityOptions,
): Promise<void> {
  const files = new LatencyFiles({ readResults: readResultLatencies, describe: describedLatencies });
  const study = await studyOf(paths, files, options);
  const densities = latencyDensities(study, await files.load(study));
  const failure = densities.sets.find((each) => each.failure !== null)?.failure;
  if (failure != null && densities.axis === null) throw new Failure('bad-input', failure);
  for (const { severity, text } of densities.cautions) {
    process.stderr.write(`${severity === 'warning' ? 'warning' : 'note'}: ${printable(text)}\n`);
  }
  await printLines(options.json === true ? [toJson(densities)] : readable(densities));
}

async function studyOf(
  paths: readonly string[],
  files: LatencyFiles,
  options: LatencyDensityOptions,
): Promise<LatencyStudy> {
  const sets: LatencyStudySet[] = [];
  let saved: LatencyStudy | undefined;
  for (const path of paths) {
    if (path.endsWith(LATENCY_STUDY_ENDING)) {
      saved = await readLatencyStudy(path);
      sets.push(...saved.sets);
    } else sets.push(...setsOf(await files.file(path)).map((set) => overridden(set, options)));
  }
  const baseline = options.baseline ?? saved?.baseline ?? usualBaseline(sets);
  if (!sets.some(({ label }) => label === baseline)) {
    const labels = [...new Set(sets.map(({ label }) => `"${label}"`))].join(', ');
    throw new Failure('bad-input', `No set has the label "${baseline}"; they have ${labels}.`);
  }
  return { baseline, sets, settings: settingsOf(options, saved?.settings ?? USUAL_SETTINGS) };
}

function overridden(set: LatencyStudySet, { unit, part, benchmark, probe }: LatencyDensityOptions) {
  return {
    ...set,
    ...(unit === undefined ? {} : { unit }),
    ...(part === undefined ? {} : { item: part }),
    ...(benchmark === undefined ? {} : { benchmark }),
    ...(probe === undefined ? {} : { probe }),
  };
}

function settingsOf(options: LatencyDensityOptions, settings: LatencySettings): LatencySettings {
  return {
    ...settings,
    ...(options.axis === undefined ? {} : { axis: options.axis }),
    ...(options.bandwidth === undefined ? {} : { rule: options.bandwidth }),
    ...(options.factor === undefined ? {} : { factor: options.factor }),
    ...(options.range === undefined ? {} : { range: options.range }),
  };
}

function* readable(densities: LatencyDensities): Generator<string> {
  const { sets, baseline, confidence, resamples, seed, settings } = densities;
  yield `Latencies in ns; ratios to "${printable(baseline)}" of the same benchmark; interval of the ratio of medians of ${confidence * 100} % by ${resamples} bootstrap resamples, seed ${seed}.`;
  yield '';
  yield* table(
    columns(settings, baseline),
    sets.map((view, at) => ({ view, letter: setLetter(at) })),
  );
  yield '';
  for (const { ratios } of sets) if (ratios !== null) yield printable(ratios.words);
  for (const { words } of densities.overall) yield printable(words);
}

interface Row {
  readonly view: LatencySetView;
  readonly letter: string;
}

function columns({ axis }: LatencySettings, baseline: string): Column<Row>[] {
  const figure = (
    title: string,
    read: (view: NonNullable<LatencySetView['figures']>) => number,
  ): Column<Row> => ({
    title,
    align: 'right',
    cell: ({ view }) => (view.figures === null ? '-' : String(Number(read(view.figures).toFixed(1)))),
  });
  const text = (title: string, read: (view: LatencySetView) => string): Column<Row> => ({
    title,
    align: 'left',
    cell: ({ view }) => (read(view) === '' ? '-' : read(view)),
  });
  return [
    { title: '', align: 'left', cell: ({ letter }) => letter },
    text('label', ({ set }) => set.label),
    text('benchmark', ({ set }) => set.benchmark),
    text('probe', ({ set }) => set.probe),
    figure('n', ({ n }) => n),
    figure('mean', ({ meanNs }) => meanNs),
    figure('median', ({ p50Ns }) => p50Ns),
    figure('p90', ({ p90Ns }) => p90Ns),
    figure('p99', ({ p99Ns }) => p99Ns),
    figure('max', ({ maxNs }) => maxNs),
    {
      title: 'ratio of medians',
      align: 'right',
      cell: ({ view: { ratios, set } }) =>
        ratios === null ? (set.label === baseline ? 'baseline' : '-') : formatRatio(ratios.ofMedians),
    },
    {
      title: '95 % interval',
      align: 'left',
      cell: ({ view: { ratios } }) => {
        const interval = ratios?.ofMediansInterval ?? null;
        return interval === null ? '' : `${formatRatio(interval.low)} to ${formatRatio(interval.high)}`;
      },
    },
    {
      title: 'ratio of means',
      align: 'right',
      cell: ({ view: { ratios } }) => (ratios === null ? '' : formatRatio(ratios.ofMeans)),
    },
    {
      title: axis === 'log' ? 'bandwidth, decades' : 'bandwidth, ns',
      align: 'right',
      cell: ({ view: { curve } }) => (curve === null ? '-' : String(Number(curve.bandwidth.toPrecision(3)))),
    },
  ];
}
