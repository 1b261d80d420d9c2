import { describe, expect, it } from 'vitest';
import { assert, assertUnreachable } from '../../../src/base/assert.js';
import { throwIfCancelled } from '../../../src/base/cancellation.js';
import { DisposableStore, toDisposable } from '../../../src/base/disposable.js';
import { Failure, isFailure, messageOf } from '../../../src/base/errors.js';

describe('DisposableStore', () => {
  it('disposes last in, first out, each once, and what comes late at once', () => {
    const done: string[] = [];
    const store = new DisposableStore();
    const first = store.add(toDisposable(() => done.push('first')));
    store.add(toDisposable(() => done.push('second')));
    expect(store.isDisposed).toBe(false);
    store.dispose();
    store.dispose();
    first.dispose();
    expect(done).toEqual(['second', 'first']);
    store.add(toDisposable(() => done.push('late')));
    expect(done).toEqual(['second', 'first', 'late']);
    expect(store.isDisposed).toBe(true);
  });
});

describe('errors', () => {
  it('are told apart by code', () => {
    const failure = new Failure('bad-input', 'no', { cause: 1 });
    expect([isFailure(failure), isFailure(failure, 'bad-input'), isFailure(failure, 'cancelled')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isFailure(new Error('no'))).toBe(false);
    expect([messageOf(failure), messageOf('text'), failure.cause]).toEqual(['no', 'text', 1]);
  });

  it('are thrown by broken invariants and cancelled work', () => {
    expect(() => assertUnreachable('x' as never, 'letter')).toThrow('Unexpected letter: x');
    expect(() => assert(false, 'a < b')).toThrow('Broken invariant: a < b');
    assert(true, 'holds');
    const cancel = new AbortController();
    throwIfCancelled(cancel.signal);
    throwIfCancelled(undefined);
    cancel.abort();
    expect(() => throwIfCancelled(cancel.signal)).toThrow(Failure);
  });
});
