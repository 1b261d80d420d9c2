import type { Port } from '../../src/protocol/messenger.js';

/** What VS Code hands to a webview's script; may be acquired only once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The webview's end towards the extension host: messages, and state that outlives hiding and reloads. */
export interface Host extends Port {
  readState(): unknown;
  writeState(state: object): void;
}

export function connectHost(): Host {
  const api = acquireVsCodeApi();
  return {
    post: (message) => api.postMessage(message),
    receive(listener) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data));
    },
    readState: () => api.getState(),
    writeState: (state) => api.setState(state),
  };
}
