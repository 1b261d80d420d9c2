/** Names of the models: for those who offer them without loading them. Those of the thesis first. */
export const MODEL_NAMES = ['mlp', 'libml', 'constant', 'rule', 'logistic', 'tree', 'boosting'] as const;

export type ModelName = (typeof MODEL_NAMES)[number];
