import type { DifferingSetting, ModelComparison } from '../../../src/protocol/modelComparisonMessages.js';
import { element } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { runLabel, runLetter } from '../model/words.js';
import { cardOf, follow, type CardContext } from './cardContext.js';

/** In what the configurations differ. */
export function createSettingsCard(context: CardContext): HTMLElement {
  const { model } = context;
  const card = cardOf(context, { title: 'Settings that differ', file: 'settings', hasChart: false });
  follow(context, () => {
    const { comparison } = model;
    card.element.hidden = comparison === null;
    if (comparison === null) return;
    const { settings } = comparison;
    card.setWords(settings.length === 0 ? 'The configurations are the same.' : '');
    card.setExportable(settings.length > 0);
    if (settings.length === 0) card.setBelow();
    else card.setTable(figureTable('Settings that differ', columnsOf(comparison), settings));
  });
  return card.element;
}

function columnsOf(comparison: ModelComparison): FigureColumn<DifferingSetting>[] {
  return [
    {
      label: 'Setting',
      title: 'As in the configuration',
      numeric: false,
      cell: ({ path }) => element('code', {}, path),
      csv: { setting: ({ path }) => path },
    },
    ...comparison.runs.map((_, run): FigureColumn<DifferingSetting> => ({
      label: runLabel(comparison, run),
      title: 'Of this run',
      numeric: false,
      cell: ({ values }) => {
        const value = values[run] ?? null;
        return value === null
          ? element('span', { className: 'unknown', title: 'it has no such setting' }, 'none')
          : value;
      },
      csv: { [runLetter(run).toLowerCase()]: ({ values }) => values[run] ?? null },
    })),
  ];
}
