import { resolve } from 'node:path';
import { throwIfCancelled } from '../../base/cancellation.js';
import { AUDIT_VERSION, type Audit, type AuditCheck } from '../../protocol/audit.js';
import { writeAudit } from './auditFile.js';
import { skipped, together, type Check, type Finding } from './check.js';
import { CHECKS } from './checks.js';
import { readClaims, type Claims } from './claims/claims.js';
import { auditedDataSet, auditedRun, type AuditedDataSet, type AuditedRun } from './subject.js';

export interface AuditOptions {
  readonly kernelOracleVersion: string;
  /** The clock of this machine unless told. */
  readonly now?: () => Date;
  readonly signal?: AbortSignal | undefined;
}

export interface AuditRunOptions extends AuditOptions {
  /** Where the data set is now; where the run found it unless told. */
  readonly dataset?: string | undefined;
}

/**
 * Looks for what makes the figures of a run mean less than they seem, in its data set as well, and writes `audit.json` into
 * its folder. Failures: `not-found` (no run, or no data set where one was named), `bad-input`, those of reading,
 * `write-failed`, `cancelled`.
 */
export async function auditRun(folder: string, options: AuditRunOptions): Promise<Audit> {
  const { dataset, signal } = options;
  const run = await auditedRun(folder, dataset, signal);
  const { dataSet } = run;
  const isOfTimes = run.info.task === 'inter-arrival';
  const checks = await checked(
    (check) => [
      ...(typeof dataSet === 'string' || (isOfTimes && check.isOfTasks === true)
        ? []
        : [inDataSet(check, dataSet, signal)]),
      ...inRun(check, run, signal),
    ],
    (check) => {
      if (isOfTimes && check.isOfTasks === true) return 'The run predicts times, not tasks.';
      const isMissing = typeof dataSet === 'string' && check.inDataSet !== undefined;
      return isMissing ? dataSet : check.needs;
    },
    signal,
  );
  const audit = {
    ...auditOf('run', folder, options, checks),
    weightsSha256: run.weightsSha256,
    evaluated: (run.evaluation ?? run.outdated)?.evaluated ?? null,
  };
  await writeAudit(folder, audit, signal);
  return audit;
}

/** The same of a data set alone; nothing is written. Failures: those of `openDataSet` and of reading its parts, `cancelled`. */
export async function auditDataSet(folder: string, options: AuditOptions): Promise<Audit> {
  const { signal } = options;
  const dataSet = await auditedDataSet(folder, signal);
  const checks = await checked(
    (check) => [inDataSet(check, dataSet, signal)],
    ({ needs }) => needs,
    signal,
  );
  return auditOf('dataset', folder, options, checks);
}

/** The same of published results that somebody wrote down; nothing is written. Failures: those of `readClaims`, `cancelled`. */
export async function auditClaims(path: string, options: AuditOptions): Promise<Audit> {
  const { signal } = options;
  const claims = await readClaims(path);
  const checks = await checked(
    (check) => [inClaims(check, claims, signal)],
    ({ needs }) => needs,
    signal,
  );
  return auditOf('claims', path, options, checks);
}

type Look = () => Finding | Promise<Finding>;

const nothing: Look = () => skipped('');

function inDataSet({ inDataSet: look }: Check, dataSet: AuditedDataSet, signal?: AbortSignal): Look {
  return look === undefined ? nothing : () => look(dataSet, signal);
}

function inRun({ inRun: look }: Check, run: AuditedRun, signal?: AbortSignal): Look[] {
  return look === undefined ? [] : [() => look(run, signal)];
}

function inClaims({ inClaims: look }: Check, claims: Claims, signal?: AbortSignal): Look {
  return look === undefined ? nothing : () => look(claims, signal);
}

async function checked(
  looks: (check: Check) => readonly Look[],
  lacking: (check: Check) => string,
  signal: AbortSignal | undefined,
): Promise<AuditCheck[]> {
  const checks: AuditCheck[] = [];
  for (const check of CHECKS) {
    const findings: Finding[] = [];
    for (const look of looks(check)) {
      throwIfCancelled(signal);
      findings.push(await look());
    }
    const told = findings.filter(({ evidence }) => evidence !== '');
    const { outcome, evidence } = together(told, lacking(check));
    const { id, title, explanation } = check;
    checks.push({ id, title, explanation, outcome, evidence });
  }
  return checks;
}

function auditOf(
  kind: Audit['subject']['kind'],
  path: string,
  { kernelOracleVersion, now = () => new Date() }: AuditOptions,
  checks: readonly AuditCheck[],
): Audit {
  return {
    format: 'kernel-oracle-audit',
    version: AUDIT_VERSION,
    kernelOracleVersion,
    audited: now().toISOString(),
    subject: { kind, path: resolve(path) },
    weightsSha256: null,
    evaluated: null,
    checks,
  };
}
