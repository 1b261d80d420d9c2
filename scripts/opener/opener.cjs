/**
 * A tiny extension that `npm start` adds to the editor it starts. A file named in the editor's address or command line
 * opens before any extension is registered, and so as text; this opens it when they all are.
 */
// The extension host gives `vscode` to CommonJS modules by require.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const vscode = require('vscode');

module.exports = {
  async activate() {
    const file = process.env['KERNEL_ORACLE_OPEN'];
    const folder = vscode.workspace.workspaceFolders?.[0];
    const somethingOpen = vscode.window.tabGroups.all.some((group) => group.tabs.length > 0);
    if (!file || folder === undefined || somethingOpen) return;
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.joinPath(folder.uri, file));
  },
};
