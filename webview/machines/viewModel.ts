import { RequestError } from '../../src/protocol/messenger.js';
import type { Notice } from '../common/notices.js';
import { Signal } from '../common/signal.js';

/** What the parts of a view share: the state that the extension sent last, and what is said in passing. */
export class ViewModel<View> {
  readonly view = new Signal<View | null>(null);
  readonly notice = new Signal<Notice | null>(null);
  readonly announcement = new Signal<string>('');

  /** Takes what the extension sent; `read` gives null for what is none of ours. */
  accept(payload: unknown, read: (value: unknown) => View | null): void {
    const view = read(payload);
    if (view === null) this.complain('The extension sent a message that this view does not understand.');
    else this.view.set(view);
  }

  complain(text: string): void {
    this.notice.set({ text, isError: true });
  }

  /** Tells the user when the extension refuses. */
  async attempt(request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (error instanceof RequestError && error.code === 'cancelled') return;
      this.complain(error instanceof Error ? error.message : String(error));
    }
  }
}
