import * as v from 'valibot';
import type { Audit } from './audit.js';

const text = v.string();

/** What `audit.json` may hold: checked when the file is read, and when a view gets it. */
export const auditSchema: v.GenericSchema<unknown, Audit> = v.object({
  format: v.literal('kernel-oracle-audit'),
  version: v.literal(1),
  kernelOracleVersion: text,
  audited: text,
  subject: v.object({ kind: v.picklist(['run', 'dataset', 'claims']), path: text }),
  checks: v.array(
    v.object({
      id: text,
      title: text,
      explanation: text,
      outcome: v.picklist(['failed', 'passed', 'skipped']),
      evidence: text,
    }),
  ),
});
