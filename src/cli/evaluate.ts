import { isFailure, messageOf } from '../base/errors.js';
import { auditRun } from '../learning/audit/auditRun.js';
import { evaluateRun } from '../learning/evaluation/evaluateRun.js';
import { evaluationPaths } from '../learning/evaluation/evaluationFiles.js';
import { openEngine } from '../learning/trainer/openEngine.js';
import { readRunConfig } from '../learning/trainer/resumedConfig.js';
import type { Audit } from '../protocol/audit.js';
import type { Evaluation } from '../protocol/evaluation.js';
import { evaluationLines } from './evaluationText.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import { StatusLine } from './statusLine.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface EvaluateCommandOptions {
  readonly on?: readonly string[];
  readonly dataset?: string;
  readonly maxTargets?: number;
  readonly cost: boolean;
  readonly asPublished?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * `evaluate RUN`: figures of a run's best weights beside those of the baselines, kept in the run and printed; and what an audit
 * has against them, unless they are as published, which are not to be believed anyway.
 */
export async function evaluate(run: string, options: EvaluateCommandOptions): Promise<void> {
  const status = new StatusLine(options.quiet === true);
  const { evaluation, audit } = await interruptible(async (signal) => {
    try {
      status.show('reading …');
      const found = await evaluated(run, options, signal, (text) => status.show(text));
      return { evaluation: found, audit: await audited(run, options, signal, (text) => status.show(text)) };
    } finally {
      status.clear();
    }
  });
  if (options.json === true) {
    await printLines([toJson(evaluation)]);
    return;
  }
  await printLines(evaluationLines(evaluation));
  if (audit !== null) await printLines(['', ...auditLines(audit, run)]);
  const { json } = evaluationPaths(run, options.asPublished === true ? 'published' : 'own');
  process.stderr.write(`${printable(json)}: written\n`);
}

async function evaluated(
  run: string,
  { on, dataset, maxTargets, cost, asPublished }: EvaluateCommandOptions,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<Evaluation> {
  const engine = await openEngine((await readRunConfig(run)).engine);
  try {
    return await evaluateRun(run, {
      engine,
      kernelOracleVersion: packageJson.version,
      ...(on === undefined ? {} : { recordings: on }),
      ...(dataset === undefined ? {} : { dataset }),
      ...(maxTargets === undefined ? {} : { maxTargets }),
      measureCost: cost,
      asPublished: asPublished === true,
      signal,
      onProgress: (phase, share) => show(`${phase} ${Math.floor(100 * share)} %`),
    });
  } finally {
    engine.dispose();
  }
}

/** The figures are there already: an audit that cannot be made, for the reason given, takes nothing from them. */
async function audited(
  run: string,
  { dataset, asPublished }: EvaluateCommandOptions,
  signal: AbortSignal,
  show: (text: string) => void,
): Promise<Audit | string | null> {
  if (asPublished === true) return null;
  show('auditing …');
  try {
    return await auditRun(run, { kernelOracleVersion: packageJson.version, signal, dataset });
  } catch (error) {
    if (isFailure(error, 'cancelled')) throw error;
    return messageOf(error);
  }
}

function auditLines(audit: Audit | string, run: string): string[] {
  if (typeof audit === 'string') return [`audit: it cannot be made: ${printable(audit)}`];
  const { checks } = audit;
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  if (failed.length === 0) return [`audit: none of ${checks.length} checks failed`];
  return [
    `audit: ${failed.length} of ${checks.length} checks failed; kernel-oracle audit ${printable(run)} explains them`,
    ...failed.map(({ id, evidence }) => `  ${id}: ${printable(evidence)}`),
  ];
}
