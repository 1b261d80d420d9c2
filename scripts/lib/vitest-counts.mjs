/**
 * A Vitest reporter that writes how many tests passed, failed and were skipped, and why, to the file that
 * KERNEL_ORACLE_COUNTS names; scripts/test.mjs adds the stages up.
 */
import { writeFileSync } from 'node:fs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed also files that could not be loaded and errors outside of tests
 * @property {string[]} failures names of the tests and files that failed
 * @property {{ name: string, reason: string }[]} skipped
 * @property {string[]} retried names of those that passed at a second try only
 */

class CountsReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Counts} */
    const counts = { passed: 0, failed: unhandledErrors.length, failures: [], skipped: [], retried: [] };
    for (const module of modules) {
      const failures = [];
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') {
          counts.passed++;
          if ((test.diagnostic()?.retryCount ?? 0) > 0)
            counts.retried.push(`${module.relativeModuleId}: ${test.fullName}`);
        } else if (result.state === 'failed') {
          failures.push(`${module.relativeModuleId}: ${test.fullName} — ${messageOf(result.errors)}`);
        } else {
          const note = 'note' in result ? result.note : undefined;
          counts.skipped.push({ name: `${module.relativeModuleId}: ${test.fullName}`, reason: note ?? '' });
        }
      }
      // A file that does not load or whose hooks fail has failed, though none of its tests did.
      if (failures.length === 0 && module.state() === 'failed') {
        failures.push(`${module.relativeModuleId} — ${messageOf(module.errors())}`);
      }
      counts.failed += failures.length;
      counts.failures.push(...failures);
    }
    const path = process.env['KERNEL_ORACLE_COUNTS'];
    if (path !== undefined) writeFileSync(path, JSON.stringify(counts));
  }
}

/** In one line, for where only the end of the output is kept. @param {readonly { message: string }[]} errors */
function messageOf([error]) {
  return (error?.message ?? 'no message').replaceAll(/\s+/g, ' ').slice(0, 300);
}

// Vitest takes a reporter file's default export.
// eslint-disable-next-line no-restricted-syntax
export default CountsReporter;
