import * as v from 'valibot';
import type { Disposable } from '../../base/disposable.js';
import type { ParamsOf } from '../../protocol/inspectionSchemas.js';
import type { Log } from '../log.js';
import type { ViewName } from '../viewPage.js';

/** A table of requests: name → what is sent, what comes back. */
type Requests<T> = { [K in keyof T]: { params: unknown; result: unknown } };

/** Answers to the requests of a view, by their names. They get what arrived, unchecked. */
export type PanelAnswers = ReadonlyMap<string, (params: unknown) => unknown>;

/** What an open panel is given. */
export interface PanelContext {
  /** Runs that it is about, absolute; at least one. */
  readonly folders: readonly string[];
  /** What it is to show first; `undefined` when nothing was said, or when the editor restored it. */
  readonly aim: unknown;
  /** Tells the view something; a hidden one hears nothing, and asks for the state when it is shown again. */
  send(name: string, payload: unknown): void;
  readonly log: Log;
}

/** A panel that is open; disposed with it. */
export interface OpenPanel extends Disposable {
  readonly answers: PanelAnswers;
  /** The files of one of its runs changed: what was read of them is old. The view is told after that. */
  changed?(): void;
  /** It was asked for again, with something to show. */
  aim?(aim: unknown): void;
}

/** One kind of inspection panel. */
export interface PanelKind {
  /** One of `PANELS`. */
  readonly id: string;
  readonly view: ViewName;
  title(folders: readonly string[]): string;
  open(context: PanelContext): OpenPanel;
}

/**
 * The answers of a table of requests, with parameters that are checked before a function sees them.
 * An answer that fails rejects the request: its message is shown to the user.
 */
export function answersOf<R extends Requests<R>>(
  schemas: ParamsOf<R>,
  functions: {
    readonly [K in keyof R]: (params: R[K]['params']) => R[K]['result'] | Promise<R[K]['result']>;
  },
): PanelAnswers {
  const methods = Object.keys(schemas) as (keyof R & string)[];
  return new Map(
    methods.map((method) => [
      method,
      (params: unknown) => {
        const parsed = v.safeParse(schemas[method], params);
        if (parsed.success) return functions[method](parsed.output);
        const [issue] = parsed.issues;
        throw new Error(
          `The request "${method}" is malformed at ${v.getDotPath(issue) ?? 'its top'}: ${issue.message}`,
        );
      },
    ]),
  );
}
