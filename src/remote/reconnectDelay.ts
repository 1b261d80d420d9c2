/** Pauses between attempts to connect: exponential, cut off, and spread so that many machines do not come at once. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const USUAL_BACKOFF: Backoff = { firstMs: 1_000, maxMs: 60_000 };

/**
 * @param attempt how many failed so far
 * @param random from 0 up to 1
 * @returns half to all of firstMs times 2^attempt, at most maxMs
 */
export function reconnectDelayMs(attempt: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(fullMs * (0.5 + random() / 2));
}
