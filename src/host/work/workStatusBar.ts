import * as vscode from 'vscode';
import { COMMANDS, CONTEXTS } from '../../manifest.js';
import type { WorkList } from './workList.js';

/** Says in the status bar what runs on test machines; a click shows its panel. */
export function showWorkInStatusBar(works: WorkList): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('kernelOracle.work', vscode.StatusBarAlignment.Left, 0);
  item.name = 'KernelOracle: Work on Test Machines';
  item.command = COMMANDS.showWork;
  const show = () => {
    const { running } = works;
    void vscode.commands.executeCommand('setContext', CONTEXTS.isWorking, running.length > 0);
    if (running.length === 0) {
      item.hide();
      return;
    }
    const machines = [...new Set(running.flatMap((work) => work.machines))];
    item.text = `$(record) ${running.length === 1 ? running[0]!.title : `${running.length} jobs on test machines`}`;
    item.tooltip = `On ${machines.join(', ')}. Click to see how it goes.`;
    item.show();
  };
  show();
  return vscode.Disposable.from(item, works.onChanged(show));
}
