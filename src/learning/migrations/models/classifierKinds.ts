/** The models that learn from calls of `can_migrate_task`: those of the thesis, then what they must beat. */
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
