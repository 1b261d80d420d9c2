import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The views that have a script and a style sheet of their own. */
export type ViewName =
  | 'trace'
  | 'migrations'
  | 'machine'
  | 'work'
  | 'comparison'
  | 'latency'
  | 'training'
  | 'model'
  | 'confusion'
  | 'forecast'
  | 'modelComparison'
  | 'neuralCfs'
  | 'neuralCfsRun';

const TITLES: Readonly<Record<ViewName, string>> = {
  trace: 'KernelOracle trace',
  migrations: 'KernelOracle migration records',
  machine: 'KernelOracle test machine',
  work: 'KernelOracle work on test machines',
  comparison: 'KernelOracle comparison of benchmark results',
  latency: 'KernelOracle latency densities',
  training: 'KernelOracle training run',
  model: 'KernelOracle model',
  confusion: 'KernelOracle confusion matrix',
  forecast: 'KernelOracle forecast',
  modelComparison: 'KernelOracle comparison of models',
  neuralCfs: 'KernelOracle study of migration records',
  neuralCfsRun: 'KernelOracle model of migrations',
};

/** The page of a view: no data in it, and a policy under which nothing but our own script can run. */
export function viewPage(webview: vscode.Webview, extensionUri: vscode.Uri, view: ViewName): string {
  const nonce = randomBytes(16).toString('base64');
  const script = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', `${view}.js`));
  const style = webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', `${view}.css`));
  // The toolkit adds a style element of its own, with the nonce that it finds in the meta element below.
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta property="csp-nonce" content="${nonce}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${TITLES[view]}</title>
    <link rel="stylesheet" href="${style.toString()}">
  </head>
  <body>
    <div id="root"></div>
    <script nonce="${nonce}" src="${script.toString()}"></script>
  </body>
</html>`;
}

/** What a webview of this extension may load. */
export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return {
    enableScripts: true,
    localResourceRoots: [
      vscode.Uri.joinPath(extensionUri, 'dist', 'webview'),
      vscode.Uri.joinPath(extensionUri, 'media'),
    ],
  };
}
