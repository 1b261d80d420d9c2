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
