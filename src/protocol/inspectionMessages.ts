/** What the view of any inspection panel may ask of the extension, and what it is told, beside what its own table says. */

type Nothing = Record<string, never>;

/** A run of the panel by its place in `InspectedRuns.folders`. */
interface RunOfPanel {
  readonly run: number;
}

export interface InspectedRuns {
  /** Absolute. */
  readonly folders: readonly string[];
}

/** A file that the user is asked for a place for. */
export interface FileToSave {
  /** Proposed name with its ending: `tcn-calibration.csv`. */
  readonly name: string;
  readonly content:
    { readonly kind: 'csv'; readonly text: string } | { readonly kind: 'png'; readonly base64: string };
}

export interface InspectionRequests {
  inspectedRuns: { params: Nothing; result: InspectedRuns };
  /** `null`: the user gave up. */
  saveFile: { params: FileToSave; result: { readonly path: string } | null };
  /** The same as the commands; they end when the work has. */
  evaluateRun: { params: RunOfPanel; result: null };
  auditRun: { params: RunOfPanel; result: null };
  /** The live panel of its training. */
  openRun: { params: RunOfPanel; result: null };
}

export interface InspectionEvents {
  /** The files of a run are not as they were: ask again. */
  inspectionChanged: Nothing;
}

/** What a webview keeps over a reload of the window; a view may keep more beside it. */
export type InspectionMemory = InspectedRuns;
