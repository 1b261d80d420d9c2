import type { EventStore } from '../../model/eventStore.js';
import type { Diagnostic } from '../../model/traceMetadata.js';

/** Remarks of one kind are counted, and only the first is told in full: damage tends to come in numbers. */
export class Remarks {
  readonly #kinds = new Map<string, { first: Diagnostic; count: number }>();

  add(kind: string, severity: Diagnostic['severity'], message: string): void {
    const known = this.#kinds.get(kind);
    if (known === undefined) this.#kinds.set(kind, { first: { severity, message }, count: 1 });
    else known.count += 1;
  }

  /** Hands them over. */
  tell(store: EventStore): void {
    for (const { first, count } of this.#kinds.values()) {
      const more = count === 1 ? '' : ` The same happened ${count - 1} more times.`;
      store.diagnostics.push({ ...first, message: first.message + more });
    }
    this.#kinds.clear();
  }
}
