import type { AuditOutcome } from '../../protocol/audit.js';
import type { Claim, Claims } from './claims/claims.js';
import type { AuditedDataSet, AuditedRun } from './subject.js';

/** What a look at one thing came to. */
export interface Finding {
  readonly outcome: AuditOutcome;
  /** Sentences, with figures. */
  readonly evidence: string;
}

type Look<Subject> = (subject: Subject, signal?: AbortSignal) => Finding | Promise<Finding>;

/** A row of the table of checks (`checks.ts`): a flaw, and how it is looked for in each kind of thing that can have it. */
export interface Check {
  /** Stays the same over versions. */
  readonly id: string;
  /** A short statement of the flaw. */
  readonly title: string;
  /** A sentence that a newcomer understands: why this makes a number mean less. */
  readonly explanation: string;
  readonly inDataSet?: Look<AuditedDataSet>;
  /** True: what is looked at in the data set are targets of next-task models; others are not asked. */
  readonly isOfTasks?: boolean;
  readonly inRun?: Look<AuditedRun>;
  readonly inClaims?: Look<Claims>;
  /** What there would have to be to look at, by kind of subject: the evidence of a check that was skipped. */
  readonly needs: string;
}

export const failed = (evidence: string): Finding => ({ outcome: 'failed', evidence });
export const passed = (evidence: string): Finding => ({ outcome: 'passed', evidence });
export const skipped = (evidence: string): Finding => ({ outcome: 'skipped', evidence });

/** `failed` with the reasons, one sentence each, or `passed` when there is none. */
export function unless(reasons: readonly string[], otherwise: string): Finding {
  return reasons.length === 0 ? passed(otherwise) : failed(some(reasons));
}

/**
 * One finding of several: the worst counts, and evidence is told of those with that outcome.
 * @param otherwise evidence of there being none
 */
export function together(findings: readonly Finding[], otherwise = 'There is nothing to look at.'): Finding {
  const worst = (['failed', 'passed', 'skipped'] as const).find((outcome) =>
    findings.some((finding) => finding.outcome === outcome),
  );
  if (worst === undefined) return skipped(otherwise);
  const evidence = findings.filter(({ outcome }) => outcome === worst).map((finding) => finding.evidence);
  return { outcome: worst, evidence: some(evidence) };
}

/** Looks at each claim; `null`: it says nothing of the kind. */
export function overClaims(
  { claims }: Claims,
  needs: string,
  look: (claim: Claim) => Finding | null,
): Finding {
  const findings = claims.flatMap((claim) => {
    const finding = look(claim);
    return finding === null ? [] : [{ ...finding, evidence: `${claim.name}: ${finding.evidence}` }];
  });
  return together(findings, needs);
}

/** More sentences than these are no help. */
const SHOWN = 8;

function some(sentences: readonly string[]): string {
  const unique = [...new Set(sentences)];
  const more = unique.length - SHOWN;
  return [...unique.slice(0, SHOWN), ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}
