import type { LayerView } from '../../../src/protocol/modelPanelMessages.js';
import { element, replaceContent } from '../../common/dom.js';
import { figureTable, type FigureColumn } from '../../common/figureTable.js';
import { formatCount } from '../../common/format.js';
import { simpleTable } from '../../common/simpleTable.js';
import { drawLayers, pictureOf } from '../layers/layerDrawing.js';
import { describeLayer, operationText, shapeText, totalParameters } from '../layers/layerWords.js';
import { cardOf, follow, type CardContext } from './cardParts.js';

/** The layers as a drawing and as a table; the chosen one with its weights. */
export function createLayersCards(context: CardContext): HTMLElement[] {
  const { model, theme } = context;
  let drawing: SVGSVGElement | null = null;
  const graph = cardOf(context, {
    title: 'Layers',
    file: 'layers',
    hasChart: false,
    hasTable: false,
    picture: () => (drawing === null ? null : pictureOf(drawing)),
  });
  const table = cardOf(context, {
    title: 'Layers as a table',
    file: 'layers',
    hasChart: false,
  });
  const place = element('div', { className: 'layer-graph' });
  const detail = element('div', { className: 'layer-detail', attributes: { 'aria-live': 'polite' } });
  graph.setBelow(element('div', { className: 'layer-pair' }, place, detail));
  graph.setNote(
    'From the event at the top to what is predicted at the bottom. Layers that learn have square corners; dashed ways go around layers (residual). The numbers behind the arrows are what comes out for one event. Arrow keys go from layer to layer.',
  );
  let chosen: string | null = null;
  follow(context, () => {
    const layers = model.state.value?.layers;
    const isThere = layers?.kind === 'found';
    graph.setExportable(isThere);
    table.element.hidden = !isThere;
    if (!isThere) {
      drawing = null;
      const text = layers?.kind === 'problem' ? layers.message : MISSING;
      replaceContent(place, element('p', { className: 'empty-chart' }, text));
      return;
    }
    const all = layers.value;
    drawing = drawLayers(all, theme.value);
    walkable(drawing, chosen, (name) => {
      chosen = name;
      const layer = all.find((each) => each.name === name);
      replaceContent(detail, ...(layer === undefined ? [] : detailOf(layer)));
    });
    replaceContent(place, drawing);
    graph.setWords(`${formatCount(totalParameters(all))} parameters in ${all.length} layers and inputs.`);
    table.setTable(figureTable('Layers', COLUMNS, all));
  });
  return [graph.element, table.element];
}

const MISSING = 'There are no weights yet: they are there when the first epoch of the training has ended.';

/** One box is in the tab order; arrow keys, Home and End move to others, and what has the focus is chosen. */
function walkable(svg: SVGSVGElement, chosen: string | null, choose: (name: string) => void): void {
  const boxes = [...svg.querySelectorAll<SVGGElement>('.layer')];
  const mark = (box: SVGGElement) => {
    for (const each of boxes) {
      each.setAttribute('tabindex', each === box ? '0' : '-1');
      each.classList.toggle('chosen', each === box);
    }
    choose(box.dataset['layer'] ?? '');
  };
  const first = boxes.find(({ dataset }) => dataset['layer'] === chosen) ?? boxes[0];
  first?.setAttribute('tabindex', '0');
  if (chosen !== null && first !== undefined) mark(first);
  boxes.forEach((box, at) => {
    box.addEventListener('focus', () => mark(box));
    box.addEventListener('click', () => box.focus());
    box.addEventListener('keydown', (event) => {
      const target = {
        ArrowDown: at + 1,
        ArrowRight: at + 1,
        ArrowUp: at - 1,
        ArrowLeft: at - 1,
        Home: 0,
        End: boxes.length - 1,
      }[event.key];
      const next = target === undefined ? undefined : boxes[target];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    });
  });
}

function detailOf(layer: LayerView): HTMLElement[] {
  const { weights, statistics } = layer;
  const words = element('p', {}, `${describeLayer(layer)}.`);
  if (weights.length === 0) return [words];
  const rest =
    statistics === 0 ? '' : ` Beside them ${formatCount(statistics)} running means and variances are kept.`;
  return [
    words,
    element(
      'div',
      { className: 'scroll-x' },
      simpleTable(
        `Weights of ${layer.name}`,
        [
          { label: 'Weights', title: 'Name of the tensor', numeric: false, cell: ({ name }) => name },
          {
            label: 'Shape',
            title: 'Rows × columns',
            numeric: true,
            cell: ({ rows, columns }) => `${formatCount(rows)} × ${formatCount(columns)}`,
          },
          {
            label: 'Parameters',
            title: 'How many numbers',
            numeric: true,
            cell: ({ rows, columns }) => formatCount(rows * columns),
          },
        ],
        weights,
      ),
    ),
    ...(rest === '' ? [] : [element('p', { className: 'chart-note' }, rest.trim())]),
  ];
}

const COLUMNS: readonly FigureColumn<LayerView>[] = [
  {
    label: 'Layer',
    title: 'Name',
    numeric: false,
    cell: ({ name }) => name,
    csv: { layer: ({ name }) => name },
  },
  {
    label: 'Operation',
    title: 'What it does',
    numeric: false,
    cell: operationText,
    csv: { operation: ({ operation }) => operation, detail: ({ detail }) => detail },
  },
  {
    label: 'Reads',
    title: 'Layers whose output it takes',
    numeric: false,
    cell: ({ inputs }) => inputs.join(', '),
    csv: { reads: ({ inputs }) => inputs.join(' ') },
  },
  {
    label: 'Output',
    title: 'Numbers for one event',
    numeric: true,
    cell: shapeText,
    csv: { output: shapeText },
  },
  {
    label: 'Parameters',
    title: 'Numbers that are learnt there',
    numeric: true,
    cell: ({ parameters }) => formatCount(parameters),
    csv: { parameters: ({ parameters }) => parameters, statistics: ({ statistics }) => statistics },
  },
];
