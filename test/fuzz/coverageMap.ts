/**
 * Which branches were reached, and about how often: 1, 2, 3, 4–7, 8–15, 16–31, 32–127, more. An input is worth keeping
 * when it brings a pair of branch and frequency that none has brought before.
 */
const CLASSES = Uint8Array.from({ length: 256 }, (_, count) => {
  if (count < 4) return [0, 1, 2, 4][count]!;
  return 1 << Math.min(7, Math.floor(Math.log2(count)) + 1);
});

declare global {
  /** Made by the counters that are built in; absent where they are not. */
  var __coverage: Uint8Array | undefined;
}

export class CoverageMap {
  /** By branch, the frequencies seen, a bit each. */
  readonly seen: Uint8Array;

  constructor(seen?: Uint8Array) {
    this.seen = seen?.slice() ?? new Uint8Array(globalThis.__coverage?.length ?? 0);
  }

  get branches(): number {
    return this.seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }

  /** Begins to count for the next input. */
  begin(): void {
    globalThis.__coverage?.fill(0);
  }

  /** Takes over what the input reached; whether any of it is new. */
  add(): boolean {
    const counters = globalThis.__coverage;
    if (counters === undefined) return false;
    let isNew = false;
    // Eight at a time: most branches are not reached by one input.
    const eights = new Float64Array(counters.buffer);
    for (let eight = 0; eight < eights.length; eight += 1) {
      if (Object.is(eights[eight], 0)) continue;
      for (let at = eight * 8; at < eight * 8 + 8; at += 1) {
        const bits = CLASSES[counters[at]!]!;
        if ((bits & ~this.seen[at]!) === 0) continue;
        this.seen[at]! |= bits;
        isNew = true;
      }
    }
    return isNew;
  }
}
