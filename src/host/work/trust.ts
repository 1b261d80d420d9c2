import * as vscode from 'vscode';

/**
 * The command does nothing in a workspace that is not trusted: its plans and suites name commands to run on machines, and
 * what is collected or learnt is put into it. Palette and menus do not offer it there; other ways to it end here.
 * @param what is not done, for the message
 */
export function whereTrusted<Args extends readonly unknown[]>(
  run: (...args: Args) => unknown,
  what = 'nothing is run on test machines from it',
): (...args: Args) => Promise<unknown> {
  return async (...args) => {
    if (vscode.workspace.isTrusted) return run(...args);
    const manage = 'Manage Workspace Trust';
    const choice = await vscode.window.showErrorMessage(`This workspace is not trusted: ${what}.`, manage);
    if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
    return undefined;
  };
}
