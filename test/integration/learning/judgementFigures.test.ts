/** Figures of scores beside what scikit-learn makes of the very same ones. */
import { expect, test } from 'vitest';
import { confusionAt, sharesOf } from '../../../src/learning/migrations/judgement/confusionCounts.js';
import { RECALLS } from '../../../src/learning/migrations/judgement/judge.js';
import { Ranking } from '../../../src/learning/migrations/judgement/ranking.js';
import { DRAWN_SCORES_PYTHON, drawnScores, type DrawnScores } from '../../support/drawnScores.js';
import { run } from '../cliProcess.js';
import { pythonWith } from '../pythonEnvironment.js';

const CASES: readonly DrawnScores[] = [
  { rows: 4000, share: 0.02, steps: 4096 },
  { rows: 1500, share: 0.5, steps: 5 },
  { rows: 3000, share: 0.9, steps: 100 },
];

const SCRIPT = `
import json, sys
from sklearn import metrics
${DRAWN_SCORES_PYTHON}
found = []
for case in json.loads(sys.argv[1]):
    labels, scores = drawn(case['rows'], case['share'], case['steps'])
    called = (scores >= 0.5).astype(int)
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    tn, fp, fn, tp = (int(each) for each in metrics.confusion_matrix(labels, called).ravel())
    found.append({
        'confusion': {'truePositives': tp, 'falsePositives': fp, 'falseNegatives': fn, 'trueNegatives': tn},
        'shares': {
            'accuracy': metrics.accuracy_score(labels, called),
            'balancedAccuracy': metrics.balanced_accuracy_score(labels, called),
            'precision': metrics.precision_score(labels, called),
            'recall': metrics.recall_score(labels, called),
            'f1': metrics.f1_score(labels, called),
            'mcc': metrics.matthews_corrcoef(labels, called),
        },
        'ranking': [metrics.average_precision_score(labels, scores), metrics.roc_auc_score(labels, scores)]
            + [max(precision[recall >= each]) for each in json.loads(sys.argv[2])],
    })
print(json.dumps(found))
`;

interface Figures {
  readonly confusion: Readonly<Record<string, number>>;
  readonly shares: Readonly<Record<string, number>>;
  readonly ranking: readonly number[];
}

test('confusion, shares, average precision, ROC-AUC and precision at recall are those of scikit-learn', async (context) => {
  const environment = await pythonWith('python-scikit-learn', ['scikit-learn>=1.3,<2']);
  if ('missing' in environment) {
    console.warn(`SKIPPED: scikit-learn cannot be installed: ${environment.missing}`);
    context.skip();
    return;
  }
  const args = ['-c', SCRIPT, JSON.stringify(CASES), JSON.stringify(RECALLS)];
  const { status, stdout, stderr } = await run(environment.python, args);
  expect(status, stderr).toBe(0);
  for (const [at, wanted] of (JSON.parse(stdout) as Figures[]).entries()) {
    const { labels, scores } = drawnScores(CASES[at]!);
    const counts = confusionAt(scores, labels, 0.5);
    expect(counts).toEqual(wanted.confusion);
    const shares = sharesOf(counts);
    for (const [name, value] of Object.entries(wanted.shares)) {
      expect(shares[name as keyof typeof shares], name).toBeCloseTo(value, 12);
    }
    const { averagePrecision, rocAuc, precisionAtRecall } = new Ranking(scores, labels, RECALLS).figures();
    for (const [place, value] of [averagePrecision, rocAuc, ...precisionAtRecall].entries()) {
      expect(value, String(place)).toBeCloseTo(wanted.ranking[place]!, 12);
    }
  }
});
