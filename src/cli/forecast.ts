import { writeFileAtomically } from '../base/atomicFile.js';
import { Failure } from '../base/errors.js';
import type { PartName } from '../dataset/sequences.js';
import type { ForecastPlace } from '../learning/forecast/forecastPlace.js';
import { forecastRun } from '../learning/forecast/forecastRun.js';
import type { Forecast } from '../protocol/forecast.js';
import { forecastCsv } from './forecastCsv.js';
import { forecastLines } from './forecastText.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import { parseTime } from './timeRange.js';

export interface ForecastOptions {
  readonly cpu?: number;
  readonly at?: string;
  readonly part: PartName;
  readonly row?: number;
  readonly steps: number;
  readonly samples: number;
  readonly seed: number;
  readonly observed: number;
  readonly likeliest?: boolean;
  readonly dataset?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `forecast RUN [FILE]`: free runs of a model, as a summary, JSON, or CSV. */
export async function forecast(
  run: string,
  file: string | undefined,
  options: ForecastOptions,
): Promise<void> {
  const at = placeOf(file, options);
  const status = new StatusLine(options.quiet === true);
  const { steps, samples, seed, observed, dataset, output } = options;
  const made = await interruptible(async (signal) => {
    try {
      status.show('reading …');
      const found = await forecastRun(run, {
        ...{ at, steps, samples, seed, observed, dataset, signal },
        choice: options.likeliest === true ? 'likeliest' : 'sample',
        onProgress: (share) => status.show(`forecasting ${Math.floor(100 * share)} %`),
      });
      if (output !== undefined) await writeFileAtomically(output, forecastCsv(found), signal);
      return found;
    } finally {
      status.clear();
    }
  });
  await print(made, options);
}

async function print(made: Forecast, { json, output }: ForecastOptions): Promise<void> {
  if (json === true) {
    await printLines([toJson(made)]);
    return;
  }
  await printLines(forecastLines(made));
  for (const warning of made.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
  if (output !== undefined) process.stderr.write(`${printable(output)}: written\n`);
}

function placeOf(file: string | undefined, { cpu, at, part, row }: ForecastOptions): ForecastPlace {
  if (file === undefined) {
    if (cpu !== undefined || at !== undefined) {
      throw new Failure('wrong-usage', '--cpu and --at are of a recording: name its file behind the run.');
    }
    return { part, row: row ?? null };
  }
  if (row !== undefined)
    throw new Failure('wrong-usage', '--row is of a part of the data set; of a recording give --at.');
  if (at === undefined) return { recording: file, cpu: cpu ?? null, timeNs: null };
  const { ns, isRelative } = parseTime('--at', at);
  return { recording: file, cpu: cpu ?? null, timeNs: ns.toString(), isRelative };
}
