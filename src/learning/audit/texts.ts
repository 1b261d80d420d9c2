/** Figures as evidence has them. */

/** `91.98 %`; four digits, so that small shares do not become 0. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}

export function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** `1 row`, `2 rows` */
export function counted(count: number, what: string, many = `${what}s`): string {
  return `${count} ${count === 1 ? what : many}`;
}

/** ns in a unit that suits: `1.393 ms`. */
export function duration(ns: number): string {
  const units = [
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
  ] as const;
  const unit = units.find(([, size]) => Math.abs(ns) >= size);
  return unit === undefined ? `${figure(ns)} ns` : `${figure(ns / unit[1])} ${unit[0]}`;
}

/** `a, b and c`; of many the first ones. */
export function list(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)!}`;
}
