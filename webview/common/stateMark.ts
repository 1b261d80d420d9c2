import { element } from './dom.js';
import { icon, type IconName } from './icons.js';

/** States of checks, runs and machines, each with a shape of its own. */
export type Mark = 'passed' | 'warning' | 'failed' | 'unknown' | 'waiting' | 'running' | 'dropped';

const shapes: Readonly<Record<Mark, IconName>> = {
  passed: 'passed',
  warning: 'warning',
  failed: 'failed',
  unknown: 'help',
  waiting: 'waiting',
  running: 'running',
  dropped: 'dropped',
};

/** An icon for a state; what it means stands beside it or is its accessible name. */
export function stateMark(mark: Mark, label: string | null = null): HTMLElement {
  const attributes: Record<string, string> = label === null ? {} : { role: 'img', 'aria-label': label };
  return element('span', { className: `state-mark ${mark}`, attributes }, icon(shapes[mark]));
}
