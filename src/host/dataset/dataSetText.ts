import * as vscode from 'vscode';
import { detailsOf } from '../../cli/dataSetText.js';
import { readDataSetMeta } from '../../dataset/files/dataSetMeta.js';
import { messageOf } from '../../base/errors.js';

const SCHEME = 'kernel-oracle-dataset';

/** What a data set is made of and what to mind, as text beside the editors: the same as `kernel-oracle dataset info`. */
export class DataSetText implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    const folder = path.slice(0, path.lastIndexOf('/'));
    try {
      return [`${folder}\n`, ...detailsOf(await readDataSetMeta(folder))].join('\n') + '\n';
    } catch (error) {
      return messageOf(error);
    }
  }

  async show(folder: string): Promise<void> {
    const name = folder.slice(folder.lastIndexOf('/') + 1);
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `${folder}/${name} (data set)` });
    // One that was shown before may be of a data set that was replaced meanwhile.
    this.#changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
