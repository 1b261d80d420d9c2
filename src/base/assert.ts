/** Marks code that the type system proves unreachable; throws when data from outside got there all the same. */
export function assertUnreachable(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${String(value)}`);
}

/** Throws when an invariant of our own does not hold: a defect of the program, never a fault of the input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${invariant}`);
}
