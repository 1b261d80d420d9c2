import type { ComparedSet } from '../../../src/protocol/comparisonMessages.js';
import { element, linkButton, replaceContent } from '../../common/dom.js';
import { unknownText } from '../../common/format.js';
import { simpleTable, type SimpleColumn } from '../../common/simpleTable.js';
import type { ComparisonModel } from '../model/comparisonModel.js';
import { setLetter } from '../model/words.js';

export interface SetActions {
  readonly makeBaseline: (set: number) => void;
  readonly openResults: (set: number) => void;
}

interface SetRow {
  readonly at: number;
  readonly set: ComparedSet;
}

/** What A, B, … are. */
export function createSetsCard(model: ComparisonModel, actions: SetActions): HTMLElement {
  const place = element('div', { className: 'scroll-x' });
  model.comparison.observe((comparison) => {
    if (comparison === null) return;
    const rows = comparison.sets.map((set, at) => ({ at, set }));
    replaceContent(place, simpleTable('Sets that are compared', columns(actions), rows));
  });
  return element('section', { className: 'card' }, element('h2', {}, 'What is compared'), place);
}

function columns({ makeBaseline, openResults }: SetActions): SimpleColumn<SetRow>[] {
  const text = (label: string, cell: (set: ComparedSet) => string | null): SimpleColumn<SetRow> => ({
    label,
    title: label,
    numeric: false,
    cell: ({ set }) => {
      const value = cell(set);
      return value === null || value === '' ? unknownText : value;
    },
  });
  return [
    { label: '', title: 'Set', numeric: false, cell: ({ at }) => element('strong', {}, setLetter(at)) },
    text('Set', ({ label }) => label),
    text('Machine', ({ machine }) => machine),
    text('Kernel', ({ kernel }) => kernel),
    text('Variant', ({ variant }) => variant),
    {
      label: 'Results',
      title: 'The results file',
      numeric: false,
      cell: ({ at, set }) =>
        linkButton(set.path.split(/[\\/]/).at(-1) ?? set.path, `Open ${set.path}`, () => openResults(at)),
    },
    {
      label: '',
      title: 'Baseline',
      numeric: false,
      cell: ({ at, set }) =>
        at === 0
          ? 'baseline'
          : linkButton('Make baseline', `Compare the others with ${set.label}`, () => makeBaseline(at)),
    },
  ];
}
