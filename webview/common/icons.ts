/** Outlines on a 16 × 16 grid, stroked in the colour of the text around them. */
const outlines = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.6 10.6 14 14',
  zoomIn: 'M8 3v10M3 8h10',
  zoomOut: 'M3 8h10',
  fit: 'M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3M5 8h6',
  help: 'M6 6a2 2 0 1 1 2.8 1.8C8.2 8.1 8 8.500 8 9.500M8 11.600v.4M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14Z',
  close: 'M4 4l8 8M12 4l-8 8',
  chevronRight: 'M6 4l4 4-4 4',
  chevronDown: 'M4 6l4 4 4-4',
  warning: 'M8 2 15 14H1ZM8 6.500v3.500M8 11.800v.2',
  info: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM8 7v5M8 4.500v.3',
  copy: 'M5 5V2h9v9h-3M2 5h9v9H2Z',
  rows: 'M2 3h12M2 6.300h12M2 9.700h12M2 13h12',
  export: 'M8 10V2M5 4.500 8 1.500l3 3M2 9v5h12V9',
  previous: 'M10 3 5 8l5 5M3 3v10',
  next: 'M6 3l5 5-5 5M13 3v10',
  passed: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM5 8.200l2.200 2.300 4-4.700',
  failed: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM5.500 5.500l5 5M10.500 5.500l-5 5',
  waiting: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14Z',
  running: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM6.500 5l4.500 3-4.500 3Z',
  dropped: 'M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14ZM3.200 12.800l9.600-9.600',
} as const;

export type IconName = keyof typeof outlines;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** A decorative icon, hidden from assistive technology: its control carries the name. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(svgNamespace, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', outlines[name]);
  svg.append(path);
  return svg;
}
