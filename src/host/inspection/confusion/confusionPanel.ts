import { basename } from 'node:path';
import { PANELS } from '../../../manifest.js';
import type { ConfusionRequests } from '../../../protocol/confusionMessages.js';
import { CONFUSION_PARAMS } from '../../../protocol/confusionSchemas.js';
import type { TraceMoment } from '../../traceMoment.js';
import { answersOf, type PanelKind } from '../panelKind.js';
import { ConfusionSource } from './confusionSource.js';

/** Opens a recording in the trace editor, at a moment of it. */
export type OpenTraceAt = (path: string, moment: TraceMoment) => Promise<void>;

/** What a model takes for what. */
export function confusionPanel(openTraceAt: OpenTraceAt): PanelKind {
  return {
    id: PANELS.confusion,
    view: 'confusion',
    title: (folders) => `Confusion of ${basename(folders[0] ?? '')}`,
    open: ({ folders }) => {
      const source = new ConfusionSource(folders[0]!);
      return {
        answers: answersOf<ConfusionRequests>(CONFUSION_PARAMS, {
          confusionState: ({ query }) => source.state(query),
          confusionEvents: (request) => source.events(request),
          openConfusionEvent: async ({ part, event }) => {
            const { path, ...moment } = await source.placeOf(part, event);
            await openTraceAt(path, moment);
            return null;
          },
        }),
        changed: () => source.forget(),
        dispose: () => source.forget(),
      };
    },
  };
}
