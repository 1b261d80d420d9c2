/** What keys do in the trace view. */
export interface KeyActions {
  readonly zoom: (factor: number) => void;
  /** By a share of the view's span. */
  readonly pan: (share: number) => void;
  /** By CSS px. */
  readonly scroll: (dy: number) => void;
  readonly toStart: () => void;
  readonly toEnd: () => void;
  readonly fit: () => void;
  readonly markRange: () => void;
  readonly step: (direction: 1 | -1) => void;
  /** To the next or previous forced migration. */
  readonly stepForced: (direction: 1 | -1) => void;
  readonly search: () => void;
  readonly help: () => void;
  readonly openDetails: () => void;
  readonly clear: () => void;
}

type Action = (actions: KeyActions, shift: boolean) => void;

/** Keys that work wherever the focus is, except in text boxes. */
const anywhere: Readonly<Record<string, Action>> = {
  w: (actions) => actions.zoom(1 / 1.5),
  s: (actions) => actions.zoom(1.5),
  a: (actions) => actions.pan(-0.2),
  d: (actions) => actions.pan(0.2),
  W: (actions) => actions.zoom(1 / 3),
  S: (actions) => actions.zoom(3),
  A: (actions) => actions.pan(-0.8),
  D: (actions) => actions.pan(0.8),
  '+': (actions) => actions.zoom(1 / 1.5),
  '=': (actions) => actions.zoom(1 / 1.5),
  '-': (actions) => actions.zoom(1.5),
  f: (actions) => actions.fit(),
  m: (actions) => actions.markRange(),
  n: (actions) => actions.step(1),
  p: (actions) => actions.step(-1),
  j: (actions) => actions.stepForced(1),
  k: (actions) => actions.stepForced(-1),
  '/': (actions) => actions.search(),
  '?': (actions) => actions.help(),
  Escape: (actions) => actions.clear(),
};

/** Keys that lists and buttons need for themselves: they work only while the timeline has the focus. */
const inTimeline: Readonly<Record<string, Action>> = {
  ArrowLeft: (actions, shift) => actions.pan(shift ? -0.8 : -0.1),
  ArrowRight: (actions, shift) => actions.pan(shift ? 0.8 : 0.1),
  ArrowUp: (actions) => actions.scroll(-44),
  ArrowDown: (actions) => actions.scroll(44),
  PageUp: (actions) => actions.scroll(-300),
  PageDown: (actions) => actions.scroll(300),
  Home: (actions) => actions.toStart(),
  End: (actions) => actions.toEnd(),
  Enter: (actions) => actions.openDetails(),
};

/** What a key does; undefined when it is not ours. */
export function actionOf(
  key: {
    readonly key: string;
    readonly ctrlKey: boolean;
    readonly metaKey: boolean;
    readonly altKey: boolean;
  },
  timelineHasFocus: boolean,
): Action | undefined {
  if (key.ctrlKey || key.metaKey || key.altKey) return undefined;
  return (
    (Object.hasOwn(anywhere, key.key) ? anywhere[key.key] : undefined) ??
    (timelineHasFocus && Object.hasOwn(inTimeline, key.key) ? inTimeline[key.key] : undefined)
  );
}

/** All keys and gestures, for the help. */
export const helpEntries: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [['W', 'S'], 'zoom in and out (with Shift: faster)'],
  [['A', 'D'], 'move left and right (with Shift: faster)'],
  [['←', '→', '↑', '↓'], 'move in time and between lanes, while the timeline has the focus'],
  [['Home', 'End'], 'start and end of the recording'],
  [['F'], 'fit the selected range; all of the recording when none is selected or it fits already'],
  [['M'], 'select the time of the selected slice as a range, or else all that is on screen'],
  [['/'], 'find a task by name or pid'],
  [['N', 'P'], 'next and previous slice of the selected thread'],
  [['J', 'K'], 'next and previous forced migration, where migration records are on the timeline'],
  [['Enter'], 'details of the selected slice or migration'],
  [['Esc'], 'close, then clear the selection'],
  [['?'], 'this help'],
  [['Wheel'], 'zoom at the pointer; also Ctrl + wheel and pinching'],
  [['Shift', 'Wheel'], 'move in time; also a sideways wheel'],
  [['Alt', 'Wheel'], 'scroll the lanes; over their names the plain wheel does'],
  [['Drag'], 'move in both directions'],
  [['Drag on the ruler'], 'select a range, or move its edges; Shift + drag does so on the lanes'],
  [['Click'], 'select a slice or the mark of a migration; a double click fills the view with it'],
];
