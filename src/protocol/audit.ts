/** What the checks of validity say; `audit.json` in the folder of a run, and the checklist of the model panel. */
export interface Audit {
  readonly format: 'kernel-oracle-audit';
  readonly version: 1;
  readonly kernelOracleVersion: string;
  /** ISO 8601, UTC. */
  readonly audited: string;
  readonly subject: { readonly kind: 'run' | 'dataset' | 'claims'; readonly path: string };
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
