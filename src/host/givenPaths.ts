import * as vscode from 'vscode';
import { Failure } from '../base/errors.js';

/**
 * Paths of what a command of the explorer or of an editor's title was called with; undefined from the palette.
 * @param resource that was clicked
 * @param selected all that are selected
 * Failure `wrong-usage` for what lies on no disk.
 */
export function givenPaths(resource: unknown, selected: unknown): string[] | undefined {
  const given = Array.isArray(selected) && selected.length > 0 ? selected : [resource];
  const uris = given.filter((each): each is vscode.Uri => each instanceof vscode.Uri);
  if (uris.length === 0) return undefined;
  const elsewhere = uris.find(({ scheme }) => scheme !== 'file');
  if (elsewhere !== undefined) {
    throw new Failure(
      'wrong-usage',
      `${elsewhere.toString()} lies on no disk of this machine. Copy it to one first.`,
    );
  }
  return [...new Set(uris.map(({ fsPath }) => fsPath))];
}
