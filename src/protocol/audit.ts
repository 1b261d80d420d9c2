/** 2: tells which weights and which evaluation of a run were looked at. */
export const AUDIT_VERSION = 2;

/** What the checks of validity say; `audit.json` in the folder of a run, and the checklist of the model panel. */
export interface Audit {
  readonly format: 'kernel-oracle-audit';
  readonly version: typeof AUDIT_VERSION;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly audited: string;
  readonly subject: { readonly kind: 'run' | 'dataset' | 'claims'; readonly path: string };
  /** Of a run: the digest of its best weights; `null` where there were none to read, and of what is no run. */
  readonly weightsSha256: string | null;
  /** Of a run: when the evaluation was made that was there; `null` where there was none, and of what is no run. */
  readonly evaluated: string | null;
  readonly checks: readonly AuditCheck[];
}

/** `failed`: a number means less than it seems. `passed`: looked for, and not found. `skipped`: nothing to look at, `evidence` says why. */
export type AuditOutcome = 'failed' | 'passed' | 'skipped';

export interface AuditCheck {
  /** `unknown-as-class`, …: stays the same over versions. */
  readonly id: string;
  /** As a short statement of the flaw: "Unknown tasks count as a real one". */
  readonly title: string;
  /** A sentence that a newcomer understands: why this makes a number mean less. */
  readonly explanation: string;
  readonly outcome: AuditOutcome;
  /** What was seen, with figures. */
  readonly evidence: string;
}
