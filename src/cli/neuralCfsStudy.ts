import { resolve } from 'node:path';
import { makeStudy } from '../learning/migrations/study/makeStudy.js';
import { readStudy, requireFree, writeStudy } from '../learning/migrations/study/studyFile.js';
import { settingsFor } from '../learning/migrations/study/studySettings.js';
import type { ExperimentNumber, WayName } from '../protocol/neuralCfs.js';
import { interruptible } from './interruptible.js';
import { studyLines, studySummary } from './neuralCfsStudyText.js';
import { printable, printLines } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface NeuralCfsStudyOptions {
  readonly output: string;
  readonly experiment?: readonly ExperimentNumber[];
  readonly split?: readonly Exclude<WayName, 'published'>[];
  readonly model?: readonly string[];
  readonly balance: 'half' | 'natural';
  /** A model, or `none`. */
  readonly importance: string;
  readonly transfer: string;
  readonly seed: number;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

/** `neural-cfs study PATH… -o FILE`: all that the experiments come to, in a file. */
export async function neuralCfsStudy(
  paths: readonly string[],
  options: NeuralCfsStudyOptions,
): Promise<void> {
  const { output, experiment, split = ['group'], model, balance, importance, transfer, seed } = options;
  const replace = options.force === true;
  await requireFree(output, replace);
  const status = new StatusLine(options.quiet === true);
  const study = await interruptible(async (signal) => {
    try {
      const made = await makeStudy(
        settingsFor(
          // Whoever opens the file stands somewhere else.
          paths.map((path) => resolve(path)),
          {
            ...{ balance, seed },
            ...(experiment === undefined ? {} : { experiments: sorted(experiment) }),
            ...(model === undefined ? {} : { models: model }),
            ways: ['published', ...new Set(split)],
            importanceOf: importance === 'none' ? null : importance,
            transferOf: transfer === 'none' ? null : transfer,
          },
        ),
        {
          signal,
          now: () => new Date(),
          version: packageJson.version,
          onProgress: ({ text, done, total }) =>
            status.show(`${total === null ? '' : `${done} of ${total}: `}${printable(text)}`),
        },
      );
      await writeStudy(output, made, { replace, signal });
      return made;
    } finally {
      status.clear();
    }
  });
  await printLines(studySummary(study, output));
}

/** `neural-cfs show FILE`: the tables of a study. */
export async function neuralCfsShow(file: string): Promise<void> {
  await printLines(studyLines(await readStudy(file)));
}

function sorted(experiments: readonly ExperimentNumber[]): ExperimentNumber[] {
  return [...new Set(experiments)].sort((a, b) => a - b);
}
