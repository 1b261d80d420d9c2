import * as v from 'valibot';
import { AUDIT_VERSION, type Audit } from './audit.js';

const text = v.string();

/** What `audit.json` may hold: checked when the file is read, and when a view gets it. */
export const auditSchema: v.GenericSchema<unknown, Audit> = v.object({
  format: v.literal('kernel-oracle-audit'),
  version: v.literal(AUDIT_VERSION),
  kernelOracleVersion: text,
  audited: text,
  subject: v.object({ kind: v.picklist(['run', 'dataset', 'claims']), path: text }),
  weightsSha256: v.nullable(text),
  evaluated: v.nullable(text),
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
