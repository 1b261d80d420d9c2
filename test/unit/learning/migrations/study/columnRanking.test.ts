import { expect, test } from 'vitest';
import { featureRanking } from '../../../../../src/dataset/migrations/featureRanking.js';
import { columnRanking } from '../../../../../src/learning/migrations/study/columnRanking.js';
import { rowsOf, setOf } from '../../../dataset/migrations/setBuilder.js';

test('classes that never overlap: F has no end, which JSON has no number for', async () => {
  const set = await setOf({
    smp4_alpha: rowsOf(100, (row) => ({
      task_util_avg: row % 2 === 0 ? 10 : 20,
      migration: row % 2,
      delta: (row * 37) % 11,
    })),
  });
  const found = featureRanking(set, 1);
  const best = found.workloads[0]!.scores[0]!;
  expect(best).toMatchObject({ column: 'task_util_avg', f: Infinity });
  const ranking = columnRanking(found);
  expect(ranking.workloads[0]!.scores[0]).toEqual({ ...best, f: null });
  expect(JSON.parse(JSON.stringify(ranking))).toEqual(ranking);
});
