import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Failure, messageOf } from '../base/errors.js';
import { META_FILE } from '../dataset/files/dataSetMeta.js';
import { auditClaims, auditDataSet, auditRun } from '../learning/audit/auditRun.js';
import { runPaths } from '../learning/trainer/runFolder.js';
import type { Audit, AuditCheck, AuditOutcome } from '../protocol/audit.js';
import { interruptible } from './interruptible.js';
import { printable, printLines, toJson } from './output.js';
import packageJson from '../../package.json' with { type: 'json' };

export interface AuditCommandOptions {
  readonly dataset?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `audit PATH`: what failed first, then what was looked for and not found, then what there was nothing to look at for. */
export async function audit(path: string, options: AuditCommandOptions): Promise<void> {
  const { dataset, strict, json } = options;
  const found = await interruptible((signal) => audited(path, dataset, signal));
  await printLines(json === true ? [toJson(found)] : linesOf(found));
  if (strict === true && found.checks.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
}

async function audited(path: string, dataset: string | undefined, signal: AbortSignal): Promise<Audit> {
  const kind = await kindOf(path);
  const asked = { kernelOracleVersion: packageJson.version, signal };
  if (kind === 'run') return auditRun(path, { ...asked, dataset });
  if (dataset !== undefined) {
    throw new Failure('wrong-usage', `--dataset names the data set of a run, and ${path} is none.`);
  }
  return kind === 'dataset' ? auditDataSet(path, asked) : auditClaims(path, asked);
}

async function kindOf(path: string): Promise<Audit['subject']['kind']> {
  const found = await stat(path).catch((error: unknown) => {
    throw new Failure('file-not-found', `${path} cannot be audited: ${messageOf(error)}`, { cause: error });
  });
  if (!found.isDirectory()) return 'claims';
  if (await isThere(runPaths(path).run)) return 'run';
  if (await isThere(join(path, META_FILE))) return 'dataset';
  throw new Failure(
    'not-found',
    `${path} is no run and no data set: there is neither ${basename(runPaths(path).run)} nor ${META_FILE} in it.`,
  );
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

const TITLES: readonly (readonly [AuditOutcome, string])[] = [
  ['failed', 'FAILED: a figure means less than it seems'],
  ['passed', 'passed: looked for, and not found'],
  ['skipped', 'skipped: nothing to look at'],
];

function* linesOf({ subject, checks }: Audit): Generator<string> {
  const counts = TITLES.map(([outcome]) => `${withOutcome(checks, outcome).length} ${outcome}`);
  yield `${printable(subject.path)}: ${counts.join(', ')}`;
  for (const [outcome, title] of TITLES) {
    const those = withOutcome(checks, outcome);
    if (those.length === 0) continue;
    yield '';
    yield title;
    for (const { id, title: flaw, evidence, explanation } of those) {
      if (outcome === 'failed') yield '';
      yield `  ${id}: ${flaw}`;
      yield `    ${printable(evidence)}`;
      if (outcome === 'failed') yield `    Why it matters: ${explanation}`;
    }
  }
}

function withOutcome(checks: readonly AuditCheck[], wanted: AuditOutcome): AuditCheck[] {
  return checks.filter(({ outcome }) => outcome === wanted);
}
