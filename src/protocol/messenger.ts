import { messageOf } from '../base/errors.js';

/** A table of requests: name → what is sent, what comes back. */
type Requests<T> = { [K in keyof T]: { params: unknown; result: unknown } };

/** For an end that only answers. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- exactly that: a table without entries
export type NoRequests = {};

/** The wire format, the same between webview and host and between host and worker. */
export type Wire =
  | { readonly kind: 'request'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly code: string | null }
  | { readonly kind: 'event'; readonly name: string; readonly payload: unknown };

/** One end of a channel: a webview, a worker port. */
export interface Port {
  post(message: Wire): void;
  /** Registers the only receiver. */
  receive(listener: (message: unknown) => void): void;
}

/** The other end refused or failed. */
export class RequestError extends Error {
  constructor(
    message: string,
    readonly code: string | null,
  ) {
    super(message);
    this.name = 'RequestError';
  }
}

/** Whether something that arrived is a message of ours. What is not is dropped: the channel may be shared. */
export function isWire(value: unknown): value is Wire {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const message = value as Record<string, unknown>;
  switch (message['kind']) {
    case 'request':
      return Number.isSafeInteger(message['id']) && typeof message['method'] === 'string';
    case 'result':
      return Number.isSafeInteger(message['id']);
    case 'error':
      return Number.isSafeInteger(message['id']) && typeof message['message'] === 'string';
    case 'event':
      return typeof message['name'] === 'string';
    default:
      return false;
  }
}

type Handler = (params: unknown) => unknown;

/**
 * Requests and events over a port, typed by a table of requests that this end may send (`Out`) and events that it
 * may receive. Every request settles: with the answer, the other end's error, or, when this end closes, an error.
 */
export class Messenger<Out extends Requests<Out>, Events extends object> {
  readonly #port: Port;
  readonly #pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  readonly #handlers = new Map<string, Handler>();
  readonly #listeners = new Map<string, (payload: never) => void>();
  #nextId = 1;
  #closed = false;

  constructor(port: Port) {
    this.#port = port;
    port.receive((message) => {
      if (isWire(message)) this.#accept(message);
    });
  }

  request<K extends keyof Out & string>(method: K, params: Out[K]['params']): Promise<Out[K]['result']> {
    if (this.#closed) return Promise.reject(closedError());
    const id = this.#nextId++;
    return new Promise<Out[K]['result']>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#port.post({ kind: 'request', id, method, params });
    });
  }

  /** Answers requests of the other end. The handler gets what arrived, unchecked: validate it there. */
  handle(method: string, handler: Handler): void {
    this.#handlers.set(method, handler);
  }

  on<K extends keyof Events & string>(name: K, listener: (payload: Events[K]) => void): void {
    this.#listeners.set(name, listener);
  }

  send(name: string, payload: unknown): void {
    if (!this.#closed) this.#port.post({ kind: 'event', name, payload });
  }

  /** Rejects whatever is pending; later messages are ignored. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#pending.values()) reject(closedError());
    this.#pending.clear();
  }

  #accept(message: Wire): void {
    if (this.#closed) return;
    switch (message.kind) {
      case 'request':
        void this.#answer(message.id, message.method, message.params);
        return;
      case 'result':
        this.#settle(message.id)?.resolve(message.result as never);
        return;
      case 'error':
        this.#settle(message.id)?.reject(new RequestError(message.message, message.code));
        return;
      case 'event':
        this.#listeners.get(message.name)?.(message.payload as never);
        return;
    }
  }

  #settle(id: number) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    try {
      const handler = this.#handlers.get(method);
      if (handler === undefined) throw new RequestError(`There is no request "${method}".`, 'not-found');
      const result = await handler(params);
      if (!this.#closed) this.#port.post({ kind: 'result', id, result });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : null;
      if (!this.#closed) this.#port.post({ kind: 'error', id, message: messageOf(error), code });
    }
  }
}

function closedError(): RequestError {
  return new RequestError('The view was closed.', 'cancelled');
}
