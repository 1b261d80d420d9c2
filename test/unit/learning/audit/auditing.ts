import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditClaims, auditDataSet, auditRun } from '../../../../src/learning/audit/auditRun.js';
import type { Audit } from '../../../../src/protocol/audit.js';
import { writeDraft, type DataSetDraft } from '../../../support/auditedDataSet.js';
import { writeRunDraft, type RunDraft } from '../../../support/auditedRun.js';

export const OPTIONS = { kernelOracleVersion: '1.2.3', now: () => new Date(0) };

/** In a folder that is gone afterwards. */
export async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-oracle-audit-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function auditedDraft(draft: DataSetDraft): Promise<Audit> {
  return inFolder(async (folder) => {
    await writeDraft(folder, draft);
    return auditDataSet(folder, OPTIONS);
  });
}

export function auditedRunDraft(draft: RunDraft, dataSet: DataSetDraft): Promise<Audit> {
  return inFolder(async (folder) => {
    const path = join(folder, 'data');
    writeRunDraft(join(folder, 'run'), draft, path, await writeDraft(path, dataSet));
    return auditRun(join(folder, 'run'), OPTIONS);
  });
}

export function auditedClaims(path: string): Promise<Audit> {
  return auditClaims(path, OPTIONS);
}

/** Ids of the checks that failed. */
export function failures({ checks }: Audit): string[] {
  return checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
}

export function evidenceOf({ checks }: Audit, id: string): string {
  return checks.find((check) => check.id === id)!.evidence;
}

/** Ids with their outcome, for what had to be looked at. */
export function outcomesOf({ checks }: Audit): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]));
}
