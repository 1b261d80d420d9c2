/** What a deployed model counted within a time: the difference of what `control stats` told before and after. */
import * as v from 'valibot';
import { Failure } from '../../../base/errors.js';
import type { DeployedMode, DeployedStats, SaidCounts } from '../../../protocol/deployment.js';
import { deployedStatsSchema } from '../../../protocol/deploymentSchemas.js';

/** Counts of `DeployedStats`, of the calls of one repeat. */
export type DeployedCounts = Pick<
  DeployedStats,
  'refused' | 'allowed' | 'forced' | 'overruled' | 'vetoed' | 'notAsked' | 'modelNs' | 'callNs'
>;

/** Failures: `remote-failed` for what is no line of `control stats`. */
export function parseDeployedStats(text: string): DeployedStats {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Failure('remote-failed', 'What the deployed model tells of itself is no JSON.', {
      cause: error,
    });
  }
  const parsed = v.safeParse(deployedStatsSchema, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Failure(
    'remote-failed',
    `The deployed model does not tell what it counted: ${v.getDotPath(issue) ?? 'its stats'}: ${issue.message}`,
  );
}

/**
 * Failures: `remote-failed` when the counts are not of one model in one mode: it was swapped, loaded anew or switched
 * meanwhile.
 */
export function countedBetween(
  before: DeployedStats,
  after: DeployedStats,
  mode: DeployedMode,
): DeployedCounts {
  if (after.selfTest === 'failed') {
    throw new Failure('remote-failed', 'The deployed model failed its self-test and was switched off.');
  }
  if (before.mode !== mode || after.mode !== mode) {
    throw new Failure(
      'remote-failed',
      `The mode of the deployed model was changed while it was measured: ${mode} was asked for, ${after.mode} was found.`,
    );
  }
  const counts = differences(before, after);
  const numbers = [counts.refused, counts.allowed, counts.forced].flat();
  numbers.push(...Object.values(counts.overruled), counts.vetoed, counts.notAsked);
  numbers.push(counts.modelNs, counts.callNs);
  if (before.swaps !== after.swaps || before.slot !== after.slot || numbers.some((count) => count < 0)) {
    throw new Failure(
      'remote-failed',
      'The deployed model was swapped or loaded anew while it was measured.',
    );
  }
  return counts;
}

function differences(before: DeployedStats, after: DeployedStats): DeployedCounts {
  const said = (key: 'refused' | 'allowed' | 'forced'): SaidCounts => [
    after[key][0] - before[key][0],
    after[key][1] - before[key][1],
  ];
  return {
    refused: said('refused'),
    allowed: said('allowed'),
    forced: said('forced'),
    overruled: {
      toRefused: after.overruled.toRefused - before.overruled.toRefused,
      toAllowed: after.overruled.toAllowed - before.overruled.toAllowed,
    },
    vetoed: after.vetoed - before.vetoed,
    notAsked: after.notAsked - before.notAsked,
    modelNs: after.modelNs - before.modelNs,
    callNs: after.callNs - before.callNs,
  };
}

export function sumOfCounts(counts: readonly DeployedCounts[]): DeployedCounts {
  const sum = (read: (each: DeployedCounts) => number) =>
    counts.reduce((total, each) => total + read(each), 0);
  const said = (key: 'refused' | 'allowed' | 'forced'): SaidCounts => [
    sum((each) => each[key][0]),
    sum((each) => each[key][1]),
  ];
  return {
    refused: said('refused'),
    allowed: said('allowed'),
    forced: said('forced'),
    overruled: {
      toRefused: sum(({ overruled }) => overruled.toRefused),
      toAllowed: sum(({ overruled }) => overruled.toAllowed),
    },
    vetoed: sum(({ vetoed }) => vetoed),
    notAsked: sum(({ notAsked }) => notAsked),
    modelNs: sum(({ modelNs }) => modelNs),
    callNs: sum(({ callNs }) => callNs),
  };
}

/** Calls that the model was asked of. */
export function askedCalls({ refused, allowed, forced }: DeployedCounts): number {
  return [...refused, ...allowed, ...forced].reduce((total, each) => total + each, 0);
}
