import type { ArtifactView, WorkView } from '../../../src/protocol/machineWorkMessages.js';
import { button } from '../../common/controls.js';
import { element, type Child } from '../../common/dom.js';
import { formatBytes, formatCount, unknownText } from '../../common/format.js';
import type { Signal } from '../../common/signal.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';

/** What came of the work: the files, each with a button that opens it. */
export function createArtifacts(view: Signal<WorkView | null>, open: (path: string) => void): HTMLElement {
  const place = element('div');
  const section = element(
    'section',
    { className: 'artifacts', attributes: { 'aria-label': 'Files' } },
    element('h2', {}, 'Files'),
    place,
  );
  section.hidden = true;
  let shown = 0;
  view.subscribe((now) => {
    // Files only ever join: a button keeps the focus while another run goes on.
    if (now === null || now.artifacts.length === shown) return;
    shown = now.artifacts.length;
    section.hidden = shown === 0;
    place.replaceChildren(simpleTable('Files', columnsFor(now.artifacts, open), now.artifacts));
  });
  return section;
}

/** Results of benchmarks are no recordings: what only those have is left out. */
function columnsFor(
  artifacts: readonly ArtifactView[],
  open: (path: string) => void,
): SimpleColumn<ArtifactView>[] {
  const hasRecordings = artifacts.some(({ kind }) => kind === 'recording');
  return columns(open).filter(({ label }) => hasRecordings || !['Events', 'Lost', 'SHA-256'].includes(label));
}

function columns(open: (path: string) => void): SimpleColumn<ArtifactView>[] {
  return [
    {
      label: 'File',
      title: 'Where it lies',
      numeric: false,
      cell: ({ name, path }) => element('span', { title: path }, name),
    },
    { label: 'Machine', title: 'Where it is from', numeric: false, cell: ({ machine }) => machine },
    {
      label: 'Workload',
      title: 'What ran meanwhile',
      numeric: false,
      cell: ({ workload }) => workload ?? unknownText,
    },
    { label: 'Events', title: 'Events in it', numeric: true, cell: ({ events }) => count(events) },
    {
      label: 'Lost',
      title: 'Events that the tracer dropped',
      numeric: true,
      cell: ({ lostEvents }) => count(lostEvents),
    },
    { label: 'Size', title: 'Size', numeric: true, cell: ({ sizeBytes }) => formatBytes(sizeBytes) },
    {
      label: 'SHA-256',
      title: 'The same here and on the machine',
      numeric: false,
      cell: ({ sha256 }) =>
        sha256 === null ? unknownText : element('code', { title: sha256 }, `${sha256.slice(0, 12)}…`),
    },
    {
      label: '',
      title: '',
      numeric: false,
      cell: ({ path, name, kind }) =>
        kind === 'recording'
          ? button('Open Recording', `Opens ${name}`, () => open(path))
          : button('Open Results', `Opens ${name}`, () => open(path)),
    },
  ];
}

function count(value: number | null): Child {
  return value === null
    ? element('span', { className: 'unknown', title: 'not known' }, unknownText)
    : formatCount(value);
}
