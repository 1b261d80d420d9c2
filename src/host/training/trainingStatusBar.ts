import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable.js';
import { COMMANDS, CONTEXTS } from '../../manifest.js';
import { throttled } from '../viewPanel.js';
import { statusBarText } from './statusBarText.js';
import type { TrainingQueue } from './trainingQueue.js';

/** Numbers that change more often cannot be read. */
const INTERVAL_MS = 500;

/** Says in the status bar how the training goes; a click shows its panel. */
export function showTrainingInStatusBar(queue: TrainingQueue): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('kernelOracle.training', vscode.StatusBarAlignment.Left, 0);
  item.name = 'KernelOracle: Training';
  item.command = COMMANDS.showTraining;
  let ofJob = new DisposableStore();
  let followed: unknown;
  const show = throttled(INTERVAL_MS, () => {
    const shown = statusBarText(queue.current, queue.waiting);
    if (shown === null) {
      item.hide();
      return;
    }
    item.text = shown.text;
    item.tooltip = shown.tooltip;
    item.show();
  });
  const follow = () => {
    const { current } = queue;
    void vscode.commands.executeCommand('setContext', CONTEXTS.isTraining, current !== undefined);
    if (current !== followed) {
      ofJob.dispose();
      ofJob = new DisposableStore();
      if (current !== undefined) ofJob.add(current.onChanged(show));
      followed = current;
    }
    show();
  };
  follow();
  return vscode.Disposable.from(item, show, queue.onChanged(follow), { dispose: () => ofJob.dispose() });
}
