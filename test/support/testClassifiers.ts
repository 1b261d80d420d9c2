/** Classifiers that are trained in a moment, to see what experiments make of them. */
import type { Classifier, ClassifierKind, ScoredTable } from '../../src/learning/migrations/classifier.js';

function kindOf(
  name: string,
  isThesis: boolean,
  train: (...args: Parameters<ClassifierKind['train']>) => Classifier['scores'],
): ClassifierKind {
  return {
    ...{ name, title: name.toUpperCase(), isThesis },
    train: (...args) => {
      const scores = train(...args);
      return Promise.resolve({ scores, summary: `a ${name}`, dispose: () => undefined });
    },
  };
}

function rowsOf({ features, raw }: ScoredTable, score: (row: number, values: Float32Array) => number) {
  const width = features.names.length;
  return Float32Array.from({ length: features.rows }, (_, row) =>
    score(row, raw.values.subarray(row * width, (row + 1) * width)),
  );
}

/** Remembers which values of a column were positive: worth something only where such values come again. */
export function memoryOf(column: string): ClassifierKind {
  return kindOf('mlp', true, ({ raw, labels }) => {
    const at = raw.names.indexOf(column);
    const positive = new Set<number>();
    for (let row = 0; row < labels.length; row += 1) {
      if (labels[row] === 1) positive.add(raw.values[row * raw.names.length + at]!);
    }
    return (table) => rowsOf(table, (_, values) => (positive.has(values[at]!) ? 0.9 : 0.1));
  });
}

export const RULE = kindOf('rule', false, ({ raw }) => {
  const [failed, tries] = ['sd_nr_balance_failed', 'sd_cache_nice_tries'].map((name) =>
    raw.names.indexOf(name),
  );
  return (table) => rowsOf(table, (_, values) => (values[failed!]! > values[tries!]! ? 1 : 0));
});

export const CONSTANT = kindOf('constant', false, () => (table) => rowsOf(table, () => 0.5));
export const DIVERGING = kindOf(
  'libml',
  true,
  () => (table) => rowsOf(table, (row) => (row === 3 ? NaN : 0.5)),
);
