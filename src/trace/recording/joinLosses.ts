import type { EventStore } from '../model/eventStore.js';

/**
 * A loss before the first event that its file has of the CPU, or behind the last one, has its other neighbour in
 * another file of the recording, where that holds events of the same CPU. The rows must be in order of time.
 */
export function joinLosses(store: EventStore): void {
  const found = new Map<string, number | undefined>();
  const neighbour = (cpu: number, fromNs: number, direction: 1 | -1): number | undefined => {
    const key = `${cpu} ${fromNs} ${direction}`;
    // Many losses may stand at the same place; the rows are looked through once for all of them.
    if (!found.has(key)) found.set(key, nearestOf(store, cpu, fromNs, direction));
    return found.get(key);
  };
  store.losses.forEach((loss, at) => {
    const { cpu, afterNs, beforeNs } = loss;
    if (afterNs === undefined && beforeNs !== undefined) {
      store.losses[at] = { ...loss, afterNs: neighbour(cpu, beforeNs, -1) };
    } else if (afterNs !== undefined && beforeNs === undefined) {
      store.losses[at] = { ...loss, beforeNs: neighbour(cpu, afterNs, 1) };
    }
  });
}

/** Time of the CPU's nearest row before (-1) or after (1) a time. */
function nearestOf(store: EventStore, cpu: number, fromNs: number, direction: 1 | -1): number | undefined {
  let row = store.firstRowAtOrAfter(fromNs);
  if (direction === -1) row -= 1;
  while (row >= 0 && row < store.length) {
    if (store.cpu[row] === cpu && store.timeNs[row] !== fromNs) return store.timeNs[row]!;
    row += direction;
  }
  return undefined;
}
