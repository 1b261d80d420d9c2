/** More often nobody reads it. */
const INTERVAL_MS = 100;

/** Passes on at most ten values a second, the first at once; what `isNew` tells apart from the one before goes through, too. */
export function seldom<Values extends readonly unknown[]>(
  tell: (...values: Values) => void,
  isNew: (...values: Values) => boolean = () => false,
): (...values: Values) => void {
  let toldMs = -INTERVAL_MS;
  return (...values) => {
    const nowMs = performance.now();
    if (!isNew(...values) && nowMs - toldMs < INTERVAL_MS) return;
    toldMs = nowMs;
    tell(...values);
  };
}
