import * as vscode from 'vscode';

/**
 * The command does nothing in a workspace that is not trusted: its plans and suites name commands to run on machines, and
 * what is collected is put into it. Palette and menus do not offer it there; other ways to it end here.
 */
export function whereTrusted<Args extends readonly unknown[]>(
  run: (...args: Args) => unknown,
): (...args: Args) => Promise<unknown> {
  return async (...args) => {
    if (vscode.workspace.isTrusted) return run(...args);
    const manage = 'Manage Workspace Trust';
    const choice = await vscode.window.showErrorMessage(
      'This workspace is not trusted: nothing is run on test machines from it.',
      manage,
    );
    if (choice === manage) await vscode.commands.executeCommand('workbench.trust.manage');
    return undefined;
  };
}
