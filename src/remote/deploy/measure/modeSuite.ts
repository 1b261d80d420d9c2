/** Benchmarks with a deployed model off, in its shadow and active: a suite whose variants are the modes. */
import type { DeployedMode } from '../../../protocol/deployment.js';
import type { Suite, Variant } from '../../benchmarks/suite.js';
import { quoteWord } from '../../shellCommand.js';
import { DEPLOYED_FOLDER } from './latencyStep.js';

/**
 * The benchmarks of a suite under each mode; its own variants are left out. After each run the model has the mode that it had.
 * @param was in which it is now
 */
export function modeSuite(
  suite: Suite,
  modes: readonly DeployedMode[],
  was: DeployedMode,
  deployedFolder: string = DEPLOYED_FOLDER,
): Suite {
  const variants = modes.map((mode): Variant => ({
    name: mode,
    sysctl: {},
    setup: textFor(deployedFolder, mode),
    teardown: textFor(deployedFolder, was),
  }));
  return { ...suite, name: `${suite.name}, deployed model`, variants };
}

/** A kernel that was built with a model has no `control`. */
function textFor(folder: string, mode: DeployedMode): string {
  const there = quoteWord(folder);
  return `if [ -f ${there}/control ]; then cd ${there} && sh ./control mode ${mode}; else echo ${mode} >/sys/kernel/kernel_oracle/mode; fi`;
}
