import * as v from 'valibot';
import {
  DEPLOYED_MODES,
  DEPLOYED_WAYS,
  type DeployedModel,
  type DeployedStats,
  type DeployedStatus,
} from './deployment.js';

/** What machines print of a deployed model, and messages that carry it, checked when they arrive. */

/** JSON has no larger whole numbers; counts of nanoseconds stay below for a hundred days of all calls. */
const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const said = v.pipe(v.strictTuple([count, count]), v.readonly());
const word = v.pipe(v.string(), v.maxLength(100));

/** What is counted of calls: in `DeployedStats`, and of a part of them. */
export const DEPLOYED_COUNTS = {
  refused: said,
  allowed: said,
  forced: said,
  overruled: v.object({ toRefused: count, toAllowed: count }),
  vetoed: count,
  notAsked: count,
  modelNs: count,
  callNs: count,
};

export const deployedStatsSchema: v.GenericSchema<unknown, DeployedStats> = v.object({
  way: v.picklist(DEPLOYED_WAYS),
  mode: v.picklist(DEPLOYED_MODES),
  slot: v.picklist([0, 1]),
  swaps: count,
  ...DEPLOYED_COUNTS,
  forcedBy: v.picklist(['task', 'counter', 'nothing']),
  modelBytes: count,
  stateBytes: count,
  selfTest: v.picklist(['passed', 'failed']),
});

export const deployedModelSchema: v.GenericSchema<unknown, DeployedModel> = v.object({
  run: v.pipe(v.string(), v.maxLength(300)),
  experiment: v.picklist([1, 2, 3]),
  features: v.pipe(v.array(word), v.maxLength(64)),
  wordsSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  bits: v.nullable(v.picklist([8, 16, 32])),
  at: v.pipe(v.string(), v.maxLength(40)),
});

export const deployedStatusSchema: v.GenericSchema<unknown, DeployedStatus> = v.object({
  machine: v.pipe(v.string(), v.maxLength(500)),
  kernel: word,
  bootId: word,
  state: v.picklist(['running', 'none', 'rebooted', 'missing']),
  way: v.nullable(v.picklist(DEPLOYED_WAYS)),
  model: v.nullable(deployedModelSchema),
  stats: v.nullable(deployedStatsSchema),
  trouble: v.pipe(v.array(v.pipe(v.string(), v.maxLength(400))), v.maxLength(200)),
});
