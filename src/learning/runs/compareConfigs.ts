import { isDeepStrictEqual } from 'node:util';
import type { TrainingConfig } from '../trainer/config/config.js';
import type { RunInfo } from '../trainer/runFolder.js';

/** A setting in which two configurations differ. */
export interface ConfigDifference {
  /** As in the file: `optimizer.learningRate`. */
  readonly path: string;
  /** `undefined`: that one has no such setting. */
  readonly a: unknown;
  readonly b: unknown;
}

/** Settings in which two configurations differ, in the order of the file; lists are compared as wholes. */
export function compareConfigs(a: TrainingConfig, b: TrainingConfig): ConfigDifference[] {
  return differencesOf('', a, b);
}

/** Settings in which not all of some configurations are alike, with the value of each; `undefined`: it has no such setting. */
export function compareAllConfigs(
  configs: readonly TrainingConfig[],
): { readonly path: string; readonly values: readonly unknown[] }[] {
  const [first] = configs;
  if (first === undefined) return [];
  const differences = configs.map(
    (config) => new Map(compareConfigs(first, config).map((each) => [each.path, each])),
  );
  // Where a whole group is missing in one, only its name differs there, and its settings elsewhere: both are said.
  const paths = new Set(differences.flatMap((each) => [...each.keys()]));
  return [...paths].map((path) => {
    const ofFirst = differences.find((each) => each.has(path))!.get(path)!.a;
    return { path, values: differences.map((each) => (each.has(path) ? each.get(path)!.b : ofFirst)) };
  });
}

/** A setting's value as text, `null` where there is no such setting. */
export function settingText(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The best epoch of a run in a few words: `accuracy 87.41 %, epoch 9`; an em dash before there is one. */
export function bestText({ best }: Pick<RunInfo, 'best'>): string {
  if (best === null) return '—';
  const { accuracy, mae, loss, epoch } = best;
  if (accuracy !== null) return `accuracy ${(accuracy * 100).toFixed(2)} %, epoch ${epoch}`;
  // Without a validation part only the loss is known.
  return mae === null ? `loss ${loss.toFixed(4)}, epoch ${epoch}` : `error ${mae.toFixed(4)}, epoch ${epoch}`;
}

function differencesOf(path: string, a: unknown, b: unknown): ConfigDifference[] {
  if (isDeepStrictEqual(a, b)) return [];
  if (!isGroup(a) || !isGroup(b)) return [{ path, a, b }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differencesOf(path === '' ? key : `${path}.${key}`, a[key], b[key]));
}

/** A mapping of the file, and no list or value of it. */
function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
