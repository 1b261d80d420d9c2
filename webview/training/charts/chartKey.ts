import { toCss } from '../../common/colour.js';
import { element } from '../../common/dom.js';
import type { Line } from './lineChart.js';

const SVG = 'http://www.w3.org/2000/svg';
const MARKS = {
  circle: 'M14 2.500a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7Z',
  triangle: 'M14 2l4 7.500h-8Z',
  rect: 'M11 3h6v6h-6Z',
  rectRot: 'M14 1.500l4.500 4.500-4.500 4.500-4.500-4.500Z',
  star: 'M14 1v10M9 6h10M10.500 2.500l7 7M17.500 2.500l-7 7',
} as const;

/** An entry of a chart's key: the line as it is drawn, and what it is. */
export function keyEntry({ label, colour, dash = [], mark = 'circle', ...line }: Line): HTMLElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ viewBox: '0 0 28 12', width: '28', height: '12' })) {
    svg.setAttribute(name, value);
  }
  svg.setAttribute('aria-hidden', 'true');
  const css = toCss(colour);
  if (line.isMarkOnly !== true) {
    svg.append(path('M0 6h28', { stroke: css, 'stroke-width': '2', 'stroke-dasharray': dash.join(' ') }));
  }
  if (line.isUnmarked !== true) {
    const fill = mark === 'star' ? 'none' : css;
    svg.append(path(MARKS[mark], { stroke: css, 'stroke-width': mark === 'star' ? '2' : '0', fill }));
  }
  return element('li', {}, svg, label);
}

function path(outline: string, attributes: Readonly<Record<string, string>>): SVGPathElement {
  const created = document.createElementNS(SVG, 'path');
  created.setAttribute('d', outline);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  return created;
}
