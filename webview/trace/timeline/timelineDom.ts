import { element } from '../../common/dom.js';

/** The elements of the timeline. */
export function createTimelineDom(corner: HTMLElement, minimap: HTMLElement, gutter: HTMLElement) {
  const ruler = element('canvas', {
    className: 'ruler',
    title: 'Drag to select a range',
    attributes: {
      role: 'img',
      'aria-label': 'Time ruler. Drag to select a range, or press M to select what is on screen.',
    },
  });
  const canvas = element('canvas', { className: 'lanes-canvas', attributes: { 'aria-hidden': 'true' } });
  const crosshair = element('div', { className: 'crosshair', attributes: { 'aria-hidden': 'true' } });
  const hover = element('div', { className: 'hover-outline', attributes: { 'aria-hidden': 'true' } });
  const area = element(
    'div',
    {
      className: 'lanes',
      attributes: {
        role: 'application',
        tabindex: '0',
        'aria-label':
          'Timeline: one lane a CPU and one a thread. W and S zoom, A and D move, slash finds a task, N and P step through its slices, question mark shows all keys. The same facts are in the tables below.',
      },
    },
    canvas,
    hover,
    crosshair,
  );
  crosshair.hidden = true;
  hover.hidden = true;
  const sticky = element('div', { className: 'timeline-sticky' }, gutter, area);
  const spacer = element('div', { className: 'timeline-spacer', attributes: { 'aria-hidden': 'true' } });
  const scroller = element(
    'div',
    { className: 'timeline-scroll', attributes: { tabindex: '-1' } },
    sticky,
    spacer,
  );
  const head = element(
    'div',
    { className: 'timeline-head' },
    element('div', { className: 'timeline-corner' }, corner),
    element('div', { className: 'timeline-times' }, minimap, ruler),
  );
  const root = element(
    'section',
    { className: 'timeline', attributes: { 'aria-label': 'Timeline' } },
    head,
    scroller,
  );
  return { root, head, ruler, scroller, sticky, spacer, area, canvas, crosshair, hover };
}

export type TimelineDom = ReturnType<typeof createTimelineDom>;
