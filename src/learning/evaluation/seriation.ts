import { knownClasses, type Confusion } from './confusion.js';

/** A cluster: its classes in the order in which they are to stand. */
type Members = readonly number[];

/**
 * An order of the classes in which those that are taken for each other stand side by side: average linkage on how often
 * they are confused, leaves turned so that what touches is most alike (Gruvaeus and Wainer, "Two additions to hierarchical
 * cluster analysis", 1972). Clusters that have nothing to do with each other follow by size; UNK and `OTHER` stay last.
 * Takes n² steps and 8 n² bytes by a chain of nearest neighbours (Murtagh, "A survey of recent advances in hierarchical
 * clustering algorithms", 1983), which gives the same tree as n³ ones, as average linkage is reducible.
 * @returns [n] places in `confusion.classes`, the first to stand first
 */
export function clusteredOrder(confusion: Confusion): Uint32Array {
  const known = knownClasses(confusion);
  const alike = similarities(confusion, known);
  const clusters = linked(alike, known);
  const sizeOf = (members: Members) => members.reduce((sum, place) => sum + confusion.support[place]!, 0);
  const ordered = clusters
    .map((members) => ({ members: heavyEndFirst(members, confusion.support), size: sizeOf(members) }))
    .sort((a, b) => b.size - a.size || a.members[0]! - b.members[0]!);
  const rest = Array.from({ length: confusion.classes.length - known }, (_, at) => known + at);
  return Uint32Array.from([...ordered.flatMap(({ members }) => members), ...rest]);
}

/** [n*n] mean of the shares in which a is taken for b and b for a: the matrix with rows of sum 1, made symmetric. */
function similarities({ target, guess, count, support }: Confusion, known: number): Float64Array {
  const alike = new Float64Array(known * known);
  for (const [cell, events] of count.entries()) {
    const [from, to] = [target[cell]!, guess[cell]!];
    if (from === to || from >= known || to >= known) continue;
    const share = events / support[from]! / 2;
    alike[from * known + to]! += share;
    alike[to * known + from]! += share;
  }
  return alike;
}

/** Clusters that have nothing in common, each ordered. */
function linked(leaves: Float64Array, known: number): Members[] {
  // Between clusters; a cluster lives on under the number of one of the two that it was made of.
  const alike = Float64Array.from(leaves);
  const clusters: (Members | null)[] = Array.from({ length: known }, (_, place) => [place]);
  const done: Members[] = [];
  const chain: number[] = [];
  for (let next = 0; ;) {
    if (chain.length === 0) {
      while (next < known && clusters[next] === null) next += 1;
      if (next === known) return done;
      chain.push(next);
    }
    const last = chain.at(-1)!;
    const before = chain.at(-2) ?? -1;
    const nearest = nearestOf(last, before, alike, clusters);
    if (nearest < 0) {
      // Alike to none that is left: nor is any before it in the chain, so it stands alone.
      done.push(clusters[last]!);
      clusters[last] = null;
      chain.pop();
    } else if (nearest === before) {
      chain.length -= 2;
      mergeInto(before, last, alike, clusters, leaves);
    } else {
      chain.push(nearest);
    }
  }
}

/** The cluster most alike to this one, −1 for none; of equals the one before it in the chain, so that the chain ends. */
function nearestOf(
  of: number,
  before: number,
  alike: Float64Array,
  clusters: readonly (Members | null)[],
): number {
  const known = clusters.length;
  const row = of * known;
  let [nearest, most] = before < 0 ? [-1, 0] : [before, alike[row + before]!];
  for (let other = 0; other < known; other += 1) {
    const similarity = alike[row + other]!;
    if (similarity > most && other !== of && clusters[other] !== null) [nearest, most] = [other, similarity];
  }
  return nearest;
}

/** Lance and Williams' update for average linkage, and the two orders put end to end. */
function mergeInto(
  kept: number,
  gone: number,
  alike: Float64Array,
  clusters: (Members | null)[],
  leaves: Float64Array,
): void {
  const known = clusters.length;
  const [a, b] = [clusters[kept]!, clusters[gone]!];
  const [shareOfA, shareOfB] = [a.length / (a.length + b.length), b.length / (a.length + b.length)];
  for (let other = 0; other < known; other += 1) {
    const mean = shareOfA * alike[kept * known + other]! + shareOfB * alike[gone * known + other]!;
    alike[kept * known + other] = mean;
    alike[other * known + kept] = mean;
  }
  clusters[kept] = joined(a, b, (one, two) => leaves[one * known + two]!);
  clusters[gone] = null;
}

/** Of the four ways to put two rows together the one whose touching ends are most alike. */
function joined(a: Members, b: Members, alike: (one: number, two: number) => number): Members {
  const ways = [
    { alike: alike(a.at(-1)!, b[0]!), turnsA: false, turnsB: false },
    { alike: alike(a.at(-1)!, b.at(-1)!), turnsA: false, turnsB: true },
    { alike: alike(a[0]!, b[0]!), turnsA: true, turnsB: false },
    { alike: alike(a[0]!, b.at(-1)!), turnsA: true, turnsB: true },
  ];
  const best = ways.reduce((most, way) => (way.alike > most.alike ? way : most));
  return [...(best.turnsA ? a.toReversed() : a), ...(best.turnsB ? b.toReversed() : b)];
}

function heavyEndFirst(members: Members, support: Uint32Array): Members {
  return support[members.at(-1)!]! > support[members[0]!]! ? members.toReversed() : members;
}
