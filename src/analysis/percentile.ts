/**
 * Percentiles by nearest rank: the smallest value such that at least `percent` % of all values are not larger,
 * so always a value that occurred. With n values in order that is number ceil(percent / 100 · n), 1-based.
 */
export function nearestRank(count: number, percent: number): number {
  return Math.max(1, Math.ceil((percent / 100) * count)) - 1;
}

/**
 * The value that would stand at index `rank` if `values[0 … length)` were in order. Reorders them (Hoare's
 * quickselect with the median of three): linear on average.
 */
export function selectRank(values: Float64Array, length: number, rank: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >>> 1]!, values[high]!);
    let left = low;
    let right = high;
    while (left <= right) {
      while (values[left]! < pivot) left += 1;
      while (values[right]! > pivot) right -= 1;
      if (left > right) break;
      const swapped = values[left]!;
      values[left] = values[right]!;
      values[right] = swapped;
      left += 1;
      right -= 1;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else return values[rank]!;
  }
  return values[rank]!;
}

function medianOfThree(a: number, b: number, c: number): number {
  if (a < b) {
    if (b < c) return b;
    return a < c ? c : a;
  }
  if (a < c) return a;
  return b < c ? c : b;
}
