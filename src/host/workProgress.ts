import * as vscode from 'vscode';
import type { Log } from './log.js';
import { EventLoopDelay } from './training/eventLoopDelay.js';

/** Says what is going on; `percent` where it can be told. A bar never goes back. */
export type ShowProgress = (message: string, percent?: number) => void;

/**
 * Has work done under a notification with its progress and Cancel, which aborts the signal. How much the extension host was held
 * up meanwhile goes to the log. Failures: those of the work.
 */
export function withWorkProgress<T>(
  title: string,
  log: Log,
  work: (show: ShowProgress, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (progress, token) => {
      const cancellation = new AbortController();
      token.onCancellationRequested(() => cancellation.abort());
      let shown = 0;
      const show: ShowProgress = (message, percent) => {
        if (percent === undefined) {
          progress.report({ message });
          return;
        }
        progress.report({ message, increment: Math.max(0, percent - shown) });
        shown = Math.max(shown, percent);
      };
      const delay = new EventLoopDelay();
      delay.begin();
      return work(show, cancellation.signal).finally(() => {
        const measured = delay.end();
        if (measured === null) return;
        const { p99Ms, maxMs } = measured;
        log.info(
          `Meanwhile the extension host's event loop was delayed ${p99Ms.toFixed(1)} ms at the 99th percentile, ${maxMs.toFixed(1)} ms at most.`,
        );
      });
    },
  );
}
