import { element } from './dom.js';

/** How far work has come: a share 0…1, null when nobody can tell, or that it is over. */
export type ProgressShare = number | null | 'done';

export interface ProgressBar {
  readonly element: HTMLElement;
  show(share: ProgressShare): void;
}

/**
 * A thin bar.
 * @param label what makes progress, for screen readers
 */
export function createProgressBar(label: string): ProgressBar {
  const fill = element('div', { className: 'progress-fill' });
  const bar = element(
    'div',
    {
      className: 'progress',
      attributes: {
        role: 'progressbar',
        'aria-label': label,
        'aria-valuemin': '0',
        'aria-valuemax': '100',
      },
    },
    fill,
  );
  return {
    element: bar,
    show(share) {
      const known = share === 'done' ? 1 : share;
      bar.classList.toggle('done', share === 'done');
      bar.classList.toggle('indeterminate', known === null);
      fill.style.transform = `scaleX(${known ?? 1})`;
      if (known === null) bar.removeAttribute('aria-valuenow');
      else bar.setAttribute('aria-valuenow', String(Math.round(known * 100)));
    },
  };
}
