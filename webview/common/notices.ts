import { element } from './dom.js';
import type { Signal } from './signal.js';

const noticeMs = 4000;
const errorMs = 10_000;

/** A short message that goes away by itself. */
export interface Notice {
  readonly text: string;
  readonly isError: boolean;
}

/** What a view's model has for what is said in passing. */
export interface NoticeSource {
  readonly notice: Signal<Notice | null>;
  /** Text for the live region of screen readers. */
  readonly announcement: Signal<string>;
}

/** Short messages in a corner, which go away by themselves, and the live region for screen readers. */
export function createNotices(model: NoticeSource): HTMLElement {
  const notice = element('div', { className: 'notice', attributes: { role: 'status' } });
  const live = element('div', { className: 'visually-hidden', attributes: { 'aria-live': 'polite' } });
  notice.hidden = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  model.notice.subscribe((value) => {
    clearTimeout(timer);
    notice.hidden = value === null;
    if (value === null) return;
    notice.textContent = value.text;
    notice.classList.toggle('error', value.isError);
    timer = setTimeout(() => model.notice.set(null), value.isError ? errorMs : noticeMs);
  });
  notice.addEventListener('click', () => model.notice.set(null));
  model.announcement.subscribe((text) => {
    live.textContent = text;
  });
  return element('div', { className: 'notices' }, notice, live);
}
