/** Chance that can be repeated: the same seed gives the same numbers on every machine. */

/** A whole number in [0, below). */
export type RandomNumbers = (below: number) => number;

/** mulberry32. */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** One seed from several parts (FNV-1a over their text). */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of parts.join('\0')) {
    hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  }
  return hash | 0;
}

export function oneOf<T>(random: RandomNumbers, values: readonly T[]): T {
  return values[random(values.length)]!;
}
