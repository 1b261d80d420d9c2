import { basename } from 'node:path';
import * as vscode from 'vscode';
import { PANELS } from '../../../manifest.js';
import type { ModelPanelRequests } from '../../../protocol/modelPanelMessages.js';
import { MODEL_PANEL_PARAMS } from '../../../protocol/modelPanelSchemas.js';
import { answersOf, type PanelKind } from '../panelKind.js';
import { ModelSource } from './modelSource.js';

/** What a model is made of, and what it is worth. */
export const modelPanel: PanelKind = {
  id: PANELS.model,
  view: 'model',
  title: (folders) => `Model ${basename(folders[0] ?? '')}`,
  open: ({ folders }) => {
    const source = new ModelSource(folders[0]!, (path) => vscode.workspace.asRelativePath(path));
    return {
      answers: answersOf<ModelPanelRequests>(MODEL_PANEL_PARAMS, { modelState: () => source.state() }),
      // Files are read when the view asks.
      dispose: () => undefined,
    };
  },
};
