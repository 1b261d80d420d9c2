import type { CheckStatus, CheckView } from '../../../src/protocol/machineMessages.js';
import { iconButton } from '../../common/controls.js';
import { element, type Child } from '../../common/dom.js';
import { stateMark } from '../../common/stateMark.js';

const names: Readonly<Record<CheckStatus, string>> = {
  failed: 'failed',
  warning: 'warning',
  unknown: 'unknown',
  passed: 'passed',
};

/** All checks: first those that want attention, then what passed, each in the order in which the machine was asked. */
export function checklist(checks: readonly CheckView[], copy: (command: string) => void): HTMLElement {
  const open = (['failed', 'warning', 'unknown'] as const).flatMap((status) =>
    checks.filter((check) => check.status === status),
  );
  const passed = checks.filter(({ status }) => status === 'passed');
  return element(
    'div',
    { className: 'checklist' },
    open.length === 0 ? null : group('Wants attention', open, copy),
    passed.length === 0 ? null : group('Passed', passed, copy),
  );
}

function group(title: string, checks: readonly CheckView[], copy: (command: string) => void): HTMLElement {
  return element(
    'section',
    { attributes: { 'aria-label': title } },
    element('h2', {}, title),
    element('ul', {}, ...checks.map((check) => row(check, copy))),
  );
}

function row(check: CheckView, copy: (command: string) => void): HTMLElement {
  return element(
    'li',
    { className: `check ${check.status}`, attributes: { 'data-check': check.id } },
    stateMark(check.status),
    element(
      'div',
      { className: 'check-text' },
      element(
        'div',
        { className: 'check-title' },
        element('strong', {}, check.title),
        element('span', { className: 'check-status' }, names[check.status]),
      ),
      check.detail === '' ? null : element('div', { className: 'check-detail' }, check.detail),
      remedy(check, copy),
    ),
  );
}

/** Text in which `backticks` mark what is typed. */
function withCode(text: string): Child[] {
  return text.split('`').map((part, at) => (at % 2 === 0 ? part : element('code', {}, part)));
}

function remedy({ remedy: known, title }: CheckView, copy: (command: string) => void): HTMLElement | null {
  if (known === null) return null;
  const { text, command } = known;
  return element(
    'div',
    { className: 'check-remedy' },
    element('div', {}, ...withCode(text)),
    command === null
      ? null
      : element(
          'div',
          { className: 'check-command' },
          element('code', {}, command),
          iconButton('copy', `Copy the command: ${title}`, () => copy(command)),
        ),
  );
}
