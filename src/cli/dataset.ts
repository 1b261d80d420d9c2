import { fileURLToPath } from 'node:url';
import { buildDataSet, DEFAULT_OPTIONS } from '../dataset/buildDataSet.js';
import { openDataSet } from '../dataset/dataSet.js';
import { exportDataSet } from '../dataset/exportDataSet.js';
import type { ExportKind } from '../dataset/files/exportKinds.js';
import type { DataSetOptions } from '../dataset/files/dataSetMeta.js';
import { stepText } from '../workers/dataSetBuilderMessages.js';
import { SliceThreads } from '../workers/sliceThreads.js';
import { detailsOf, summaryOf } from './dataSetText.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface DatasetBuildOptions {
  readonly output: string;
  readonly holdOut?: string;
  readonly seed?: number;
  readonly vocabulary?: DataSetOptions['vocabulary'];
  readonly perCpu?: boolean;
  readonly split?: DataSetOptions['split'];
  readonly seenShare?: number;
  readonly validationShare?: number;
  readonly gap?: number;
  readonly minCount?: number;
  readonly category?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `dataset build PATH… -o OUT`: train, validation and test parts of recordings. */
export async function buildDataset(paths: readonly string[], options: DatasetBuildOptions): Promise<void> {
  const line = new StatusLine(options.quiet === true);
  const decoders = new SliceThreads(fileURLToPath(new URL('sliceWorker.cjs', import.meta.url)));
  try {
    const meta = await interruptible((signal) =>
      buildDataSet({
        paths,
        output: options.output,
        options: chosen(options),
        replace: options.replace === true,
        kernelOracleVersion: packageJson.version,
        now: () => new Date(),
        decoders,
        signal,
        onProgress: (progress) => line.show(printable(stepText(progress))),
      }),
    );
    line.clear();
    for (const warning of meta.warnings) process.stderr.write(`warning: ${printable(warning)}\n`);
    for (const { path, reason } of meta.leftOut) {
      process.stderr.write(`note: ${printable(path)} was left out: ${printable(reason)}\n`);
    }
    await printLines(options.json === true ? [toJson(meta)] : summaryOf(meta));
  } finally {
    line.clear();
    decoders.close();
  }
}

function chosen(options: DatasetBuildOptions): DataSetOptions {
  return {
    vocabulary: options.vocabulary ?? DEFAULT_OPTIONS.vocabulary,
    minCount: options.minCount ?? DEFAULT_OPTIONS.minCount,
    perCpu: options.perCpu ?? DEFAULT_OPTIONS.perCpu,
    split: options.split ?? DEFAULT_OPTIONS.split,
    seen: options.seenShare ?? DEFAULT_OPTIONS.seen,
    validation: options.validationShare ?? DEFAULT_OPTIONS.validation,
    gap: options.gap ?? DEFAULT_OPTIONS.gap,
    holdOut: options.holdOut ?? DEFAULT_OPTIONS.holdOut,
    seed: options.seed ?? DEFAULT_OPTIONS.seed,
    category: options.category ?? DEFAULT_OPTIONS.category,
  };
}

export interface DatasetInfoOptions {
  readonly json?: boolean;
}

/** `dataset info FOLDER`: what a data set is made of. */
export async function datasetInfo(folder: string, options: DatasetInfoOptions): Promise<void> {
  const { meta } = await openDataSet(folder);
  await printLines(options.json === true ? [toJson(meta)] : detailsOf(meta));
}

export interface DatasetExportOptions {
  readonly to: ExportKind;
  readonly output: string;
  readonly window: number;
  readonly stride: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** `dataset export FOLDER --to FORMAT -o OUT`: its parts in another form. */
export async function exportDataset(folder: string, options: DatasetExportOptions): Promise<void> {
  const line = new StatusLine(options.quiet === true);
  try {
    const files = await interruptible((signal) =>
      exportDataSet({
        folder,
        to: options.to,
        output: options.output,
        length: options.window,
        stride: options.stride,
        signal,
        onPart: (part) => line.show(`writing ${part}`),
      }),
    );
    line.clear();
    await printLines(
      options.json === true
        ? [toJson({ output: options.output, files })]
        : files.map(({ name, sizeBytes }) => `${name}  ${sizeBytes} bytes`),
    );
  } finally {
    line.clear();
  }
}
