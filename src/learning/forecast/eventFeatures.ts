import type { Feature, Standardisation } from '../../dataset/sequences.js';

type Standardisations = Readonly<Record<Feature, Standardisation>>;

/** Features of single events as models read them, the same numbers as in windows (`dataset/windows.ts`). */
export class EventFeatures {
  constructor(
    readonly features: readonly Feature[],
    private readonly standardisations: Standardisations,
  ) {}

  /** @param deltaNs NaN: nothing before it, which counts as the mean. `into` [F] */
  write(cpu: number, deltaNs: number, into: Float32Array): void {
    for (const [column, feature] of this.features.entries()) {
      const value = feature === 'cpu' ? cpu : feature === 'delta' ? deltaNs : Math.log1p(deltaNs);
      const standard = this.standard(feature, value);
      into[column] = Number.isNaN(standard) ? 0 : standard;
    }
  }

  standard(feature: Feature, value: number): number {
    const { mean, deviation } = this.standardisations[feature];
    return (value - mean) * (deviation === 0 ? 1 : 1 / deviation);
  }

  /** The other way: a feature's value of a standardised one. */
  value(feature: Feature, standard: number): number {
    const { mean, deviation } = this.standardisations[feature];
    return standard * (deviation === 0 ? 1 : deviation) + mean;
  }
}
