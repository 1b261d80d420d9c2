import { RequestError, type Messenger } from '../../../src/protocol/messenger.js';
import type { TraceEvents, TraceRequests } from '../../../src/protocol/traceMessages.js';
import type { TraceModel } from './traceModel.js';

export type TraceMessenger = Messenger<TraceRequests, TraceEvents>;

/** Asks the host, and tells the user in passing when it refuses. */
export class TraceClient {
  readonly #messenger: TraceMessenger;
  readonly #model: TraceModel;

  constructor(messenger: TraceMessenger, model: TraceModel) {
    this.#messenger = messenger;
    this.#model = model;
  }

  request<K extends keyof TraceRequests>(
    method: K,
    params: TraceRequests[K]['params'],
  ): Promise<TraceRequests[K]['result']> {
    return this.#messenger.request(method, params);
  }

  /** Like `request`, but a refusal becomes a notice and `undefined`. */
  async ask<K extends keyof TraceRequests>(
    method: K,
    params: TraceRequests[K]['params'],
  ): Promise<TraceRequests[K]['result'] | undefined> {
    try {
      return await this.request(method, params);
    } catch (error) {
      this.report(error);
      return undefined;
    }
  }

  report(error: unknown): void {
    if (error instanceof RequestError && error.code === 'cancelled') return;
    this.#model.complain(error instanceof Error ? error.message : String(error));
  }
}
