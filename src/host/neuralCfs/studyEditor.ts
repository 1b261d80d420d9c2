import * as vscode from 'vscode';
import { isFailure } from '../../base/errors.js';
import { STUDY_EDITOR } from '../../manifest.js';
import type { StudyRequests, StudySettings } from '../../protocol/neuralCfsStudy.js';
import { STUDY_PARAMS } from '../../protocol/neuralCfsStudySchemas.js';
import { answersOf, type PanelAnswers } from '../inspection/panelKind.js';
import { saveFile } from '../inspection/saveFile.js';
import { openRecording } from '../openTraceAt.js';
import { ViewPanel } from '../viewPanel.js';
import { StudyDocument } from './studyDocument.js';

export interface StudyEditorParts {
  readonly extensionUri: vscode.Uri;
  /** Makes a study again in its place. */
  readonly repeat: (settings: StudySettings, output: string) => Promise<unknown>;
}

/** The custom editor of studies: read-only; it follows its file. */
export class StudyEditorProvider implements vscode.CustomReadonlyEditorProvider<StudyDocument> {
  constructor(private readonly parts: StudyEditorParts) {}

  register(): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(STUDY_EDITOR, this, {
      supportsMultipleEditorsPerDocument: true,
      // A hidden view is rebuilt from its saved state.
      webviewOptions: { retainContextWhenHidden: false, enableFindWidget: false },
    });
  }

  /** One that cannot be read opens as well: the view says what is wrong with it. */
  openCustomDocument(uri: vscode.Uri): StudyDocument {
    return new StudyDocument(uri);
  }

  resolveCustomEditor(document: StudyDocument, panel: vscode.WebviewPanel): void {
    const answers = this.#answers(document);
    const view = new ViewPanel(
      panel,
      this.parts.extensionUri,
      'neuralCfs',
      [...answers.keys()],
      (method, params) => answers.get(method)?.(params),
    );
    view.own(document.onChanged((state) => view.send('studyUpdated', state)));
    view.own(document.onFailed((message) => view.send('failed', { message })));
  }

  #answers(document: StudyDocument): PanelAnswers {
    return answersOf<StudyRequests>(STUDY_PARAMS, {
      studyState: () => document.state(),
      openRecording: async ({ recording }) => {
        const { recordings } = await document.study();
        const chosen = recordings[recording];
        if (chosen === undefined) throw new Error(`This study has no recording ${recording}.`);
        await openRecording(chosen.path, 'the study was made');
        return null;
      },
      repeatStudy: async () => {
        if (document.uri.scheme !== 'file') {
          throw new Error(`${document.path} lies on no disk of this machine. Copy it to one first.`);
        }
        const { settings } = await document.study();
        try {
          await this.parts.repeat(settings, document.uri.fsPath);
        } catch (error) {
          // What the user gave up is no news.
          if (!isFailure(error, 'cancelled')) throw error;
          return null;
        }
        document.reload();
        return null;
      },
      // A folder's files are proposed beside it, and so are a file's.
      saveFile: (file) => saveFile(file, document.uri.fsPath),
    });
  }
}
