/** What happened to one kind of migrations, by the CPU that the tasks go to: places on the timeline, found by binary search. */
export class MarkList {
  /** All of the kind in order of time: number of the item → time and CPU. */
  readonly timeNs: Float64Array;
  readonly cpu: Uint16Array;
  readonly #byCpu = new Map<number, { readonly timeNs: Float64Array; readonly item: Uint32Array }>();

  /** Times must ascend. */
  constructor(timeNs: Float64Array, cpu: Uint16Array) {
    this.timeNs = timeNs;
    this.cpu = cpu;
    const counts = new Map<number, number>();
    for (const each of cpu) counts.set(each, (counts.get(each) ?? 0) + 1);
    const filled = new Map<number, number>();
    for (const [each, count] of counts) {
      this.#byCpu.set(each, { timeNs: new Float64Array(count), item: new Uint32Array(count) });
    }
    for (let item = 0; item < cpu.length; item += 1) {
      const list = this.#byCpu.get(cpu[item]!)!;
      const at = filled.get(cpu[item]!) ?? 0;
      list.timeNs[at] = timeNs[item]!;
      list.item[at] = item;
      filled.set(cpu[item]!, at + 1);
    }
  }

  get length(): number {
    return this.timeNs.length;
  }

  /**
   * Calls back for each column of a range that has marks on a CPU's lane. The cost is that of the columns, not of what lies in
   * them. Columns begin at multiples of their width, so that marks stay together while the range moves.
   */
  forEachColumn(
    cpu: number,
    range: { readonly startNs: number; readonly endNs: number },
    columnNs: number,
    visit: (startNs: number, endNs: number, count: number, item: number) => void,
  ): void {
    const list = this.#byCpu.get(cpu);
    if (list === undefined || !(columnNs > 0)) return;
    const { timeNs, item } = list;
    let first = firstAtOrAfter(timeNs, range.startNs);
    while (first < timeNs.length && timeNs[first]! < range.endNs) {
      const columnEnd = (Math.floor(timeNs[first]! / columnNs) + 1) * columnNs;
      const next = Math.max(first + 1, firstAtOrAfter(timeNs, Math.min(columnEnd, range.endNs), first));
      visit(timeNs[first]!, timeNs[next - 1]!, next - first, item[first]!);
      first = next;
    }
  }

  /** The item after or before another; without one, the nearest after or before a time. −1: there is none. */
  step(fromNs: number, item: number | null, direction: 1 | -1): number {
    const first = firstAtOrAfter(this.timeNs, fromNs);
    const from = item ?? (direction === 1 ? first - 1 : first);
    const found = from + direction;
    return found >= 0 && found < this.length ? found : -1;
  }
}

/** Index of the first time at or after another, from `low` on. */
export function firstAtOrAfter(timeNs: Float64Array, atNs: number, low = 0): number {
  // In wide steps at first: what is looked for is near as a rule.
  let step = 8;
  let from = low;
  while (from + step < timeNs.length && timeNs[from + step]! < atNs) {
    from += step;
    step *= 2;
  }
  let to = Math.min(timeNs.length, from + step + 1);
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (timeNs[middle]! < atNs) from = middle + 1;
    else to = middle;
  }
  return from;
}
