/** The models that learn from calls of `can_migrate_task`: those of the thesis, then what they must beat. */
import { Failure } from '../../../base/errors.js';
import type { ClassifierKind } from '../classifier.js';
import { boosting } from './boosting.js';
import { constant } from './constant.js';
import { libml } from './libml.js';
import { logistic } from './logistic.js';
import { mlp } from './mlp.js';
import { rule } from './rule.js';
import { tree } from './tree.js';

export const CLASSIFIER_KINDS: readonly ClassifierKind[] = [
  mlp,
  libml,
  constant,
  rule,
  logistic,
  tree,
  boosting,
];

/** The kinds with these names, in our order. Failure `wrong-usage` for a name that no kind has. */
export function classifierKinds(names: readonly string[]): readonly ClassifierKind[] {
  const known = CLASSIFIER_KINDS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Failure('wrong-usage', `There is no model "${unknown}". There are: ${known.join(', ')}.`);
  }
  return CLASSIFIER_KINDS.filter(({ name }) => names.includes(name));
}
