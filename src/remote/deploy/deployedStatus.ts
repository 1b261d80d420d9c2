/** What is deployed on a machine, from what `deploy.sh status` tells; it is untrusted. */
import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import {
  DEPLOYED_WAYS,
  type DeployedModel,
  type DeployedStats,
  type DeployedStatus,
  type DeployedWay,
} from '../../protocol/deployment.js';
import { deployedModelSchema, deployedStatsSchema } from '../../protocol/deploymentSchemas.js';
import { printableText } from '../printableText.js';
import { complaintLines, parseComplaints, taintLines, type KernelComplaints } from './kernelTrouble.js';
import type { ToldFacts } from './machineProgram.js';

/** `deployment.json` beside the folder there. */
export interface DeploymentRecord {
  readonly format: 'kernel-oracle-deployment';
  readonly version: 1;
  /** In the kernel's log a line with it says where the deployment began. */
  readonly id: string;
  readonly way: DeployedWay;
  readonly model: DeployedModel;
  readonly bootId: string;
  /** ISO 8601, by our clock. */
  readonly at: string;
  /** Whether there is such a line. */
  readonly marked: 'yes' | 'no';
  /** /proc/sys/kernel/tainted before. */
  readonly tainted: string;
}

const recordSchema = v.object({
  format: v.literal('kernel-oracle-deployment'),
  version: v.literal(1),
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{8,32}$/)),
  way: v.picklist(DEPLOYED_WAYS),
  model: deployedModelSchema,
  bootId: v.pipe(v.string(), v.maxLength(60)),
  at: v.pipe(v.string(), v.maxLength(40)),
  marked: v.picklist(['yes', 'no']),
  tainted: v.pipe(v.string(), v.maxLength(20)),
});

/** The status, and what else its facts tell. */
export interface ToldStatus {
  readonly status: DeployedStatus;
  readonly record: DeploymentRecord | null;
  /** Of this boot. */
  readonly complaints: KernelComplaints;
  /** Something that an interrupted deployment left. */
  readonly hasPart: boolean;
}

/** Failures: `bad-input` when what `control stats` printed is not what it has to be. */
export function statusFrom(facts: ToldFacts, machine: string): ToldStatus {
  const record = recordOf(facts.get('told'));
  const bootId = printableText(facts.get('boot.id') ?? '', 60);
  const [now, before] = [
    parseComplaints(facts.get('trouble.now')),
    parseComplaints(facts.get('trouble.before')),
  ];
  const hasSameBoot = record === null || record.bootId === bootId;
  const stats = statsOf(facts, machine);
  const isThere = facts.get('told') !== undefined || facts.get('there') !== undefined;
  const trouble = [
    ...complaintLines(before),
    ...complaintLines(now),
    ...(hasSameBoot ? taintLines(record?.tainted, facts.get('tainted')) : []),
    ...oddities(facts, record),
  ];
  const state = stats !== null ? 'running' : !isThere ? 'none' : hasSameBoot ? 'missing' : 'rebooted';
  return {
    status: {
      machine,
      kernel: printableText(facts.get('kernel.release') ?? '', 100),
      bootId,
      state,
      way: stats?.way ?? record?.way ?? null,
      model: record?.model ?? null,
      stats,
      trouble,
    },
    record,
    complaints: now,
    hasPart: facts.get('part') !== undefined,
  };
}

function recordOf(text: string | undefined): DeploymentRecord | null {
  if (text === undefined) return null;
  try {
    const parsed = v.safeParse(recordSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}

function statsOf(facts: ToldFacts, machine: string): DeployedStats | null {
  const text = facts.get('stats');
  if (text === undefined || facts.get('stats.status') !== '0') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = v.safeParse(deployedStatsSchema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure(
    'bad-input',
    `What the model in the kernel of ${machine} tells of itself cannot be understood ` +
      `(${v.getDotPath(issue) ?? 'no JSON'}: ${printableText(issue.message, 200)}). ` +
      'It may be of another KernelOracle: remove it there, and deploy it again.',
  );
}

function* oddities(facts: ToldFacts, record: DeploymentRecord | null): Generator<string> {
  if (facts.get('stats.status') === '124')
    yield 'The model was asked for its counts, and did not answer within 20 s.';
  if (facts.get('there') === 'broken') yield 'Its folder there has no program control any more.';
  if (facts.get('told') !== undefined && record === null) yield 'Its deployment.json cannot be understood.';
}
