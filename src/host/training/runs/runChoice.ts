import * as vscode from 'vscode';
import type { RunNode, RunsTree } from './runsTree.js';
import type { RunRow } from './runRow.js';
import type { RunsIndex } from './runsIndex.js';

/** The runs that a command is about. */
export class RunChoice {
  constructor(
    private readonly index: RunsIndex,
    private readonly tree: RunsTree,
  ) {}

  /** Folders that the arguments of a command name: rows of the view (clicked, all selected), files, paths. */
  readonly foldersOf = (args: readonly unknown[]): readonly string[] => {
    const [clicked, selected] = args;
    const given = Array.isArray(selected) && selected.length > 0 ? selected : [clicked];
    return given.flatMap((each: unknown) => folderOf(each) ?? []);
  };

  /** One or more: those that were named, else those that the user chooses; none: the user gave up, or there are none. */
  async some(
    title: string,
    args: readonly unknown[],
    fits?: (row: RunRow) => boolean,
  ): Promise<readonly string[]> {
    const given = this.foldersOf(args);
    if (given.length > 0) return given;
    const rows = await this.#rows(title, fits);
    if (rows.length === 0) return [];
    const picked = await vscode.window.showQuickPick(rows.map(itemOf), {
      title,
      placeHolder: 'Which runs?',
      canPickMany: true,
      matchOnDescription: true,
    });
    return (picked ?? []).map(({ folder }) => folder);
  }

  /** The same, of one. */
  async one(
    title: string,
    args: readonly unknown[],
    fits?: (row: RunRow) => boolean,
  ): Promise<string | undefined> {
    const [given] = this.foldersOf(args);
    if (given !== undefined) return given;
    const rows = await this.#rows(title, fits);
    if (rows.length === 0) return undefined;
    const picked = await vscode.window.showQuickPick(rows.map(itemOf), {
      title,
      placeHolder: 'Which run?',
      matchOnDescription: true,
    });
    return picked?.folder;
  }

  /** @param fits is asked of each; says that there is none when it fits none */
  async #rows(title: string, fits: (row: RunRow) => boolean = () => true): Promise<readonly RunRow[]> {
    await this.index.searched();
    const rows = this.index.all.flatMap(({ folder }) => this.tree.row(folder) ?? []).filter(fits);
    if (rows.length === 0) {
      void vscode.window.showInformationMessage(`${title}: there is no run in this workspace for that.`);
    }
    return rows;
  }
}

function itemOf({ folder, label, description }: RunRow) {
  return { label, description, folder };
}

function folderOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof vscode.Uri) return value.fsPath;
  return isNode(value) ? value.runFolder : undefined;
}

function isNode(value: unknown): value is RunNode {
  return (
    typeof value === 'object' && value !== null && 'runFolder' in value && typeof value.runFolder === 'string'
  );
}
