import { PANELS } from '../../../manifest.js';
import { compareModels, titlesOf, unevaluated } from '../../../learning/runs/compareModels.js';
import { isFailure, messageOf } from '../../../base/errors.js';
import type {
  ModelComparisonRequests,
  ModelComparisonState,
} from '../../../protocol/modelComparisonMessages.js';
import { MODEL_COMPARISON_PARAMS } from '../../../protocol/modelComparisonSchemas.js';
import { answersOf, type PanelKind } from '../panelKind.js';

/** Two models or more on the same events. */
export const modelComparisonPanel: PanelKind = {
  id: PANELS.modelComparison,
  view: 'modelComparison',
  title: (folders) => titlesOf(folders).join(' ↔ '),
  open: ({ folders }) => {
    const closed = new AbortController();
    return {
      answers: answersOf<ModelComparisonRequests>(MODEL_COMPARISON_PARAMS, {
        modelComparisonState: ({ against }) => stateOf(inOrder(folders, against), folders, closed.signal),
      }),
      // Files are read when the view asks.
      dispose: () => closed.abort(),
    };
  },
};

/** With the run that the others are measured against first. */
export function inOrder(folders: readonly string[], against: string | null): readonly string[] {
  return against === null || !folders.includes(against)
    ? folders
    : [against, ...folders.filter((folder) => folder !== against)];
}

/** @param asOpened the runs in the order of the panel, by which buttons name them */
async function stateOf(
  folders: readonly string[],
  asOpened: readonly string[],
  signal: AbortSignal,
): Promise<ModelComparisonState> {
  const missing = await unevaluated(asOpened);
  if (missing.length > 0) {
    const message =
      'Models are compared on the same events, one by one: each must have been asked about the test parts first.';
    return { kind: 'missing', message, unevaluated: missing };
  }
  try {
    return { kind: 'ready', comparison: await compareModels(folders, signal) };
  } catch (error) {
    if (!isFailure(error, 'bad-input')) throw error;
    return { kind: 'missing', message: messageOf(error), unevaluated: [] };
  }
}
