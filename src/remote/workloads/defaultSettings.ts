import * as v from 'valibot';
import { Failure } from '../../base/errors.js';
import type { CollectorSettings } from '../collect/collection.js';
import { settingsOf } from './plan.js';
import { planSchema } from './planSchema.js';

/**
 * The settings that a plan has when it says this of a collector; what it does not say has its usual value.
 * Failure: `wrong-usage` with what does not fit.
 */
export function collectorSettings<Name extends CollectorSettings['collector']>(
  collector: Name,
  said: Readonly<Record<string, unknown>> = {},
): Extract<CollectorSettings, { collector: Name }> {
  const plan = v.safeParse(planSchema, { collectors: [{ ...said, collector }], workloads: ['tcn'] });
  if (!plan.success) {
    throw new Failure('wrong-usage', plan.issues.map(({ message }) => `${message}.`).join(' '));
  }
  return settingsOf(plan.output.collectors[0]!) as Extract<CollectorSettings, { collector: Name }>;
}
