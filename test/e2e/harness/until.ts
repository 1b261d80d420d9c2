/** Waiting for what the browser cannot tell by an event. */
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until the answer is neither undefined nor false.
 * @param what completes "Timed out waiting for …"
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  { timeoutMs = 30_000, intervalMs = 50 } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline)
      throw new Error(`Timed out waiting for ${what} (${timeoutMs / 1000} s).`);
    await wait(intervalMs);
  }
}
