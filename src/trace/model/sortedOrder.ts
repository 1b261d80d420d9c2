/**
 * Row numbers in order of time, stable. Recordings are made of few ascending runs (one a CPU) or are nearly
 * sorted, so natural merge sort is the right one: O(n log runs), linear when sorted.
 */
export function sortedOrder(timeNs: Float64Array, length: number): Uint32Array {
  let from: Uint32Array = new Uint32Array(length);
  const starts: number[] = [];
  for (let i = 0; i < length; i += 1) {
    from[i] = i;
    if (i === 0 || timeNs[i]! < timeNs[i - 1]!) starts.push(i);
  }
  let to: Uint32Array = new Uint32Array(length);
  let runs = starts;
  while (runs.length > 1) {
    const next: number[] = [];
    for (let r = 0; r < runs.length; r += 2) {
      const start = runs[r]!;
      const middle = runs[r + 1] ?? length;
      const end = runs[r + 2] ?? length;
      mergeRuns(timeNs, from, to, start, middle, end);
      next.push(start);
    }
    [from, to] = [to, from];
    runs = next;
  }
  return from;
}

function mergeRuns(
  timeNs: Float64Array,
  from: Uint32Array,
  to: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at += 1) {
    const takeLeft = left < middle && (right >= end || timeNs[from[left]!]! <= timeNs[from[right]!]!);
    if (takeLeft) to[at] = from[left++]!;
    else to[at] = from[right++]!;
  }
}
