import type { LayerView } from '../../../src/protocol/modelPanelMessages.js';
import { mix, toCss } from '../../common/colour.js';
import type { Theme } from '../../common/theme.js';
import { BOX, layerLayout, type LayerBox, type LayerEdge } from './layerLayout.js';
import { describeLayer, operationText, parametersText, shapeText } from './layerWords.js';

const SVG = 'http://www.w3.org/2000/svg';
/** Characters that fit into a box. */
const NAME_CHARACTERS = 28;
const LINE_CHARACTERS = 38;

/**
 * The graph of a model as SVG whose colours are attributes, so that it looks the same when it is saved. Boxes are a list for screen
 * readers; arrow keys go from one to the next.
 */
export function drawLayers(layers: readonly LayerView[], theme: Theme): SVGSVGElement {
  const { boxes, edges, width, height } = layerLayout(layers);
  const svg = svgElement('svg', {
    viewBox: `0 0 ${width} ${height}`,
    width: String(width),
    height: String(height),
    role: 'list',
    'aria-label': `Layers of the model, ${layers.length}, from input to output`,
    'font-family': theme.fontFamily,
  });
  svg.append(...edges.map((edge) => drawEdge(edge, theme)), ...boxes.map((box) => drawBox(box, theme)));
  return svg;
}

function drawEdge({ points, isAround }: LayerEdge, theme: Theme): SVGElement {
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const colour = toCss(isAround ? theme.purple : theme.muted);
  const [last, before] = [points.at(-1)!, points.at(-2)!];
  const group = svgElement('g', { 'aria-hidden': 'true' });
  group.append(
    svgElement('path', {
      d: path,
      fill: 'none',
      stroke: colour,
      'stroke-width': '1.5',
      'stroke-linejoin': 'round',
      ...(isAround ? { 'stroke-dasharray': '6 3' } : {}),
    }),
    svgElement('path', { d: arrowHead(last, before), fill: colour }),
  );
  return group;
}

/** Points the way that the last stretch goes. */
function arrowHead(
  tip: { readonly x: number; readonly y: number },
  from: { readonly x: number; readonly y: number },
): string {
  const size = 5;
  if (tip.y === from.y) {
    const back = tip.x + Math.sign(from.x - tip.x) * size * 1.4;
    return `M${tip.x} ${tip.y}L${back} ${tip.y - size}L${back} ${tip.y + size}Z`;
  }
  const back = tip.y + Math.sign(from.y - tip.y) * size * 1.4;
  return `M${tip.x} ${tip.y}L${tip.x - size} ${back}L${tip.x + size} ${back}Z`;
}

function drawBox({ layer, x, y }: LayerBox, theme: Theme): SVGElement {
  const isLearnt = layer.parameters > 0;
  const group = svgElement('g', {
    class: 'layer',
    role: 'listitem',
    tabindex: '-1',
    'aria-label': describeLayer(layer),
    'data-layer': layer.name,
  });
  group.append(
    svgElement('rect', {
      x: String(x),
      y: String(y),
      width: String(BOX.width),
      height: String(BOX.height),
      rx: isLearnt ? '4' : '14',
      fill: toCss(theme.highContrast ? theme.background : mix(theme.background, theme.foreground, 0.06)),
      stroke: toCss(isLearnt ? theme.blue : theme.muted),
      'stroke-width': isLearnt ? '2' : '1',
    }),
    textAt(x + 10, y + 18, cut(layer.name, NAME_CHARACTERS), {
      fill: toCss(theme.foreground),
      'font-size': '12',
      'font-weight': '600',
    }),
    textAt(x + BOX.width - 10, y + 18, `→ ${shapeText(layer)}`, {
      fill: toCss(theme.foreground),
      'font-size': '11',
      'text-anchor': 'end',
    }),
    textAt(x + 10, y + 35, cut(secondLine(layer), LINE_CHARACTERS), {
      fill: toCss(theme.muted),
      'font-size': '11',
    }),
    titleOf(describeLayer(layer)),
  );
  return group;
}

/** What is learnt first: the operation is cut where both do not fit. */
function secondLine(layer: LayerView): string {
  const { parameters, detail } = layer;
  return parameters === 0
    ? operationText(layer)
    : `${parametersText(layer)}, ${detail ?? operationText(layer)}`;
}

function titleOf(text: string): SVGElement {
  const title = svgElement('title', {});
  title.textContent = text;
  return title;
}

function textAt(
  x: number,
  y: number,
  text: string,
  attributes: Readonly<Record<string, string>>,
): SVGElement {
  const created = svgElement('text', { x: String(x), y: String(y), ...attributes });
  created.textContent = text;
  return created;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
): SVGElementTagNameMap[K] {
  const created = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  return created;
}

/** The drawing as a picture of twice its size; screens are mostly sharper than 96 dots an inch. */
export async function pictureOf(svg: SVGSVGElement): Promise<HTMLCanvasElement> {
  const scale = 2;
  const text = new XMLSerializer().serializeToString(svg);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = Number(svg.getAttribute('width')) * scale;
  canvas.height = Number(svg.getAttribute('height')) * scale;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
