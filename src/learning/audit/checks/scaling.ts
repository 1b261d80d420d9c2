import { FEATURES, PART_NAMES, type Feature, type Standardisation } from '../../../dataset/sequences.js';
import { failed, overClaims, passed, type Check, type Finding } from '../check.js';
import { standardisationOfParts } from '../measures/moments.js';
import type { AuditedDataSet } from '../subject.js';
import { figure, list } from '../texts.js';

/** Of the deviation; sums in another order differ by far less. */
const TOLERANCE = 1e-6;

export const scaledByTest: Check = {
  id: 'scaled-by-test',
  title: 'Scaling was fitted on the test',
  explanation:
    'Inputs are shifted and scaled by means and ranges; when these are taken of the test as well, the model is told something of data that it is not supposed to have met.',
  inDataSet: lookAtScaling,
  inClaims: (claims) =>
    overClaims(claims, 'The claims do not tell what scaling was fitted on.', ({ scaling }) => {
      if (scaling === undefined) return null;
      const { fittedOn } = scaling;
      if (fittedOn === 'none') return passed('Nothing is scaled.');
      if (fittedOn === 'training') return passed('Scaling was fitted on the training part.');
      return failed(
        fittedOn === 'everything'
          ? 'Scaling was fitted on everything, the test included.'
          : 'Scaling was fitted on the test.',
      );
    }),
  needs: 'There is no scaling to look at.',
};

/** Which parts could have given the figures. */
const SUSPECTS = [
  { parts: PART_NAMES, what: 'all parts together' },
  { parts: ['train', 'validation'], what: 'training and validation together' },
  { parts: ['train', 'seen'], what: 'training and the seen test together' },
  { parts: ['train', 'unseen'], what: 'training and the unseen test together' },
  { parts: ['seen'], what: 'the seen test' },
  { parts: ['unseen'], what: 'the unseen test' },
] as const;

async function lookAtScaling({ meta, part }: AuditedDataSet): Promise<Finding> {
  const own = standardisationOfParts([await part('train')]);
  const wrong = FEATURES.filter((feature) => !isSame(meta.features[feature], own[feature]));
  if (wrong.length === 0) {
    const { mean, deviation } = own.logDelta;
    return passed(
      `Means and deviations are those of the training rows: of ln(1 + ns) ${figure(mean)} and ${figure(deviation)}.`,
    );
  }
  const told = wrong.map((feature) => {
    const [is, should] = [meta.features[feature], own[feature]];
    return `${feature} by mean ${figure(is.mean)} and deviation ${figure(is.deviation)}, and the training part has ${figure(should.mean)} and ${figure(should.deviation)}`;
  });
  for (const { parts, what } of SUSPECTS) {
    const columns = await Promise.all(parts.map(part));
    if (columns.every(({ rows }) => rows === 0)) continue;
    const of = standardisationOfParts(columns);
    if (wrong.some((feature: Feature) => !isSame(meta.features[feature], of[feature]))) continue;
    return failed(`Scaled are ${list(told)}: those figures are of ${what}.`);
  }
  return failed(`Scaled are ${list(told)}: those figures are of other data.`);
}

function isSame(a: Standardisation, b: Standardisation): boolean {
  const most = TOLERANCE * Math.max(b.deviation, Math.abs(b.mean), 1e-12);
  return Math.abs(a.mean - b.mean) <= most && Math.abs(a.deviation - b.deviation) <= most;
}
